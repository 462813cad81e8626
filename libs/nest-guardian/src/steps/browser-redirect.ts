import { AuthError, isAuthError, sentOn } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { IdpTokens } from '../core/ports/idps.js';
import type { SessionBody } from '../wire/session.js';

/** Where a browser is sent, and whether the person comes back with a code for a verifier. */
export interface BrowserTarget {
  /** Judged already. */
  readonly url: string;
  readonly isPkce: boolean;
}

/** The target with the session where no server sees it: in the fragment (contract 2.8). */
export const withSession = ({ url }: BrowserTarget, session: SessionBody, type: string): string =>
  join({
    ...partsOf(url),
    fragment: encode({ ...sessionMembers(session), type, ...mark }),
  });

const sessionMembers = (session: SessionBody): Members => ({
  access_token: session.access_token,
  expires_at: String(session.expires_at),
  expires_in: String(session.expires_in),
  refresh_token: session.refresh_token,
  token_type: session.token_type,
});

/** The target with a code that is of use only to who holds the verifier. */
export function withCode({ url }: BrowserTarget, code: string): string {
  const parts = partsOf(url);
  return join({ ...parts, query: extend(parts.query, { code }) });
}

/** The target with a word to the person. */
export function withMessage({ url, isPkce }: BrowserTarget, message: string): string {
  const parts = partsOf(url);
  const query = isPkce ? extend(parts.query, { message }) : parts.query;
  return join({ ...parts, query, fragment: encode({ message, ...mark }) });
}

/** The target with the session and, once, the tokens of the identity provider (contract 2.11). */
export const withIdpSession = (url: string, session: SessionBody, tokens: IdpTokens): string =>
  join({
    ...partsOf(url),
    fragment: encode({
      ...sessionMembers(session),
      provider_token: tokens.accessToken,
      ...(tokens.refreshToken && { provider_refresh_token: tokens.refreshToken }),
      ...mark,
    }),
  });

/** The target with what the identity provider itself has refused with: anybody may have written it. */
export const withIdpRefusal = (
  url: string,
  { error, description }: { readonly error: string; readonly description: string },
): string => withReason(url, { error: error.slice(0, 100) }, description.slice(0, 500));

/**
 * What is thrown where an identity provider has sent a browser on: the same no, and the target with the reason, in query
 * and fragment.
 */
export function refusalAfterIdp(url: string, thrown: unknown): AuthError {
  const error = errorOf(thrown);
  const { code, message, condition } = error;
  const reason: Members =
    condition.dialect === 'oauth' ? { error: code } : { error: kindOf(error), error_code: code };
  return sentOn(error, { location: withReason(url, reason, message), status: 302 });
}

/** The same where it is not known whose browser it is: the site with the reason, in the query alone. */
export function refusalAtSite(siteUrl: string, thrown: unknown): AuthError {
  const error = errorOf(thrown);
  const reason = { error: kindOf(error), error_code: error.code, error_description: error.message };
  const parts = partsOf(siteUrl);
  const location = join({ ...parts, query: extend(parts.query, reason) });
  return sentOn(error, { location, status: 303, isToldTwice: true });
}

/** GoTrue: a description that is empty is left out of the fragment. */
function withReason(url: string, reason: Members, description: string): string {
  const parts = partsOf(url);
  const query = extend(parts.query, { ...reason, error_description: description });
  const told = description === '' ? reason : { ...reason, error_description: description };
  return join({ ...parts, query, fragment: encode({ ...told, ...mark }) });
}

/** GoTrue: these are told from other faults of what was asked. */
const denials = new Set(['signup_disabled', 'user_banned', 'provider_email_needs_verification']);

const kindOf = ({ code, status }: AuthError): string =>
  denials.has(code) ? 'access_denied' : (kinds[status] ?? 'server_error');

const errorOf = (thrown: unknown): AuthError =>
  isAuthError(thrown) ? thrown : new AuthError(common.unexpectedFailure, { cause: thrown });

/** What is thrown where a browser asks: the same no, and the target with the reason. */
export function refusalAt({ url, isPkce }: BrowserTarget, thrown: unknown): AuthError {
  const error = errorOf(thrown);
  const { code, status, message } = error;
  const kind = kinds[status];
  const reason = { ...(kind && { error: kind }), error_code: code, error_description: message };
  const parts = partsOf(url);
  const query = isPkce ? extend(parts.query, reason) : parts.query;
  const location = join({ ...parts, query, fragment: encode({ ...reason, ...mark }) });
  return sentOn(error, { location, status: 303 });
}

/** RFC 6749 4.1.2.1: what `error` says, by status. GoTrue: at any other status it is not there. */
const kinds: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized_client',
  403: 'access_denied',
  500: 'server_error',
  503: 'temporarily_unavailable',
};

/** GoTrue: by this clients know whose fragment it is. */
const mark = { sb: '' };

interface Parts {
  readonly base: string;
  readonly query: string;
  readonly fragment: string;
}

/** Not by `URL`, which would add a slash to `http://host` that GoTrue's answers do not have. */
function partsOf(url: string): Parts {
  const [, base = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url) ?? [];
  return { base, query, fragment };
}

const join = ({ base, query, fragment }: Parts): string =>
  [base, query && `?${query}`, fragment && `#${fragment}`]
    .join('')
    // A header holds printable ASCII.
    .replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character.toWellFormed()));

type Members = Readonly<Record<string, string>>;

const encode = (members: Members): string => extend('', members);

/** What is there stays, also what is there more than once, but for what is named here. */
function extend(query: string, members: Members): string {
  const all = new URLSearchParams(query);
  for (const [name, value] of Object.entries(members)) all.set(name, value);
  all.sort();
  return all.toString();
}
