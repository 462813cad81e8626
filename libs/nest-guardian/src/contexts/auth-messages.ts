import { type Type, UseFilters, UseGuards } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { AccessGuard } from './access.guard.js';
import { TotalFallbackFilter } from './fallback.filter.js';
import { FallbackInterceptor } from './fallback.interceptor.js';
import { hearHandlers, type Hearing, isIntercepted } from './heard.js';
import { isWritable } from './writable.js';

/** Whether a method takes messages or events of microservices; their package, which writes this, is optional. */
export const takesMessages = (method: object): boolean =>
  Reflect.hasMetadata('microservices:handler_type', method);

const interceptorsOf = (type: Type): readonly unknown[] =>
  Reflect.getMetadata(INTERCEPTORS_METADATA, type) ?? [];

/** Binds guard and fallback to a class of message handlers. */
export function bindMessages<T>(type: Type<T>, hearing: Hearing<T>): void {
  UseGuards(AccessGuard)(type);
  UseFilters(TotalFallbackFilter)(type);
  // What interceptors make of results is heard by one of ours before them; they cost already what it costs.
  if (isIntercepted(type))
    Reflect.defineMetadata(INTERCEPTORS_METADATA, [FallbackInterceptor, ...interceptorsOf(type)], type);
  hearHandlers(type, hearing);
}

const messages: Hearing<object> = { isHandler: takesMessages, canSend: isWritable };

/**
 * Binds guard and fallback to a controller of messages, where Nest applies no global ones: in a microservice that is
 * connected without `inheritAppConfig: true`. Bound here the fallback takes every error, since none of Nest's own
 * would tell the caller a code, and hears failures that handlers return, and interceptors below it. On top of the global ones it does no harm.
 */
export const AuthMessages = (): ClassDecorator => (type) =>
  bindMessages(type as unknown as Type<object>, messages);
