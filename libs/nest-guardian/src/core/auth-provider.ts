import type { Caller } from './caller.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';

/** Roles that stand for a machine or an operator where nothing else is said: GoTrue's GOTRUE_JWT_ADMIN_ROLES. */
export const defaultAdminRoles = ['service_role', 'supabase_admin'] as const;

/**
 * Who answers: the local provider, the GoTrue provider, or one of your own. One that only verifies may
 * refuse every operation with the operation's own `off` condition.
 */
export abstract class AuthProvider {
  /** Roles that make a token an administrator's, so that its bearer is no signed-in person. */
  get adminRoles(): readonly string[] {
    return defaultAdminRoles;
  }

  /**
   * Says who signed this token. It does not say that the session is still open; ask `confirmSession` for that.
   * Returns synchronously where it can.
   * @throws badJwt, and providerUnavailable when a remote party must be asked and cannot be
   */
  abstract verify(bearer: string): Principal | Promise<Principal>;

  /**
   * Returns if the principal's session is open and its user neither gone nor banned, now. Where a second factor has
   * to be shown, that is asked last: whoever is refused with `secondFactorNeeded` lacks nothing else.
   * @throws sessionNotFound, userOfTokenNotFound, userBanned, assuranceWithdrawn, secondFactorNeeded;
   * providerUnavailable or databaseUnavailable
   */
  abstract confirmSession(principal: Principal): Promise<void>;

  /** Does what is asked, or throws an `AuthError`. The input has the operation's shape already. */
  abstract execute<I, O>(operation: Operation<I, O>, input: I, caller: Caller): Promise<O>;
}
