import { deny } from '../core/auth-error.js';
import type { IdpProfile } from '../core/ports/idps.js';
import { oauthConditions } from '../features/oauth/oauth.contract.js';
import type { Answer } from './idp-definition.js';
import { emailOf, profileOf, textOf } from './profile-of.js';

/** OpenID Connect Core section 5.1, as far as GoTrue keeps them. */
const kept = [
  'name',
  'family_name',
  'given_name',
  'middle_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'locale',
  'updated_at',
  'phone',
];

/**
 * Reads the person that the claims of any OpenID Connect provider describe. GoTrue: what the token says of itself is
 * kept too.
 * @param trustsEmail whether an address counts as verified where `email_verified` is not there
 * @throws idTokenRefused where a claim is not what the standard says it is
 */
export const claimsReader =
  (trustsEmail: boolean) =>
  (claims: Answer): IdpProfile => {
    const { sub, email, email_verified: isVerified, iss, aud, iat, exp } = claims;
    if (isVerified !== undefined && typeof isVerified !== 'boolean') {
      deny(oauthConditions.idTokenRefused, { value: 'Bad ID token' });
    }
    const standard = kept.map((name) => [name, textOf(claims[name])]);
    const data = { ...Object.fromEntries(standard), iss, aud: [aud].flat(), iat, exp };
    return profileOf({ subject: sub, email: emailOf(email, isVerified ?? trustsEmail), data });
  };
