import { preset } from '../preset.js';
import { emailOf, objectOf, profileOf } from '../profile-of.js';

/** Figma. It does not say whether an address is verified. */
export const figma = preset(({ url, trustsEmail }) => {
  const api = url || 'https://api.figma.com';
  return {
    scopes: ['current_user:read'],
    endpoints: { authorize: `${url || 'https://www.figma.com'}/oauth`, token: `${api}/v1/oauth/token` },
    secretIn: 'header',
    profile: {
      ask: { person: { url: `${api}/v1/me` } },
      read: ({ person }) => {
        const { id, handle: name, email, img_url: avatar_url } = objectOf(person);
        const data = { iss: api, name, full_name: name, avatar_url, provider_id: id };
        return profileOf({ subject: id, email: emailOf(email, trustsEmail), data });
      },
    },
  };
});
