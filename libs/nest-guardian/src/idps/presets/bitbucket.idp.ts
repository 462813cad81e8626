import { preset } from '../preset.js';
import { listOf, objectOf, primaryOf, profileOf } from '../profile-of.js';

/** Bitbucket Cloud. */
export const bitbucket = preset(({ url }) => {
  const site = url || 'https://bitbucket.org';
  const api = `${url || 'https://api.bitbucket.org'}/2.0`;
  return {
    scopes: ['account', 'email'],
    endpoints: { authorize: `${site}/site/oauth2/authorize`, token: `${site}/site/oauth2/access_token` },
    profile: {
      ask: { person: { url: `${api}/user` }, emails: { url: `${api}/user/emails` } },
      read: ({ person, emails }) => {
        const { uuid, display_name: name, avatar } = objectOf(person);
        const { href: picture } = objectOf(avatar);
        const addresses = listOf(objectOf(emails).values)
          .map(objectOf)
          .map(({ email, is_primary, is_confirmed }) => ({
            email,
            primary: is_primary,
            verified: is_confirmed,
          }));
        const shown = { name, full_name: name, picture, avatar_url: picture };
        const data = { iss: api, ...shown, provider_id: uuid };
        return profileOf({ subject: uuid, email: primaryOf(addresses), data });
      },
    },
  };
});
