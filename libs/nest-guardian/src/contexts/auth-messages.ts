import { applyDecorators, type Type, UseFilters, UseGuards } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { TotalFallbackFilter } from './fallback.filter.js';
import { hearHandlers, type Hearing } from './heard.js';
import { isWritable } from './writable.js';

/** Whether a method takes messages or events of microservices; their package, which writes this, is optional. */
export const takesMessages = (method: object): boolean =>
  Reflect.hasMetadata('microservices:handler_type', method);

/** Guard and fallback on a class of message handlers, where neither is global. */
export const bindMessages = <T>(hearing: Hearing<T>): ClassDecorator =>
  applyDecorators(UseGuards(AccessGuard), UseFilters(TotalFallbackFilter), ((type: Type<T>) =>
    hearHandlers(type, hearing)) as ClassDecorator) as ClassDecorator;

/**
 * Binds guard and fallback to a controller of messages, where Nest applies no global ones: in a microservice that is
 * connected without `inheritAppConfig: true`. Bound here the fallback takes every error, since none of Nest's own
 * would tell the caller a code, and hears failures that handlers return; what an interceptor makes of a result is not
 * looked at. On top of the global ones it does no harm.
 */
export const AuthMessages = (): ClassDecorator =>
  bindMessages({ isHandler: takesMessages, canSend: isWritable });
