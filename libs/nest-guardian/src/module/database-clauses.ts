import { type AuthError, isAuthError } from '../core/auth-error.js';
import { When } from '../http/fallback/clauses.js';
import { databaseError } from '../persistence/database-error.js';

/**
 * Clauses for an application whose own tables are in a database too: when it is away the answer is 503, as of
 * the accounts, and text that it cannot store is 400. Takes effect under `fallback: { everything: true }`.
 *
 * @example
 * AuthModule.forRoot({ provider, fallback: { everything: true, clauses: [DatabaseClauses] } })
 */
export class DatabaseClauses {
  @When((thrown) => isAuthError(databaseError(thrown)))
  refused(thrown: unknown): AuthError {
    return databaseError(thrown) as AuthError;
  }
}
