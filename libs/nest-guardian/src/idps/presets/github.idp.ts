import { preset } from '../preset.js';
import { idOf, listOf, objectOf, primaryOf, profileOf } from '../profile-of.js';

/** GitHub, or with `url` a GitHub Enterprise Server. */
export const github = preset(({ url }) => {
  const site = url || 'https://github.com';
  const api = url === '' ? 'https://api.github.com' : `${url}/api/v3`;
  return {
    scopes: ['user:email'],
    endpoints: {
      authorize: `${site}/login/oauth/authorize`,
      token: `${site}/login/oauth/access_token`,
    },
    answersAs: `${site}/login/oauth`,
    profile: {
      ask: { person: { url: `${api}/user` }, emails: { url: `${api}/user/emails` } },
      read: ({ person, emails }) => {
        const { id, login, name, avatar_url } = objectOf(person);
        const names = { name, full_name: name, preferred_username: login, user_name: login };
        const data = { iss: api, ...names, avatar_url, provider_id: idOf(id) };
        return profileOf({ subject: id, email: primaryOf(listOf(emails)), data });
      },
    },
  };
});
