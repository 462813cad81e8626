import { createSecretKey, hkdfSync } from 'node:crypto';
import { headerReader, verifyJws } from '../jws.js';
import type { KeyRing } from '../key-ring.js';
import { KeySet } from '../key-set.js';
import { type Sign, signerOf } from '../signer.js';
import type { TokenKey } from '../token-key.js';

/** RFC 8725 section 3.11: what keeps these tokens and those of people apart, whoever verifies them. */
export const profileTokenType = 'guardian+jwt';
const readHeader = headerReader(new Set([profileTokenType]));

/** Signs the tokens of a profile and tells which it signed. */
export interface ProfileKeys {
  sign(claims: Record<string, unknown>): string;
  /** The payload of a token that was signed with one of these keys. @throws badJwt */
  open(token: string): Buffer;
}

interface InUse {
  readonly ring: KeyRing;
  readonly sign: Sign;
  readonly verification: KeySet;
}

/** Keys that an application gives for a profile, as they are: others may hold them as well. */
export const ownKeys = (ring: KeyRing): ProfileKeys =>
  keysOf(
    () => ring,
    (key) => key,
  );

/**
 * The module's own keys for a profile. Of a shared secret a key is derived that only this profile has, so that who
 * else verifies with the secret does not take these tokens for people's.
 */
export const profileKeys = (ring: () => KeyRing, profile: string): ProfileKeys =>
  keysOf(ring, (key) => derived(key, profile));

function keysOf(ring: () => KeyRing, change: (key: TokenKey) => TokenKey): ProfileKeys {
  let inUse: InUse | null = null;
  const current = (): InUse => {
    const now = ring();
    if (inUse?.ring !== now) inUse = use(now, change);
    return inUse;
  };
  return {
    sign: (claims) => current().sign(claims),
    open: (token) => verifyJws(token, current().verification, readHeader),
  };
}

const use = (ring: KeyRing, change: (key: TokenKey) => TokenKey): InUse => ({
  ring,
  sign: signerOf(ring.signing && change(ring.signing), profileTokenType),
  verification: new KeySet(ring.verification.keys.map(change)),
});

function derived(key: TokenKey, profile: string): TokenKey {
  if (key.key.type !== 'secret') return key;
  const info = `nest-guardian profile ${profile}`;
  const secret = createSecretKey(Buffer.from(hkdfSync('sha256', key.key.export(), '', info, 32)));
  return { ...key, key: secret, signing: key.signing && secret };
}
