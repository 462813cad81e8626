import type { Session, User } from '../records.js';

/**
 * Adds claims to access tokens, at every sign-in and refresh: a class under `customClaims` of `forRoot`. Names that
 * tokens have already are protected; all of it together has at most 2 kB as JSON. What is thrown, too large or too
 * slow, refuses the session: a token without a claim that somebody relies on is not given out.
 */
export abstract class CustomClaims {
  /**
   * Has a second. The session is written but not yet committed, and its transaction waits: what is asked here should
   * be near. With the embedded database it must not be that database, which has one connection.
   */
  abstract claimsFor(
    user: User,
    session: Session,
  ): Record<string, unknown> | Promise<Record<string, unknown>>;
}
