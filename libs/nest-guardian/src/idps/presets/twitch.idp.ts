import { preset } from '../preset.js';
import { emailOf, listOf, objectOf, profileOf } from '../profile-of.js';

/** Twitch. */
export const twitch = preset(({ url, clientId }) => {
  const site = url || 'https://id.twitch.tv';
  const api = url || 'https://api.twitch.tv';
  return {
    scopes: ['user:read:email'],
    endpoints: { authorize: `${site}/oauth2/authorize`, token: `${site}/oauth2/token` },
    secretIn: 'form',
    // Its `scope` is a list.
    mendTokens: ({ scope, ...answer }) => ({ ...answer, scope: listOf(scope).join(' ') }),
    profile: {
      ask: { people: { url: `${api}/helix/users`, headers: { 'client-id': clientId } } },
      read: ({ people }) => {
        const {
          id,
          login,
          display_name,
          email,
          profile_image_url: picture,
          ...rest
        } = objectOf(listOf(objectOf(people).data)[0]);
        const { broadcaster_type, description, type, offline_image_url, view_count } = rest;
        const custom_claims = { broadcaster_type, description, type, offline_image_url, view_count };
        const names = { name: login, full_name: login, nickname: display_name, slug: display_name };
        const data = { iss: api, ...names, picture, avatar_url: picture, provider_id: id, custom_claims };
        // Its reference calls this field "the user's verified email address".
        return profileOf({ subject: id, email: emailOf(email, true), data });
      },
    },
  };
});
