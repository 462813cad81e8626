import { preset } from '../preset.js';
import { emailOf, fullNameOf, objectOf, profileOf } from '../profile-of.js';

/**
 * WorkOS. The address is what some organization's own server says, so nothing proves it unless all of them are known.
 * The client says whose: `connection`, `organization`, or `workos_provider`.
 */
export const workos = preset(({ url, trustsEmail }) => {
  const api = url || 'https://api.workos.com';
  return {
    scopes: [],
    endpoints: { authorize: `${api}/sso/authorize`, token: `${api}/sso/token` },
    secretIn: 'form',
    profile: {
      ask: { person: { url: `${api}/sso/profile` } },
      read: ({ person }) => {
        const { id, first_name, last_name, email, connection_id, organization_id } = objectOf(person);
        const name = fullNameOf(first_name, last_name);
        const custom_claims = { connection_id, organization_id };
        const data = { iss: api, name, full_name: name, provider_id: id, custom_claims };
        return profileOf({ subject: id, email: emailOf(email, trustsEmail), data });
      },
    },
  };
});
