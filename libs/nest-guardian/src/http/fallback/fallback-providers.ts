import type { Provider } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { FallbackFilter, TotalFallbackFilter } from './fallback.filter.js';
import { FallbackInterceptor } from './fallback.interceptor.js';
import { FALLBACK_OPTIONS, type FallbackOptions } from './fallback-options.js';

/** Filter and interceptor for the whole application. */
export const fallbackProviders = (options: FallbackOptions = {}): Provider[] => [
  { provide: FALLBACK_OPTIONS, useValue: options },
  { provide: FallbackFilter, useClass: options.everything ? TotalFallbackFilter : FallbackFilter },
  FallbackInterceptor,
  { provide: APP_FILTER, useExisting: FallbackFilter },
  { provide: APP_INTERCEPTOR, useExisting: FallbackInterceptor },
];
