import { createHmac, generateKeyPairSync } from 'node:crypto';
import { expect } from '@jest/globals';
import { isAuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import { verifyJws } from '../../libs/nest-guardian/src/tokens/jws.js';
import { type GivenKeys, KeyRing } from '../../libs/nest-guardian/src/tokens/key-ring.js';
import type { KeySet } from '../../libs/nest-guardian/src/tokens/key-set.js';

export const secret = 'kR8vT2nLq9ZxY4wBs7JmC1hPfE6dUa3G';
export const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ed = generateKeyPairSync('ed25519');

export const keysOf = (given: GivenKeys): KeySet => {
  const mistakes: never[] = [];
  const ring = KeyRing.from(given, 'tokens', mistakes);
  expect(mistakes).toEqual([]);
  return ring.verification;
};
/** The secret alone, and the secret beside a key of every other kind. */
export const shared = keysOf({ secret });
export const mixed = keysOf({
  secret,
  keys: [
    { ...ec.privateKey.export({ format: 'jwk' }), kty: 'EC', kid: 'ec' },
    { ...rsa.publicKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'rsa' },
    { ...ed.publicKey.export({ format: 'jwk' }), kty: 'OKP', kid: 'ed' },
  ],
});

export const encode = (part: string | Buffer | object): string =>
  Buffer.from(typeof part === 'string' || Buffer.isBuffer(part) ? part : JSON.stringify(part)).toString(
    'base64url',
  );
export type Signer = (input: string) => Buffer;
export const hmac =
  (key: string | Buffer, hash = 'sha256'): Signer =>
  (input) =>
    createHmac(hash, key).update(input).digest();
/** A token with whatever header, payload and signature. */
export const forge = (
  header: string | Buffer | object,
  { payload = '{"sub":"x"}', by = hmac(secret) as Signer } = {},
) => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${by(input).toString('base64url')}`;
};

/** Why the token is refused, or `accepted`. */
export const reasonOf = (token: unknown, keys: KeySet = shared): string => {
  try {
    verifyJws(token as string, keys);
  } catch (error) {
    if (isAuthError(error) && error.code === 'bad_jwt' && error.status === 403) return error.message;
    throw error;
  }
  return 'accepted';
};
export const expectRefused = (token: unknown, keys?: KeySet): void =>
  expect(reasonOf(token, keys)).toMatch(/^invalid JWT: unable to parse or verify signature, token /);

export const good = forge({ alg: 'HS256', typ: 'JWT' });
