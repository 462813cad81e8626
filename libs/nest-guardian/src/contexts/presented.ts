import type { Bearer } from '../wire/bearer.js';

const presented = new WeakMap<object, string>();

/**
 * Says that this connection or message came with this token: for kinds of requests that have no headers of their own.
 * Nothing is proved by it; the guard judges the token on every call. A later one takes the place of an earlier.
 */
export const present = (carrier: object, token: string): void => void presented.set(carrier, token);

/** The token that was presented for it. */
export function presentedBy(carrier: object): Bearer {
  const token = presented.get(carrier);
  return token === undefined ? { kind: 'none' } : { kind: 'one', token };
}
