import type { Provider } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { FALLBACK_OPTIONS, type FallbackOptions } from '../http/fallback/fallback-options.js';
import { FallbackFilter, TotalFallbackFilter } from './fallback.filter.js';
import { FallbackInterceptor } from './fallback.interceptor.js';
import { GlobalInterceptor } from './global-interceptor.js';

/** Filter and interceptor, to be bound by classes that ask for them. */
export const fallbackParts = (options: FallbackOptions = {}): Provider[] => [
  { provide: FALLBACK_OPTIONS, useValue: options },
  { provide: FallbackFilter, useClass: options.everything ? TotalFallbackFilter : FallbackFilter },
  FallbackInterceptor,
];

/** Filter and interceptor for the whole application, whose root has to `bind` the `GlobalInterceptor`. */
export const fallbackProviders = (options: FallbackOptions = {}): Provider[] => [
  ...fallbackParts(options),
  { provide: APP_FILTER, useExisting: FallbackFilter },
  GlobalInterceptor,
];
