import { preset } from '../preset.js';
import { emailOf, objectOf, profileOf } from '../profile-of.js';

/** Notion. It does not say whether an address is verified. */
export const notion = preset(({ url, trustsEmail }) => {
  const api = url || 'https://api.notion.com';
  return {
    scopes: [],
    endpoints: { authorize: `${api}/v1/oauth/authorize`, token: `${api}/v1/oauth/token` },
    startParameters: { owner: 'user' },
    secretIn: 'header',
    profile: {
      ask: { bot: { url: `${api}/v1/users/me`, headers: { 'notion-version': '2021-08-16' } } },
      read: ({ bot }) => {
        const { id, name, avatar_url, person } = objectOf(objectOf(objectOf(objectOf(bot).bot).owner).user);
        const shown = { name, full_name: name, picture: avatar_url, avatar_url };
        const data = { iss: api, ...shown, provider_id: id };
        return profileOf({ subject: id, email: emailOf(objectOf(person).email, trustsEmail), data });
      },
    },
  };
});
