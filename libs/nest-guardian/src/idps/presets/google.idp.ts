import { preset } from '../preset.js';
import { emailOf, profileOf } from '../profile-of.js';

/** Google. Names and addresses come from the ID token. */
export const google = preset(
  () => ({
    scopes: ['openid', 'email', 'profile'],
    idTokens: {
      issuer: 'https://accounts.google.com',
      read: ({ iss, sub, email, email_verified: isVerified, name, picture, hd }) => {
        const shown = { name, full_name: name, picture, avatar_url: picture };
        const data = { iss, ...shown, provider_id: sub, custom_claims: { hd } };
        return profileOf({ subject: sub, email: emailOf(email, isVerified), data });
      },
    },
  }),
  { url: 'fixed' },
);
