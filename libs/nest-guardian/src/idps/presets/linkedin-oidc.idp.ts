import { preset } from '../preset.js';
import { emailOf, fullNameOf, objectOf, profileOf } from '../profile-of.js';

const site = 'https://www.linkedin.com';

/** Sign in with LinkedIn using OpenID Connect. */
export const linkedinOidc = preset(({ url }) => ({
  scopes: ['openid', 'email', 'profile'],
  endpoints: {
    authorize: `${url || site}/oauth/v2/authorization`,
    token: `${url || site}/oauth/v2/accessToken`,
  },
  secretIn: 'form',
  // It answers a `code_verifier` with an error.
  pkce: 'never',
  // Not the ID token: it never has the nonce that was asked for.
  profile: {
    ask: { person: { url: `${url || 'https://api.linkedin.com'}/v2/userinfo` } },
    read: ({ person }) => {
      const { sub, email, email_verified, given_name, family_name, locale, picture } = objectOf(person);
      const shown = { name: fullNameOf(given_name, family_name), given_name, family_name, locale, picture };
      const data = { iss: site, ...shown, provider_id: sub };
      return profileOf({ subject: sub, email: emailOf(email, email_verified), data });
    },
  },
}));
