import { applyDecorators, UseFilters, UseGuards, UseInterceptors } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { TotalFallbackFilter } from './fallback.filter.js';
import { FallbackInterceptor } from './fallback.interceptor.js';

/**
 * Binds guard and fallback to a gateway, to which Nest applies no global ones. Bound here the fallback takes every
 * error, since none of Nest's own would tell the client a code.
 */
export const AuthGateway = (): ClassDecorator =>
  applyDecorators(
    UseGuards(AccessGuard),
    UseInterceptors(FallbackInterceptor),
    UseFilters(TotalFallbackFilter),
  ) as ClassDecorator;
