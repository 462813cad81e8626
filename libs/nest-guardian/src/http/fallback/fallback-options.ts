import type { Type } from '@nestjs/common';
import type { Dialect } from './dialects.js';

export const FALLBACK_OPTIONS = Symbol.for('nest-guardian.FALLBACK_OPTIONS');

export interface FallbackOptions {
  /**
   * Also takes what is not ours: `HttpException`, errors of parsers and pipes, returned `Error` objects, and
   * every unknown throw, which becomes a 500 that shows only an id.
   * @default false
   */
  readonly everything?: boolean;
  /**
   * How a failure is written.
   * @default 'problem', or 'phoenix' under the preset
   */
  readonly dialect?: Dialect;
  /** Phoenix's habits: `unauthorized` is a 403, a returned `null` a 401, and the dialect is `phoenix`. */
  readonly preset?: 'phoenix';
  /** Clause classes for the whole application, asked after those of the method and of the class. */
  readonly clauses?: readonly Type[];
  /**
   * Whether cookies that the handler set before it failed are sent all the same. Those set before the
   * handler ran (by middleware, by a guard) always are.
   * @default false
   */
  readonly keepCookies?: boolean;
}
