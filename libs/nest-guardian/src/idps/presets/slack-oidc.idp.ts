import { preset } from '../preset.js';
import { emailOf, objectOf, profileOf } from '../profile-of.js';

const userId = 'https://slack.com/user_id';
const teamId = 'https://slack.com/team_id';

/** Sign in with Slack. */
export const slackOidc = preset(({ url, trustsEmail }) => {
  const site = url || 'https://slack.com';
  const api = `${site}/api`;
  return {
    scopes: ['profile', 'email', 'openid'],
    endpoints: { authorize: `${site}/openid/connect/authorize`, token: `${api}/openid.connect.token` },
    profile: {
      ask: { person: { url: `${api}/openid.connect.userInfo` } },
      read: ({ person }) => {
        const { [userId]: id, [teamId]: team, email, email_verified, name, picture } = objectOf(person);
        const shown = { name, full_name: name, picture, avatar_url: picture };
        const data = { iss: api, ...shown, provider_id: id, custom_claims: { [teamId]: team } };
        return profileOf({ subject: id, email: emailOf(email, email_verified ?? trustsEmail), data });
      },
    },
  };
});
