import type { Caller } from './caller.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';

/**
 * Who answers: the local provider, the GoTrue provider, or one of your own. One that only verifies may
 * refuse every operation with the operation's own `off` condition.
 */
export abstract class AuthProvider {
  /**
   * Says who signed this token. It does not say that the session is still open; ask `confirmSession` for that.
   * Returns synchronously where it can.
   * @throws badJwt, and providerUnavailable when a remote party must be asked and cannot be
   */
  abstract verify(bearer: string): Principal | Promise<Principal>;

  /**
   * Returns if the principal's session is open and its user neither gone nor banned, now.
   * @throws sessionNotFound, userOfTokenNotFound, userBanned; providerUnavailable or databaseUnavailable
   */
  abstract confirmSession(principal: Principal): Promise<void>;

  /** Does what is asked, or throws an `AuthError`. The input has the operation's shape already. */
  abstract execute<I, O>(operation: Operation<I, O>, input: I, caller: Caller): Promise<O>;
}
