import { AuthError, isAuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';

/** SQLSTATEs, by beginning, after which the same request may succeed later. */
const passing = ['08', '28', '3D000', '53', '55P03', '57', '40001', '40P01', '25006', '25P03'];
/** SQLSTATEs of text that a client sent and PostgreSQL cannot hold: NUL, lone surrogates, too long. */
const unstorable = new Set(['22001', '22021', '22P02', '22P05']);
const network = /^(ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOENT)/;
/** What `pg`, its pool, TypeORM and PGlite say without a code when there is no connection. */
const disconnected =
  /timeout exceeded when trying to connect|query read timeout|connection terminated|connection error|client was closed|pool after calling end|not connected|runner already released|PGlite is clos/i;

/** The error to throw instead of what the database threw. Carries no parameter of the statement. */
export function databaseError(thrown: unknown): unknown {
  const error = withoutValues(thrown);
  if (isAuthError(error) || !isErrorLike(error)) return error;
  const code = codeOf(error);
  if (unstorable.has(code)) {
    return new AuthError(common.badRequest, {
      value: 'The request holds text that cannot be stored',
      cause: error,
    });
  }
  if (isAway(error, code)) return new AuthError(common.databaseUnavailable, { cause: error });
  return error;
}

/** Whether the question was given up while the answer may still come. */
export const isUnanswered = (error: unknown): boolean =>
  (error as { message?: unknown } | null)?.message === 'Query read timeout';

/** The SQLSTATE, or the system's code, or nothing. */
export const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

const isAway = (error: Error, code: string): boolean =>
  /^[0-9A-Z]{5}$/.test(code) && !network.test(code)
    ? passing.some((beginning) => code.startsWith(beginning))
    : network.test(code) || disconnected.test(error.message);

/** TypeORM's error quotes the parameters, and PostgreSQL's details quote rows: hashes and keys among them. */
function withoutValues(thrown: unknown): unknown {
  const error = (thrown as { driverError?: unknown } | null)?.driverError ?? thrown;
  return isErrorLike(error) ? Object.assign(error, { detail: undefined, where: undefined }) : error;
}

/** An error may come from another realm, where `Error` is another class. */
const isErrorLike = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && typeof (value as Error).message === 'string';
