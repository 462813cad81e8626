import { isDeepStrictEqual } from 'node:util';
import { withinDeadline } from '../core/deadline.js';
import type { CustomClaims } from '../core/ports/custom-claims.js';
import type { Session, User } from '../core/records.js';
import { maxTokenLength } from './jws.js';
import { parseStrictObject } from './strict-json.js';

/** Milliseconds that whoever adds claims has. Timing: the transaction of whoever signs in waits for it. */
const deadline = 1_000;
/** Of all that is added, as JSON. */
const maxBytes = 2_048;

/** GoTrue's claims (contract 4.1), and those that RFC 7519 4.1 registers. */
const reserved = new Set(
  (
    'iss sub aud exp nbf iat jti role aal amr session_id is_anonymous client_id scope app_metadata ' +
    'user_metadata email phone'
  ).split(' '),
);

/**
 * What the application adds to the access token, judged: nobody gets a token that says less, or that says anything
 * about who they are that is not so.
 * @throws TypeError where a name is protected or the claims are no small plain object of JSON; requestTimeout after a
 * second; whatever the application throws
 */
export async function addedClaims(
  source: () => Promise<CustomClaims>,
  user: User,
  session: Session,
): Promise<Readonly<Record<string, unknown>>> {
  const ask = async () => (await source()).claimsFor(user, session);
  const claims: unknown = await withinDeadline(deadline, ask, 'CustomClaims');
  const text = JSON.stringify(claims) ?? '';
  const read = parseStrictObject(Buffer.from(text));
  // What is a date or a map here would be something else in the token, or nothing.
  if (read === null || !isDeepStrictEqual(read, claims)) {
    throw new TypeError('CustomClaims must return a plain object of what JSON can hold');
  }
  const name = Object.keys(read).find((one) => reserved.has(one));
  if (name !== undefined) throw new TypeError(`CustomClaims must not set ${name}, which is protected`);
  const size = Buffer.byteLength(text);
  if (size > maxBytes) throw new TypeError(`CustomClaims returned ${size} bytes, and may return ${maxBytes}`);
  return read;
}

/** A token that is too long would be given out, and then open nothing. */
export function requireReadable(token: string): string {
  if (token.length <= maxTokenLength) return token;
  throw new TypeError(`CustomClaims and metadata make a token of more than ${maxTokenLength} characters`);
}
