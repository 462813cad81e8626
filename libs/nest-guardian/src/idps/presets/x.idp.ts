import { preset } from '../preset.js';
import { emailOf, objectOf, profileOf, textOf } from '../profile-of.js';

const fields = 'id,name,username,confirmed_email,profile_image_url,url,created_at';

/** X, by OAuth 2.0. */
export const x = preset(({ url }) => {
  const api = url || 'https://api.x.com';
  return {
    scopes: ['users.email', 'tweet.read', 'users.read', 'offline.access'],
    endpoints: { authorize: `${url || 'https://x.com'}/i/oauth2/authorize`, token: `${api}/2/oauth2/token` },
    secretIn: 'header',
    pkce: 'always',
    profile: {
      ask: { answer: { url: `${api}/2/users/me?user.fields=${fields}` } },
      read: ({ answer }) => {
        const {
          id,
          name,
          username,
          confirmed_email,
          profile_image_url,
          url: website,
          created_at,
        } = objectOf(objectOf(answer).data);
        const names = { name, full_name: name, preferred_username: username, user_name: username };
        const profile = textOf(username) && `https://x.com/${textOf(username)}`;
        const pictures = { picture: profile_image_url, avatar_url: profile_image_url };
        const data = { iss: api, ...names, ...pictures, profile, website, provider_id: id };
        // Only an address that was confirmed has this name.
        const email = emailOf(confirmed_email, true);
        return profileOf({ subject: id, email, data: { ...data, custom_claims: { created_at } } });
      },
    },
  };
});
