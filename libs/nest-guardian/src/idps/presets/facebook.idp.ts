import { createHmac } from 'node:crypto';
import { preset } from '../preset.js';
import { emailOf, fullNameOf, objectOf, profileOf } from '../profile-of.js';

/** Facebook. It does not say whether an address is verified. */
export const facebook = preset(({ url, secret, trustsEmail }) => {
  const graph = url || 'https://graph.facebook.com';
  const profileUrl = `${graph}/me?fields=email,first_name,last_name,name,picture`;
  const proofOf = (accessToken: string) => createHmac('sha256', secret).update(accessToken).digest('hex');
  return {
    scopes: ['email'],
    endpoints: {
      authorize: `${url || 'https://www.facebook.com'}/dialog/oauth`,
      token: `${graph}/oauth/access_token`,
    },
    profile: {
      ask: { person: { url: (accessToken) => `${profileUrl}&appsecret_proof=${proofOf(accessToken)}` } },
      read: ({ person }) => {
        const { id, email, first_name, last_name, name: alias, picture } = objectOf(person);
        const { url: image } = objectOf(objectOf(picture).data);
        const name = fullNameOf(first_name, last_name);
        const shown = {
          name,
          full_name: name,
          nickname: alias,
          slug: alias,
          picture: image,
          avatar_url: image,
        };
        const data = { iss: profileUrl, ...shown, provider_id: id };
        return profileOf({ subject: id, email: emailOf(email, trustsEmail), data });
      },
    },
    // Limited Login of its kits for iOS.
    idTokens: {
      issuer: 'https://www.facebook.com',
      read: ({ iss, sub, email, name, picture }) =>
        profileOf({
          subject: sub,
          email: emailOf(email, trustsEmail),
          data: { iss, name, picture, provider_id: sub },
        }),
    },
  };
});
