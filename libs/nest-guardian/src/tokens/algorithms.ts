import { createHmac, generateKeyPairSync, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto';

/** How tokens may be signed: GoTrue's list. */
export const algorithmNames = ['HS256', 'RS256', 'RS512', 'ES256', 'ES512', 'EdDSA'] as const;
export type Algorithm = (typeof algorithmNames)[number];
/** Those whose verifying half may be shown to everybody. */
export type PublicAlgorithm = Exclude<Algorithm, 'HS256'>;

interface Asymmetric {
  readonly hash: string | null;
  /** Node's name of the key type, and of the curve. */
  readonly keyType: 'rsa' | 'ec' | 'ed25519';
  readonly curve?: string;
}

const asymmetric: Readonly<Record<PublicAlgorithm, Asymmetric>> = {
  RS256: { hash: 'sha256', keyType: 'rsa' },
  RS512: { hash: 'sha512', keyType: 'rsa' },
  ES256: { hash: 'sha256', keyType: 'ec', curve: 'prime256v1' },
  ES512: { hash: 'sha512', keyType: 'ec', curve: 'secp521r1' },
  EdDSA: { hash: null, keyType: 'ed25519' },
};

export const isAsymmetric = (name: string): name is PublicAlgorithm => Object.hasOwn(asymmetric, name);

/** The algorithms that a key of this type and curve can be used with; the first is the usual one. */
export function algorithmsFor(key: KeyObject): Algorithm[] {
  if (key.type === 'secret') return ['HS256'];
  const fits = ([, { keyType, curve }]: [string, Asymmetric]): boolean =>
    keyType === key.asymmetricKeyType && curve === key.asymmetricKeyDetails?.namedCurve;
  return Object.entries(asymmetric)
    .filter(fits)
    .map(([name]) => name as Algorithm);
}

// RFC 7518 section 3.4: an ECDSA signature is R and S side by side, not DER.
const withKey = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' as const });

/** A new private key for this algorithm. */
export function makePrivateKey(algorithm: PublicAlgorithm): KeyObject {
  const { keyType, curve = '' } = asymmetric[algorithm];
  if (keyType === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey;
  if (keyType === 'ec') return generateKeyPairSync('ec', { namedCurve: curve }).privateKey;
  return generateKeyPairSync('ed25519').privateKey;
}

/** Timing: an HMAC is compared in constant time. May throw what OpenSSL throws. */
export function isSignedBy(
  { algorithm, key }: { readonly algorithm: Algorithm; readonly key: KeyObject },
  signingInput: string,
  signature: Buffer,
): boolean {
  if (algorithm === 'HS256') {
    const expected = createHmac('sha256', key).update(signingInput).digest();
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
  return verify(asymmetric[algorithm].hash, Buffer.from(signingInput), withKey(key), signature);
}

/** What `JwtService` has no algorithm for, and what proves that the halves of a key belong together. */
export function signBytes(algorithm: Algorithm, key: KeyObject, signingInput: string): Buffer {
  if (algorithm === 'HS256') return createHmac('sha256', key).update(signingInput).digest();
  return sign(asymmetric[algorithm].hash, Buffer.from(signingInput), withKey(key));
}
