import { createPublicKey, createSecretKey } from 'node:crypto';
import type { OptionMistake } from '../core/option.js';
import { KeySet } from './key-set.js';
import {
  importKey,
  isKeyId,
  minSecretBytes,
  type JwkGiven,
  type PemGiven,
  type TokenKey,
} from './token-key.js';

export interface GivenKeys {
  /** The secret that is shared with whoever signs or verifies with HS256. Signs unless one of `keys` does. */
  readonly secret?: string;
  /** The `kid` that tokens signed with the secret carry. */
  readonly secretKeyId?: string;
  /** One of them signs, the others only verify. */
  readonly keys?: readonly (JwkGiven | PemGiven)[];
  /** GoTrue: an HS256 token whose `kid` is unknown is tried with the secret. */
  readonly hs256FallbackForUnknownKid?: boolean;
  /** With `kept`, none of these has to sign. */
  readonly signWith?: 'given' | 'kept';
}

const makeSecret = 'Make one with: openssl rand -base64 48';

// Secrets that stand in documentation, and with which anyone can sign.
const knownSecrets: ReadonlySet<string> = new Set([
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'a-string-secret-at-least-256-bits-long',
]);

/** Every key we hold: exactly one signs, all verify. Imported and judged once, at boot. */
export class KeyRing {
  readonly verification: KeySet;
  /** Null only where a mistake was found. */
  readonly signing: TokenKey | null;

  private constructor(
    keys: readonly TokenKey[],
    signing: TokenKey | null,
    private readonly fallback: TokenKey | null,
  ) {
    this.signing = signing;
    this.verification = new KeySet(keys, fallback);
  }

  /** These keys beside our own. One of them signs from now on; ours only verify. */
  with(keys: readonly TokenKey[], signing: TokenKey): KeyRing {
    return new KeyRing([...keys, ...this.verification.keys], signing, this.fallback);
  }

  /** Adds what is wrong to `mistakes`; throws nothing. */
  static from(given: GivenKeys, path: string, mistakes: OptionMistake[]): KeyRing {
    const secret = readSecret(given, path, mistakes);
    const keys = readKeys(given, path, mistakes);
    const all = secret ? [...keys, secret] : keys;
    reportRepeatedIds(all, path, mistakes);
    const signers = keys.filter(({ signing }) => signing !== null);
    const signing = signers[0] ?? secret;
    if (signers.length > 1) {
      const kids = signers.map(({ kid }) => kid).join(', ');
      const remedy = 'Leave "sign" in the key_ops of one of them, and give the others ["verify"]';
      mistakes.push({ path: `${path}.keys`, reason: `several keys sign: ${kids}`, remedy });
    }
    if (signing === null && given.signWith !== 'kept' && mistakes.length === 0) {
      mistakes.push({
        path: given.keys === undefined ? path : `${path}.keys`,
        reason: 'no key signs',
        remedy: `Give a secret or a private key. ${makeSecret}`,
      });
    }
    return new KeyRing(all, signing, given.hs256FallbackForUnknownKid ? secret : null);
  }

  /** The public halves, as `/.well-known/jwks.json` shows them; secrets are not among them. */
  publicJwks(): { readonly keys: object[] } {
    const asymmetric = this.verification.keys.filter(({ key }) => key.type === 'public');
    return {
      keys: asymmetric.map(({ kid, algorithm, key }) => ({
        ...key.export({ format: 'jwk' }),
        kid,
        alg: algorithm,
        use: 'sig',
        key_ops: ['verify'],
      })),
    };
  }
}

function readKeys({ keys = [] }: GivenKeys, path: string, mistakes: OptionMistake[]): TokenKey[] {
  if (!Array.isArray(keys)) {
    // A variable of the environment that cannot be read comes as its text.
    const reason = typeof keys === 'string' ? 'is not JSON' : 'is not a list';
    mistakes.push({ path: `${path}.keys`, reason, remedy: 'Give a list of keys' });
    return [];
  }
  return keys.flatMap((key: JwkGiven | PemGiven | null, index) => {
    const imported = importKey(key ?? { pem: '' });
    if ('algorithm' in imported) return [imported];
    mistakes.push({ path: `${path}.keys[${index}]`, ...imported });
    return [];
  });
}

function reportRepeatedIds(keys: readonly TokenKey[], path: string, mistakes: OptionMistake[]): void {
  const kids = keys.map(({ kid }) => kid);
  const repeated = kids.filter((kid, index) => kid !== null && kids.indexOf(kid) !== index);
  for (const kid of new Set(repeated)) {
    mistakes.push({
      path: `${path}.keys`,
      reason: `several keys have the kid ${kid}`,
      remedy: 'Give each its own',
    });
  }
}

function readSecret(given: GivenKeys, path: string, mistakes: OptionMistake[]): TokenKey | null {
  const { secret, secretKeyId } = given;
  if (secret === undefined) return null;
  const wrong = faultOfSecret(secret);
  if (wrong !== null) {
    mistakes.push({ path: `${path}.secret`, ...wrong });
    return null;
  }
  if (secretKeyId !== undefined && !isKeyId(secretKeyId)) {
    const remedy = 'Use 1 to 128 visible ASCII characters';
    mistakes.push({ path: `${path}.secretKeyId`, reason: 'cannot be a kid', remedy });
  }
  const key = createSecretKey(Buffer.from(secret));
  return Object.freeze({ kid: secretKeyId ?? null, algorithm: 'HS256', key, signing: key });
}

function faultOfSecret(secret: unknown): { readonly reason: string; readonly remedy: string } | null {
  if (typeof secret !== 'string') return { reason: 'is not text', remedy: makeSecret };
  if (Buffer.byteLength(secret) < minSecretBytes) {
    return { reason: `is shorter than ${minSecretBytes} bytes`, remedy: makeSecret };
  }
  if (knownSecrets.has(secret.trim().toLowerCase())) {
    return { reason: 'is a sample that everybody knows', remedy: makeSecret };
  }
  // RFC 8725 section 2.1: a public key used as a secret lets everybody sign.
  if (isKeyMaterial(secret))
    return { reason: 'is a key, not a secret', remedy: 'Give it under keys, with a kid' };
  return null;
}

function isKeyMaterial(secret: string): boolean {
  if (/-----BEGIN|"kty"\s*:|^\s*(ssh-|ecdsa-)/.test(secret)) return true;
  const der = Buffer.from(secret, 'base64');
  return (['spki', 'pkcs1'] as const).some((type) => {
    try {
      return createPublicKey({ key: der, format: 'der', type }) !== null;
    } catch {
      // Not a key, which is what one hopes of a secret.
      return false;
    }
  });
}
