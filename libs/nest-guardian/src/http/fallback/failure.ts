import { isAuthError, type AuthError } from '../../core/auth-error.js';

/** The codes that are known without being declared, and their statuses. Any other code is a 500 until a clause takes it. */
export const failureStatuses = {
  unauthenticated: 401,
  invalid_credentials: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  validation: 422,
  locked: 423,
  rate_limited: 429,
  unknown: 500,
} as const;

export type FailureCode = keyof typeof failureStatuses;

const brand: unique symbol = Symbol.for('nest-guardian.Failure');

/**
 * A failure that a handler returns or throws. Recognised by its brand, never by its class, so two copies of
 * this package agree. The brand is a symbol in an ordinary property: no JSON can forge it, and it survives
 * a spread and a serializing interceptor.
 */
export interface Failure<C extends string = string> {
  readonly kind: typeof brand;
  readonly code: C;
  readonly status: number;
  /** What the client may read: a sentence, or further members of the body. */
  readonly details?: FailureDetails;
}

export type FailureDetails = string | Readonly<Record<string, unknown>>;

/**
 * Declares failures of your own with their statuses and returns a `fail` that knows only these.
 *
 * @example const failStock = defineFailures({ out_of_stock: 409 }); failStock('out_of_stock');
 */
export const defineFailures =
  <C extends string>(statuses: Readonly<Record<C, number>>) =>
  <K extends C>(code: K, details?: FailureDetails): Failure<K> =>
    Object.freeze({
      kind: brand,
      code,
      status: Object.hasOwn(statuses, code) ? statuses[code] : failureStatuses.unknown,
      ...(details !== undefined && { details }),
    });

/**
 * Says that the handler did not do what it was asked: `return fail('not_found')`. Details are for the client.
 * A code that is neither built in nor taken by a clause becomes a 500 that shows only its id.
 */
export const fail = Object.assign(defineFailures<FailureCode | (string & {})>(failureStatuses), {
  /** What is wrong, by field: `fail.validation({ email: ['is taken'] })`. */
  validation: (errors: Readonly<Record<string, readonly string[]>>): Failure<'validation'> =>
    defineFailures(failureStatuses)('validation', { errors }),
});

/** Answers the question; a value that is hostile enough to throw when looked at gives the other answer. */
export function attempt<T>(question: () => T, otherwise: T): T {
  try {
    return question();
  } catch {
    // A revoked proxy or a throwing getter is a value of the application, and looking at it must not fail.
    return otherwise;
  }
}

export const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' &&
  value !== null &&
  attempt(() => Object.hasOwn(value, 'kind') && (value as Failure).kind === brand, false);

/** What this package takes without being asked to take everything: its own failures, no other error. */
export const isOurFailure = (value: unknown): value is Failure | AuthError =>
  isFailure(value) || attempt(() => isAuthError(value), false);

/** Stands in `@Catch()` for what has no class: whatever `isOurFailure` recognises is an instance of it. */
export abstract class OurFailure {
  static [Symbol.hasInstance](value: unknown): boolean {
    return isOurFailure(value);
  }
}
