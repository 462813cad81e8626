import { createPrivateKey, sign } from 'node:crypto';
import type { OptionMistake } from '../core/option.js';

/** Apple's key for Sign in with Apple, from which the secret is made. */
export interface AppleKey {
  readonly teamId: string;
  readonly keyId: string;
  /** What stands in the `.p8` file. */
  readonly privateKey: string;
}

/** The secret that Apple asks for: a token signed with the key. It lives for five minutes. */
export function appleSecret(
  { clientId, ...key }: AppleKey & { readonly clientId: string },
  at: Date,
): string {
  const iat = Math.floor(at.getTime() / 1000);
  const claims = { iss: key.teamId, iat, exp: iat + 300, aud: 'https://appleid.apple.com', sub: clientId };
  const text = [{ alg: 'ES256', kid: key.keyId }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signingKey = { key: createPrivateKey(key.privateKey), dsaEncoding: 'ieee-p1363' } as const;
  return `${text}.${sign('sha256', Buffer.from(text), signingKey).toString('base64url')}`;
}

/** What is wrong with the key, which is never quoted. */
export function mistakesOfAppleKey({ teamId, keyId, privateKey }: AppleKey): OptionMistake[] {
  const missing = Object.entries({ teamId, keyId })
    .filter(([, value]) => typeof value !== 'string' || value === '')
    .map(([name]) => ({
      path: `.key.${name}`,
      reason: 'is missing',
      remedy: 'It stands beside the key at Apple',
    }));
  if (isOnP256(privateKey)) return missing;
  const remedy = 'Give what stands in the .p8 file, which begins with -----BEGIN PRIVATE KEY-----';
  return [...missing, { path: '.key.privateKey', reason: 'is no key of Sign in with Apple', remedy }];
}

function isOnP256(privateKey: string): boolean {
  try {
    return createPrivateKey(privateKey).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    // Why it cannot be read is not said: the reason might quote the key.
    return false;
  }
}
