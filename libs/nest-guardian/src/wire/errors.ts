import { AuthError } from '../core/auth-error.js';
import { declaredConditions, type Condition } from '../core/condition.js';

/** GoTrue's two JSON dialects: `legacy`, and `2024` for clients that send the API-version header. */
export type Dialect = 'legacy' | '2024';

export const apiVersionHeader = 'x-supabase-api-version';
export const apiVersion = '2024-01-01';

export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** GoTrue: a missing, unreadable or older version means legacy (contract 2.1). */
export const dialectOf = (version: string | undefined): Dialect =>
  version !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= apiVersion ? '2024' : 'legacy';

/** The answer of GoTrue to this error, in the dialect the client reads. */
export function renderError(error: AuthError, dialect: Dialect, requestId?: string): RenderedError {
  const { status, code, message, members, condition } = error;
  const isModern = dialect === '2024';
  const version: Record<string, string> = isModern ? { [apiVersionHeader]: apiVersion } : {};
  if (condition.dialect === 'oauth') {
    return { status: 400, headers: version, body: { error: code, error_description: message, ...members } };
  }
  const headers: Record<string, string> = { 'x-sb-error-code': code, ...version };
  if (status === 503) headers['retry-after'] = '1';
  if (isModern) return { status, headers, body: { code, message, ...members } };
  const id = status >= 500 && requestId !== undefined ? { error_id: requestId } : {};
  return { status, headers, body: { code: status, error_code: code, msg: message, ...id, ...members } };
}

const ownMembers = new Set([
  'code',
  'error_code',
  'msg',
  'message',
  'error_id',
  'error',
  'error_description',
]);

/**
 * Reads a GoTrue answer that is not well into the same condition: code, status, message and further members
 * come through both dialects unchanged; a code that is not ours stays readable. Null when the body is none of
 * GoTrue's error shapes.
 */
export function readError(status: number, body: unknown): AuthError | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const read = body as Readonly<Record<string, unknown>>;
  const extra = Object.fromEntries(Object.entries(read).filter(([name]) => !ownMembers.has(name)));
  const { code, message, dialect } = readWords(read, status);
  if (typeof message !== 'string' || typeof code !== 'string' || !/^[ -~]{1,100}$/.test(code)) return null;
  return new AuthError(foreign({ code, status, message, dialect }), { members: extra });
}

type Words = { readonly code: unknown; readonly message: unknown; readonly dialect?: 'oauth' };

function readWords(read: Readonly<Record<string, unknown>>, status: number): Words {
  // GoTrue: the OAuth form always comes as 400 and never with `message`, unlike the errors of frameworks.
  if (typeof read.error === 'string' && status === 400 && read.message === undefined) {
    return { code: read.error, message: read.error_description ?? '', dialect: 'oauth' };
  }
  const message = read.msg ?? read.message;
  if (typeof read.error_code === 'string') return { code: read.error_code, message };
  // GoTrue: servers from before there were codes send the status alone; `unknown` is what newer ones fill in.
  return { code: typeof read.code === 'number' ? 'unknown' : read.code, message };
}

/** On the application's own routes a refused token is 401, whatever status GoTrue gives it. */
const tokenCodes = new Set(['bad_jwt', 'session_not_found', 'user_banned', 'session_expired']);

/** The declared condition where there is one with these words; else one like it, named after its code. */
function foreign(words: Omit<Condition, 'name' | 'applicationStatus'>): Condition {
  const { code, status, message, dialect } = words;
  const alike = declaredConditions().filter(
    (condition) => condition.code === code && condition.status === status && condition.dialect === dialect,
  );
  const same = alike.find((condition) => condition.message === message);
  if (same !== undefined) return same;
  const [first, ...others] = alike;
  const isAgreed = others.every((other) => other.applicationStatus === first?.applicationStatus);
  const agreed = isAgreed ? first?.applicationStatus : status;
  const applicationStatus = agreed ?? (tokenCodes.has(code) ? 401 : status);
  const name = others.length === 0 ? first?.name : undefined;
  return { ...words, name: name ?? code, applicationStatus };
}
