import type { IdpChoice } from '../../core/ports/idps.js';
import { type AppleKey, appleSecret, mistakesOfAppleKey } from '../apple-secret.js';
import type { IdpOptions } from '../choose-idp.js';
import { type Preset, preset } from '../preset.js';
import { emailOf, fullNameOf, objectOf, profileOf } from '../profile-of.js';

export interface AppleOptions extends Omit<IdpOptions, 'secret' | 'url'> {
  /** A secret that was made elsewhere; Apple lets it live for six months. Or give `key`. */
  readonly secret?: string;
  /** The key with which a secret is made anew whenever one is needed. */
  readonly key?: AppleKey;
}

const define: Preset['define'] = ({ trustsEmail }) => ({
  scopes: ['email', 'name'],
  startParameters: { response_mode: 'form_post' },
  secretIn: 'form',
  pkce: 'never',
  idTokens: {
    issuer: 'https://appleid.apple.com',
    read: ({ iss, sub, email, email_verified, is_private_email, auth_time }, { user }) => {
      const { firstName, lastName } = objectOf(objectOf(jsonOf(user)).name);
      const name = fullNameOf(firstName, lastName);
      const custom_claims = { is_private_email: saysTrue(is_private_email), auth_time };
      const data = { iss, name, full_name: name, provider_id: sub, custom_claims };
      const isVerified = saysTrue(email_verified) ?? trustsEmail;
      return profileOf({ subject: sub, email: emailOf(email, isVerified), data });
    },
  },
});

const fixed = { url: 'fixed' } as const;

/** Apple. The name comes once, with the first sign-in, and nobody has signed it. */
export const apple = Object.assign(
  ({ key, ...options }: AppleOptions): IdpChoice => {
    if (key === undefined) return preset(define, fixed)({ secret: '', ...options });
    const definedWithKey: Preset['define'] = (place) => ({
      ...define(place),
      secretAt: (at) => appleSecret({ ...key, clientId: place.clientId }, at),
    });
    const choice = preset(definedWithKey, fixed)({ ...options, secret: 'made by the key' });
    return { ...choice, mistakes: [...choice.mistakes, ...mistakesOfAppleKey(key)] };
  },
  { define, hasUrl: false },
);

/** Apple writes truth as such and as text. Undefined where it says nothing. */
const saysTrue = (value: unknown): boolean | undefined =>
  value === undefined ? undefined : value === true || value === 'true';

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    // A browser brings it, so it may be anything; without it there is no name.
    return null;
  }
}
