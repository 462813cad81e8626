import { preset } from '../preset.js';
import { emailOf, idOf, objectOf, profileOf, textOf } from '../profile-of.js';

/** GitLab, or with `url` one that people run themselves. */
export const gitlab = preset(({ url }) => {
  const site = url || 'https://gitlab.com';
  return {
    scopes: ['read_user'],
    endpoints: { authorize: `${site}/oauth/authorize`, token: `${site}/oauth/token` },
    answersAs: site,
    profile: {
      ask: { person: { url: `${site}/api/v4/user` } },
      read: ({ person }) => {
        const { id, name, avatar_url, email, confirmed_at } = objectOf(person);
        const shown = { name, full_name: name, picture: avatar_url, avatar_url };
        // The address changes once the new one is confirmed, so `email` is what `confirmed_at` was said of.
        const isConfirmed = textOf(confirmed_at) !== '';
        const data = { iss: site, ...shown, provider_id: idOf(id) };
        return profileOf({ subject: id, email: emailOf(email, isConfirmed), data });
      },
    },
  };
});
