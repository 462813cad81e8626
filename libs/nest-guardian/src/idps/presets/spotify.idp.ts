import { preset } from '../preset.js';
import { emailOf, listOf, objectOf, profileOf } from '../profile-of.js';

/** Spotify. It says that the address is not verified. */
export const spotify = preset(({ url }) => {
  const site = url || 'https://accounts.spotify.com';
  const api = url || 'https://api.spotify.com/v1';
  return {
    scopes: ['user-read-email'],
    endpoints: { authorize: `${site}/authorize`, token: `${site}/api/token` },
    profile: {
      ask: { person: { url: `${api}/me` } },
      read: ({ person }) => {
        const { id, display_name: name, email, images } = objectOf(person);
        const { url: picture } = objectOf(listOf(images)[0]);
        const shown = { name, full_name: name, picture, avatar_url: picture };
        return profileOf({
          subject: id,
          email: emailOf(email, false),
          data: { iss: api, ...shown, provider_id: id },
        });
      },
    },
  };
});
