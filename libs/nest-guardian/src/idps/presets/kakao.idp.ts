import { preset } from '../preset.js';
import { emailOf, idOf, objectOf, profileOf } from '../profile-of.js';

/** Kakao. Its ID tokens, unlike its profile, do not say whether an address is verified. */
export const kakao = preset(({ url, trustsEmail }) => {
  const site = url || 'https://kauth.kakao.com';
  const api = url || 'https://kapi.kakao.com';
  return {
    scopes: ['account_email', 'profile_image', 'profile_nickname'],
    endpoints: { authorize: `${site}/oauth/authorize`, token: `${site}/oauth/token` },
    secretIn: 'form',
    profile: {
      ask: { person: { url: `${api}/v2/user/me` } },
      read: ({ person }) => {
        const { id, kakao_account } = objectOf(person);
        const { profile, email, is_email_valid, is_email_verified } = objectOf(kakao_account);
        const { nickname: name, profile_image_url: avatar_url } = objectOf(profile);
        const names = { name, full_name: name, preferred_username: name, user_name: name };
        const isVerified = is_email_valid === true && is_email_verified === true;
        const data = { iss: api, ...names, avatar_url, provider_id: idOf(id) };
        return profileOf({ subject: id, email: emailOf(email, isVerified), data });
      },
    },
    idTokens: {
      issuer: 'https://kauth.kakao.com',
      read: ({ iss, sub, email, nickname: name, picture }) => {
        const data = { iss, name, preferred_username: name, picture, provider_id: sub };
        return profileOf({ subject: sub, email: emailOf(email, trustsEmail), data });
      },
    },
  };
});
