import type { Session, User } from '../records.js';

/**
 * Adds claims to access tokens, at every sign-in and refresh. Names that tokens have already are protected; all
 * of it together has at most 2 kB as JSON. What is thrown, or too large, refuses the session: a token without a
 * claim that somebody relies on is not given out.
 */
export abstract class CustomClaims {
  abstract claimsFor(
    user: User,
    session: Session,
  ): Record<string, unknown> | Promise<Record<string, unknown>>;
}
