import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type * as contract from './oauth.contract.js';
import { oauthConditions } from './oauth.contract.js';

/** GoTrue: the identity providers it knows by name. */
const known = new Set(
  (
    'apple azure bitbucket discord facebook figma fly github gitlab google kakao keycloak linkedin linkedin_oidc ' +
    'notion snapchat spotify slack slack_oidc twitch twitter vercel_marketplace workos x zoom'
  ).split(' '),
);

/** What is said where no identity provider is switched on: which names are unknown, and which only off. */
export const authorize: Flow<typeof contract.authorize, object> = async ({ provider = '' }) => {
  const name = provider.toLowerCase();
  if (known.has(name)) deny(oauthConditions.idpDisabled);
  const value = name.startsWith('custom:')
    ? `custom provider ${name} not found`
    : `Provider ${name} could not be found`;
  return deny(oauthConditions.idpUnsupported, { value });
};

/** GoTrue: who gives ID tokens it takes; an empty issuer is a matter of settings. */
const issuers = new Map([
  ['apple', 'https://appleid.apple.com'],
  ['google', 'https://accounts.google.com'],
  ['facebook', 'https://www.facebook.com'],
  ['kakao', 'https://kauth.kakao.com'],
  ['snapchat', 'https://accounts.snapchat.com'],
  ['vercel_marketplace', 'https://marketplace.vercel.com'],
  ['azure', ''],
  ['keycloak', ''],
]);
const allowedIssuers = new Set(['https://appleid.apple.com', 'https://accounts.google.com']);

/** The same for ID tokens. Names count in lower case only (contract 2.4). */
export const signInWithIdToken: Flow<typeof contract.signInWithIdToken, object> = async (input) => {
  const { id_token, provider = '', client_id, issuer = '' } = input;
  if (!id_token) deny(oauthConditions.idTokenRefused, { value: 'id_token required' });
  if (!provider && !(client_id && issuer))
    deny(oauthConditions.idTokenRefused, { value: 'provider or client_id and issuer required' });
  if (provider.startsWith('custom:')) deny(oauthConditions.idTokenCustomIdpUnknown, { value: provider });
  const value = issuers.get(provider) ?? (allowedIssuers.has(issuer) ? issuer : undefined);
  if (value === undefined) deny(oauthConditions.idTokenIdpUnknown, { value: provider });
  return deny(oauthConditions.idTokenIdpDisabled, { value });
};
