import { preset } from '../preset.js';
import { emailOf, fullNameOf, objectOf, profileOf } from '../profile-of.js';

/** How somebody signs in who has a password at Zoom. */
const byPassword: readonly unknown[] = [100, '100'];

/** Zoom. */
export const zoom = preset(({ url, trustsEmail }) => {
  const site = `${url || 'https://zoom.us'}/oauth`;
  const api = `${url || 'https://api.zoom.us'}/v2`;
  return {
    scopes: [],
    endpoints: { authorize: `${site}/authorize`, token: `${site}/token` },
    secretIn: 'header',
    profile: {
      ask: { person: { url: `${api}/users/me` } },
      read: ({ person }) => {
        const { id, first_name, last_name, email, verified, login_type, pic_url } = objectOf(person);
        const name = fullNameOf(first_name, last_name);
        const shown = { name, full_name: name, picture: pic_url, avatar_url: pic_url };
        // Only who signed up by mail has ever had one confirmed; of all others nothing is said.
        const isVerified = verified === 1 || (trustsEmail && !byPassword.includes(login_type));
        const data = { iss: api, ...shown, provider_id: id };
        return profileOf({ subject: id, email: emailOf(email, isVerified), data });
      },
    },
  };
});
