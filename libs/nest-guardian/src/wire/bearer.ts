/** What a request says about its bearer token: none, one, or something that is neither. */
export type Bearer =
  { readonly kind: 'none' | 'unreadable' } | { readonly kind: 'one'; readonly token: string };

/** The part of Node's request that is read. */
export interface RawRequest {
  readonly headers: { readonly authorization?: string };
  readonly rawHeaders: readonly string[];
}

const none: Bearer = { kind: 'none' };
const unreadable: Bearer = { kind: 'unreadable' };

/**
 * RFC 6750 2.1: the `Authorization` header and nothing else; the scheme in any case, then spaces, then the token.
 * Two such headers are unreadable: Node itself would silently keep the first.
 */
export function readBearer(request: RawRequest): Bearer {
  const { authorization } = request.headers;
  if (authorization === undefined) return none;
  const match = /^bearer +([^\s,]+)$/i.exec(authorization);
  return match === null || isRepeated(request.rawHeaders)
    ? unreadable
    : { kind: 'one', token: match[1] as string };
}

/** Names stand at even places, values at odd ones. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count += 1;
  }
  return count > 1;
}
