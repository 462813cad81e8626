import { Injectable } from '@nestjs/common';
import { type ApplicationConfig, ExternalContextCreator, HttpAdapterHost } from '@nestjs/core';
import { FallbackInterceptor } from './fallback.interceptor.js';

/** Nest gives it to nobody; the application's own `useGlobalInterceptors` adds to the same one. */
const configOf = (creator: ExternalContextCreator): ApplicationConfig =>
  (creator as unknown as { readonly container: { readonly applicationConfig: ApplicationConfig } }).container
    .applicationConfig;

/**
 * Makes the fallback's interceptor global for routes and resolvers, not for gateways, which hear failures without it:
 * to call any interceptor costs Nest more than guard and handler of a message do. Nest looks for global ones whenever it
 * binds a handler; it binds gateways first, then asks modules for middleware, then binds routes, then resolvers.
 */
@Injectable()
export class GlobalInterceptor {
  #isBound = false;

  constructor(
    private readonly creator: ExternalContextCreator,
    private readonly interceptor: FallbackInterceptor,
    { httpAdapter }: HttpAdapterHost,
  ) {
    // Microservices by themselves have no routes, and nobody asks for middleware.
    if (!httpAdapter) this.bind();
  }

  /** To be called when modules are asked for middleware. Later calls do nothing. */
  bind(): void {
    if (this.#isBound) return;
    this.#isBound = true;
    configOf(this.creator).addGlobalInterceptor(this.interceptor);
  }
}
