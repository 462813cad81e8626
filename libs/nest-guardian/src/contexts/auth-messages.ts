import { applyDecorators, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { TotalFallbackFilter } from './fallback.filter.js';
import { FallbackInterceptor } from './fallback.interceptor.js';

/**
 * Binds guard and fallback to a controller of messages, where Nest applies no global ones: in a microservice that is
 * connected without `inheritAppConfig: true`. Bound here the fallback takes every error, since none of Nest's own
 * would tell the caller a code. On top of the global ones it does no harm.
 */
export const AuthMessages = (): ClassDecorator =>
  applyDecorators(
    UseGuards(AccessGuard),
    UseInterceptors(FallbackInterceptor),
    UseFilters(TotalFallbackFilter),
  ) as ClassDecorator;
