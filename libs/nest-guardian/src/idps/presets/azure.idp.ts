import { preset } from '../preset.js';
import { emailOf, profileOf } from '../profile-of.js';

const host = 'https://login.microsoftonline.com';
const tenants = new RegExp(
  `^${host.replaceAll('.', '[.]')}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2[.]0$`,
);
/** Outlook, Xbox and the like. */
const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** What `url` may end with instead of a tenant: whose accounts count. */
const groups = new Map<string, (tenant: string) => boolean>([
  [`${host}/common`, () => true],
  [`${host}/organizations`, (tenant) => tenant !== consumers],
  [`${host}/consumers`, (tenant) => tenant === consumers],
]);

/** Microsoft writes true in all of these ways. */
const ways: readonly unknown[] = [true, 1, '1', 'true'];

/**
 * Microsoft Entra ID. `url` is the tenant's, by its id: `https://login.microsoftonline.com/<tenant id>`; without one
 * accounts of every tenant get in. What a tenant's administrator writes as an address proves nothing: it counts as
 * verified only where the optional claim `xms_edov` says that the tenant owns its domain.
 */
export const azure = preset(({ url, trustsEmail }) => {
  const site = url || `${host}/common`;
  const counts = groups.get(site);
  return {
    scopes: ['openid', 'email', 'profile'],
    endpoints: { authorize: `${site}/oauth2/v2.0/authorize`, token: `${site}/oauth2/v2.0/token` },
    answersAs: `${site}/v2.0`,
    idTokens: {
      issuer: counts ? '' : `${site}/v2.0`,
      alsoFrom: (issuer) => {
        const tenant = tenants.exec(issuer)?.[1];
        return tenant !== undefined && counts?.(tenant) === true;
      },
      read: (claims) => {
        const { iss, sub, name, preferred_username, email, xms_edov: owned, ...others } = claims;
        const isVerified = owned === undefined ? trustsEmail : ways.includes(owned);
        const custom_claims = { ...without(others, ofTheToken), email, xms_edov: owned };
        const data = { iss, full_name: name, preferred_username, provider_id: sub, custom_claims };
        return profileOf({ subject: sub, email: emailOf(email, isVerified), data });
      },
    },
  };
});

/** Claims that speak of the token and not of the person. */
const ofTheToken = [
  'aud',
  'iat',
  'nbf',
  'exp',
  'c_hash',
  'at_hash',
  'aio',
  'nonce',
  'rh',
  'uti',
  'jti',
  'ver',
];

const without = (claims: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
