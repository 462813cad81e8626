import { conditions } from '../../core/condition.js';
import { operation, type Redirect } from '../../core/operation.js';
import type { DiscoveryBody } from '../settings/settings.contract.js';

/** What can go wrong where other applications sign people in here. Codes and words are GoTrue's (contract 2.20). */
export const oauthServerConditions = conditions({
  oauthServerDisabled: { code: 'feature_disabled', status: 404, message: 'OAuth server is disabled' },
});

const off = oauthServerConditions.oauthServerDisabled;

type Members = Record<string, unknown>;
/** Another application, as GoTrue describes it. */
export type OAuthClientBody = Members & { readonly client_id: string };

/** RFC 8414 3: the same as the OpenID Connect discovery, but only where the server is on. */
export const getOAuthServerMetadata = operation<Record<never, never>, DiscoveryBody>()({
  name: 'getOAuthServerMetadata',
  method: 'GET',
  path: '/.well-known/oauth-authorization-server',
  access: 'anyone',
  off,
});

/** RFC 7591 3: an application introduces itself. */
export const registerOAuthClient = operation<Members, OAuthClientBody>()({
  name: 'registerOAuthClient',
  method: 'POST',
  path: '/oauth/clients/register',
  access: 'anyone',
  off,
});

/** RFC 6749 4.1.1: an application sends a person here, to be asked. */
export const beginOAuthAuthorization = operation<Record<string, string>, Redirect>()({
  name: 'beginOAuthAuthorization',
  method: 'GET',
  path: '/oauth/authorize',
  access: 'anyone',
  query: 'all',
  answers: 'redirect',
  changes: true,
  off,
});

interface OfAuthorization {
  readonly authorization_id: string;
}

/** What the person is asked: by whom, and for what. */
export const getOAuthAuthorization = operation<OfAuthorization, Members>()({
  name: 'getOAuthAuthorization',
  method: 'GET',
  path: '/oauth/authorizations/:authorization_id',
  access: 'user',
  changes: true,
  off,
});

/** What the person answers. */
export const answerOAuthAuthorization = operation<
  OfAuthorization & { readonly action?: string },
  { readonly redirect_url: string }
>()({
  name: 'answerOAuthAuthorization',
  method: 'POST',
  path: '/oauth/authorizations/:authorization_id/consent',
  access: 'user',
  off,
});

/** RFC 6749 3.2: an application trades a code or a refresh token for tokens. */
export const tradeOAuthGrant = operation<Members, Members>()({
  name: 'tradeOAuthGrant',
  method: 'POST',
  path: '/oauth/token',
  access: 'anyone',
  off,
});

/** OpenID Connect Core 5.3: who the token is about. */
export const getUserInfo = operation<Record<never, never>, Members & { readonly sub: string }>()({
  name: 'getUserInfo',
  method: 'GET',
  path: '/oauth/userinfo',
  access: 'user',
  off,
});

const grants = { path: '/user/oauth/grants', access: 'user', off } as const;

/** The applications that the signed-in person has let in. */
export const listOAuthGrants = operation<Record<never, never>, readonly Members[]>()({
  name: 'listOAuthGrants',
  method: 'GET',
  ...grants,
});

/** Shows one of them out. */
export const revokeOAuthGrant = operation<{ readonly client_id?: string }, void>()({
  name: 'revokeOAuthGrant',
  method: 'DELETE',
  ...grants,
  query: ['client_id'],
  answers: 'nothing',
});
