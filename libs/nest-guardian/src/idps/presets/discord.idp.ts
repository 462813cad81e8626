import { preset } from '../preset.js';
import { emailOf, objectOf, profileOf, textOf } from '../profile-of.js';

const images = 'https://cdn.discordapp.com';

/** Discord. */
export const discord = preset(({ url }) => {
  const api = `${url || 'https://discord.com'}/api`;
  return {
    scopes: ['email', 'identify'],
    endpoints: { authorize: `${api}/oauth2/authorize`, token: `${api}/oauth2/token` },
    profile: {
      ask: { person: { url: `${api}/users/@me` } },
      read: ({ person }) => {
        const { id, username, discriminator, global_name, avatar, email, verified } = objectOf(person);
        const name = `${textOf(username)}#${textOf(discriminator)}`;
        const picture = pictureOf(textOf(id), textOf(avatar), Number(textOf(discriminator)));
        const shown = { name, full_name: username, picture, avatar_url: picture };
        const data = { iss: api, ...shown, provider_id: id, custom_claims: { global_name } };
        return profileOf({ subject: id, email: emailOf(email, verified), data });
      },
    },
  };
});

/** Who has chosen none has one of five. Those that move begin with `a_`. */
const pictureOf = (id: string, avatar: string, discriminator: number): string =>
  avatar === ''
    ? `${images}/embed/avatars/${(discriminator || 0) % 5}.png`
    : `${images}/avatars/${id}/${avatar}.${avatar.startsWith('a_') ? 'gif' : 'png'}`;
