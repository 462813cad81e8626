import { AuthError, isAuthError, sentOn } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
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
    fragment: encode({
      access_token: session.access_token,
      expires_at: String(session.expires_at),
      expires_in: String(session.expires_in),
      refresh_token: session.refresh_token,
      token_type: session.token_type,
      type,
      ...mark,
    }),
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

/** What is thrown where a browser asks: the same no, and the target with the reason. */
export function refusalAt({ url, isPkce }: BrowserTarget, thrown: unknown): AuthError {
  const error = isAuthError(thrown) ? thrown : new AuthError(common.unexpectedFailure, { cause: thrown });
  const { code, status, message } = error;
  const kind = kinds[status];
  const reason = { ...(kind && { error: kind }), error_code: code, error_description: message };
  const parts = partsOf(url);
  const query = isPkce ? extend(parts.query, reason) : parts.query;
  return sentOn(error, join({ ...parts, query, fragment: encode({ ...reason, ...mark }) }));
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
