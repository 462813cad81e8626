import { Injectable } from '@nestjs/common';
import { type ApplicationConfig, ExternalContextCreator } from '@nestjs/core';
import { FallbackInterceptor } from './fallback.interceptor.js';

/** Nest gives it to nobody; the application's own `useGlobalInterceptors` adds to the same one. */
const configOf = (creator: ExternalContextCreator): ApplicationConfig =>
  (creator as unknown as { readonly container: { readonly applicationConfig: ApplicationConfig } }).container
    .applicationConfig;

/**
 * Makes the fallback's interceptor global when it is asked to. Nest looks for global ones whenever it binds handlers: those
 * of microservices that are connected, then gateways; then it asks modules for middleware, and binds routes, then
 * resolvers. So whoever asks late spares messages that are heard already (`hearHandlers`) what any interceptor costs.
 */
@Injectable()
export class GlobalInterceptor {
  #isBound = false;

  constructor(
    private readonly creator: ExternalContextCreator,
    private readonly interceptor: FallbackInterceptor,
  ) {}

  /** As the first, so that it hears what the others return. Later calls do nothing. */
  bind(): void {
    if (!this.#isBound) configOf(this.creator).getGlobalInterceptors().unshift(this.interceptor);
    this.#isBound = true;
  }
}
