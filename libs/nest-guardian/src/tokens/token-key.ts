import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type JsonWebKeyInput,
  type KeyObject,
} from 'node:crypto';
import { algorithmsFor, isSignedBy, signBytes, type Algorithm } from './algorithms.js';
import { decodeBase64url } from './base64url.js';
import { weaknessOf } from './key-hygiene.js';

/** A key as a JSON Web Key (RFC 7517), the form of `GOTRUE_JWT_KEYS`. */
export interface JwkGiven {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  /** With `sign` the key signs; without it the key only verifies. Left out, a private key signs. */
  readonly key_ops?: readonly string[];
  readonly [member: string]: unknown;
}

/** A key as PEM. */
export interface PemGiven {
  readonly pem: string;
  readonly kid?: string;
  readonly alg?: string;
  /** As in a JSON Web Key. */
  readonly key_ops?: readonly string[];
}

/** A key that was looked at once, so that nobody has to look at it again. */
export interface TokenKey {
  readonly kid: string | null;
  readonly algorithm: Algorithm;
  /** The secret, or the public half. */
  readonly key: KeyObject;
  /** The secret or the private half, if this key signs. */
  readonly signing: KeyObject | null;
}

/** Why a key cannot be used, and what to do about it. Never quotes the key. */
export interface KeyFault {
  readonly reason: string;
  readonly remedy: string;
}

export const minSecretBytes = 32;
const kidPattern = /^[\x21-\x7e]{1,128}$/;

export const isKeyId = (value: unknown): value is string =>
  typeof value === 'string' && kidPattern.test(value);

const fault = (reason: string, remedy: string): KeyFault => ({ reason, remedy });
const freshKey = 'Make a new key: RSA of 2048 bits or more, P-256, P-521 or Ed25519';

/** Imports a key and judges it: type, curve, size, exponent, use, and that its halves belong together. */
export function importKey(given: JwkGiven | PemGiven): TokenKey | KeyFault {
  if (!isKeyId(given.kid)) {
    return fault('has no readable kid', 'Give it a kid of 1 to 128 visible ASCII characters');
  }
  const read = readKey(given);
  if (read === null)
    return fault('cannot be read as a key', 'Give a JSON Web Key, or PEM without a passphrase');
  const key = read.type === 'private' ? createPublicKey(read) : read;
  const algorithm = algorithmsFor(key).find((name) => given.alg === undefined || given.alg === name);
  if (algorithm === undefined) {
    return fault(
      'has a type or curve that does not go with its alg',
      `Correct alg, or leave it out. ${freshKey}`,
    );
  }
  const weakness = key.type === 'secret' ? weaknessOfSecretKey(key) : weaknessOf(key);
  if (weakness !== null) return fault(weakness, freshKey);
  const uses = usesOf(given, read);
  if (uses === null) return fault('is not a key for signatures', 'Correct its use ("sig") or its key_ops');
  const signing = uses.signs ? read : null;
  if (signing?.type === 'public') return fault('is to sign but has no private half', 'Give the private key');
  if (signing && !belongsTogether({ algorithm, key }, signing)) {
    return fault('has halves that do not belong together', freshKey);
  }
  return Object.freeze({ kid: given.kid, algorithm, key, signing });
}

function usesOf(given: JwkGiven | PemGiven, key: KeyObject): { readonly signs: boolean } | null {
  const operations = given.key_ops ?? (key.type === 'public' ? ['verify'] : ['sign', 'verify']);
  const isForSignatures = !('use' in given) || given.use === undefined || given.use === 'sig';
  if (!isForSignatures || !Array.isArray(operations)) return null;
  const signs = operations.includes('sign');
  return signs || operations.includes('verify') ? { signs } : null;
}

const weaknessOfSecretKey = (key: KeyObject): string | null =>
  (key.symmetricKeySize ?? 0) < minSecretBytes ? `is shorter than ${minSecretBytes} bytes` : null;

function belongsTogether(pair: { algorithm: Algorithm; key: KeyObject }, signing: KeyObject): boolean {
  const probe = 'Do these halves belong together?';
  return isSignedBy(pair, probe, signBytes(pair.algorithm, signing, probe));
}

function readKey(given: JwkGiven | PemGiven): KeyObject | null {
  try {
    if (typeof given.pem === 'string') {
      return given.pem.includes('PRIVATE KEY') ? createPrivateKey(given.pem) : createPublicKey(given.pem);
    }
    const jwk = given as JwkGiven;
    if (jwk.kty === 'oct') return readSecret(jwk.k);
    const input: JsonWebKeyInput = { key: jwk as JsonWebKey, format: 'jwk' };
    return 'd' in jwk ? createPrivateKey(input) : createPublicKey(input);
  } catch {
    // OpenSSL's words could quote the key; the fault says what to do.
    return null;
  }
}

function readSecret(encoded: unknown): KeyObject | null {
  const bytes = typeof encoded === 'string' ? decodeBase64url(encoded) : null;
  return bytes === null || bytes.length === 0 ? null : createSecretKey(bytes);
}
