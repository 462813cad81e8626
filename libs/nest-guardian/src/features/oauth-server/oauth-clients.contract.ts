import { operation } from '../../core/operation.js';
import { type OAuthClientBody, oauthServerConditions } from './oauth-server.contract.js';

type Members = Record<string, unknown>;
interface OfClient {
  readonly client_id: string;
}

const all = {
  path: '/admin/oauth/clients',
  access: 'admin',
  off: oauthServerConditions.oauthServerDisabled,
} as const;
const one = { ...all, path: `${all.path}/:client_id` } as const;

/** Every application that may ask people to sign in here. */
export const listOAuthClients = operation<Record<never, never>, { readonly clients?: OAuthClientBody[] }>()({
  name: 'listOAuthClients',
  method: 'GET',
  ...all,
});

/** Lets an application in. */
export const createOAuthClient = operation<Members, OAuthClientBody>()({
  name: 'createOAuthClient',
  method: 'POST',
  ...all,
});

/** One of them. */
export const getOAuthClient = operation<OfClient, OAuthClientBody>()({
  name: 'getOAuthClient',
  method: 'GET',
  ...one,
});

/** Changes what is given of it. */
export const updateOAuthClient = operation<OfClient & Members, OAuthClientBody>()({
  name: 'updateOAuthClient',
  method: 'PUT',
  ...one,
});

/** Shows it out. */
export const deleteOAuthClient = operation<OfClient, void>()({
  name: 'deleteOAuthClient',
  method: 'DELETE',
  ...one,
  answers: 'nothing',
});

/** Gives it another secret; the old one is worth nothing from then on. */
export const renewOAuthClientSecret = operation<OfClient, OAuthClientBody>()({
  name: 'renewOAuthClientSecret',
  method: 'POST',
  ...one,
  path: `${one.path}/regenerate_secret`,
});
