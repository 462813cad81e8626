import type { Condition } from './condition.js';

/** Where a person's browser is sent with a no, which is otherwise the answer itself. */
export interface SentOn {
  readonly location: string;
  readonly status: 302 | 303;
  /** Whether the no stands beside it in the answer, for programs that do not follow. */
  readonly isToldTwice?: true;
}

const brand = Symbol.for('nest-guardian.AuthError');

export interface AuthErrorExtras {
  /** Fills a message that carries a value. */
  readonly value?: string;
  /** Further members of the body, spelt as on the wire, e.g. `{ weak_password: { reasons } }`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the log only; never leaves the server. */
  readonly cause?: unknown;
  /** Left out, the no is the answer itself. */
  readonly sentOn?: SentOn;
}

/**
 * A condition on its way out. Carries no secret: code, message and members are what the client will read,
 * `cause` is for the log.
 */
export class AuthError extends Error {
  readonly code: string;
  readonly status: number;
  readonly applicationStatus: number;
  readonly members: Readonly<Record<string, unknown>>;
  /** Whether what the flow wrote before it refused stays written. */
  readonly keep: boolean;
  readonly sentOn: SentOn | null;

  constructor(
    readonly condition: Condition,
    extras: AuthErrorExtras & { readonly keep?: boolean } = {},
  ) {
    const { message } = condition;
    super(typeof message === 'string' ? message : message(extras.value ?? ''), { cause: extras.cause });
    this.name = 'AuthError';
    this.code = condition.code;
    this.status = condition.status;
    this.applicationStatus = condition.applicationStatus;
    this.members = extras.members ?? {};
    this.keep = extras.keep ?? false;
    this.sentOn = extras.sentOn ?? null;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Recognises an `AuthError`, also one made by a second copy of this package in the same process. */
export const isAuthError = (value: unknown): value is AuthError =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, brand);

/** Says no. Whatever the flow wrote on the way is undone. */
export function deny(condition: Condition, extras?: AuthErrorExtras): never {
  throw new AuthError(condition, extras);
}

/** Says no, and what was written on the way stays: a revocation after reuse, an attempt that was counted. */
export function denyButKeep(condition: Condition, extras?: AuthErrorExtras): never {
  throw new AuthError(condition, { ...extras, keep: true });
}

/** The same no for a person's browser, which is sent on with it. What it keeps and undoes stays as it was. */
export const sentOn = (error: AuthError, to: SentOn): AuthError => {
  const { condition, message, members, cause, keep } = error;
  return new AuthError({ ...condition, message }, { members, cause, keep, sentOn: to });
};
