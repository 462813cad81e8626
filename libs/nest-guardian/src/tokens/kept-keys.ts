import { randomUUID } from 'node:crypto';
import { makePrivateKey, type PublicAlgorithm } from './algorithms.js';
import { importKey, type JwkGiven, type TokenKey } from './token-key.js';

/** A signing key that is kept in the database. Both halves are in `jwk`. */
export interface KeptKey {
  readonly kid: string;
  readonly algorithm: PublicAlgorithm;
  readonly jwk: JwkGiven;
  readonly createdAt: Date;
  readonly signsFrom: Date;
}

/** Published and not yet signing; the one that signs; one that signed before and still verifies. */
export type KeyRole = 'standby' | 'current' | 'previous';

/** How soon every process has seen a new key. */
export const reloadInterval = 30_000;

/**
 * How long a new key is published before it signs: longer than anybody keeps a copy of the key set (ten minutes,
 * as `/.well-known/jwks.json` allows) and than `reloadInterval`.
 */
export const publicationTime = 15 * 60_000;

/** How long after its successor took over a key still verifies; the next rotation removes it then. */
export const verifyingTime = 30 * 86_400_000;

/** With their roles, the newest first. */
export function withRoles(
  keys: readonly KeptKey[],
  now: Date,
): readonly (KeptKey & { readonly role: KeyRole })[] {
  const sorted = keys.toSorted((a, b) => b.signsFrom.getTime() - a.signsFrom.getTime());
  const current = sorted.find(({ signsFrom }) => signsFrom <= now);
  const roleOf = (key: KeptKey): KeyRole => {
    if (key === current) return 'current';
    return key.signsFrom > now ? 'standby' : 'previous';
  };
  return sorted.map((key) => ({ ...key, role: roleOf(key) }));
}

/** The ids of previous keys that no token can need any more. */
export const outlived = (keys: readonly KeptKey[], now: Date): readonly string[] =>
  withRoles(keys, new Date(now.getTime() - verifyingTime))
    .filter(({ role }) => role === 'previous')
    .map(({ kid }) => kid);

/** A new key pair as a JSON Web Key, the form of GOTRUE_JWT_KEYS. */
export function makeJwk(algorithm: PublicAlgorithm): JwkGiven {
  const { kty = '', ...members } = makePrivateKey(algorithm).export({ format: 'jwk' });
  return { kty, kid: randomUUID(), alg: algorithm, use: 'sig', key_ops: ['sign', 'verify'], ...members };
}

/** @param publishedFor how long it is only verified before it signs, in milliseconds */
export function makeKeptKey(algorithm: PublicAlgorithm, now: Date, publishedFor: number): KeptKey {
  const jwk = makeJwk(algorithm);
  const signsFrom = new Date(now.getTime() + publishedFor);
  return { kid: jwk.kid as string, algorithm, jwk, createdAt: now, signsFrom };
}

/** What is to happen to the kept keys. */
export interface KeyChange {
  readonly add?: KeptKey;
  /** By their ids. */
  readonly remove?: readonly string[];
}

/**
 * A new key is added, which stands by for `publicationTime` unless it is the first, and keys that nobody needs
 * are removed.
 * @throws while one stands by already
 */
export function rotation(keys: readonly KeptKey[], now: Date, algorithm?: PublicAlgorithm): KeyChange {
  const ranked = withRoles(keys, now);
  const standby = ranked.find(({ role }) => role === 'standby');
  if (standby !== undefined) {
    const from = standby.signsFrom.toISOString();
    throw new Error(`The key ${standby.kid} stands by already and signs from ${from}`);
  }
  const current = ranked.find(({ role }) => role === 'current');
  const publishedFor = current === undefined ? 0 : publicationTime;
  const add = makeKeptKey(algorithm ?? current?.algorithm ?? 'ES256', now, publishedFor);
  return { add, remove: outlived(keys, now) };
}

/** Both halves, looked at as keys from the options are. @throws when they cannot be used, naming the `kid` only */
export function importKept({ kid, jwk }: Pick<KeptKey, 'kid' | 'jwk'>): TokenKey {
  const key = importKey(jwk);
  if ('algorithm' in key) return key;
  throw new Error(`The signing key ${kid} of auth.guardian_signing_keys ${key.reason}`);
}
