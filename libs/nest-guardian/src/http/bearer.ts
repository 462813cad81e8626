import type { IncomingMessage } from 'node:http';

/** What a request says about its bearer token: none, one, or something that is neither. */
export type Bearer =
  { readonly kind: 'none' | 'unreadable' } | { readonly kind: 'one'; readonly token: string };

const none: Bearer = { kind: 'none' };
const unreadable: Bearer = { kind: 'unreadable' };

/**
 * RFC 6750 2.1: the `Authorization` header and nothing else; the scheme in any case, then spaces, then the token.
 * Two such headers are unreadable: Node itself would silently keep the first.
 */
export function readBearer(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Bearer {
  const { authorization } = request.headers;
  if (authorization === undefined) return none;
  const count = request.rawHeaders.filter((text, i) => i % 2 === 0 && isAuthorization(text)).length;
  const match = /^bearer +([^\s,]+)$/i.exec(authorization);
  return match === null || count > 1 ? unreadable : { kind: 'one', token: match[1] as string };
}

const isAuthorization = (name: string): boolean =>
  name.length === 13 && name.toLowerCase() === 'authorization';
