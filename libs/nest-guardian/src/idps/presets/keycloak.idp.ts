import { claimsReader } from '../generic-claims.js';
import { preset } from '../preset.js';
import { emailOf, objectOf, profileOf } from '../profile-of.js';

/** Keycloak. `url` is the realm's: `https://sso.example.com/realms/staff`. */
export const keycloak = preset(
  ({ url, trustsEmail, asksOpenid }) => ({
    scopes: asksOpenid ? ['openid', 'profile', 'email'] : ['profile', 'email'],
    // GoTrue: the addresses of a realm are known, nothing is discovered to send somebody there.
    endpoints: {
      authorize: `${url}/protocol/openid-connect/auth`,
      token: `${url}/protocol/openid-connect/token`,
    },
    profile: {
      ask: { person: { url: `${url}/protocol/openid-connect/userinfo` } },
      read: ({ person }) => {
        const { sub, name, email, email_verified: isVerified, ...others } = objectOf(person);
        const data = { iss: url, name, full_name: name, provider_id: sub, custom_claims: others };
        return profileOf({ subject: sub, email: emailOf(email, isVerified ?? trustsEmail), data });
      },
    },
    idTokens: { issuer: url, read: claimsReader(trustsEmail) },
  }),
  { url: 'required' },
);
