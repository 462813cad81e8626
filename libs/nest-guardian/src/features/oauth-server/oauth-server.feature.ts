import { asItIs, delegated, delegatedBehindBearer, type Feature } from '../feature.js';
import * as clients from './oauth-clients.contract.js';
import * as contract from './oauth-server.contract.js';

/** GoTrue: below `/oauth` the switch is looked at before the bearer, below `/user` and `/admin` after it. */
export const oauthServer: Feature = {
  name: 'oauthServer',
  offers: [
    delegated(contract.getOAuthServerMetadata),
    delegated(contract.registerOAuthClient, asItIs),
    delegated(contract.beginOAuthAuthorization),
    delegated(contract.getOAuthAuthorization),
    delegated(contract.answerOAuthAuthorization, asItIs),
    delegated(contract.tradeOAuthGrant, asItIs),
    delegated(contract.getUserInfo),
    delegatedBehindBearer(contract.listOAuthGrants),
    delegatedBehindBearer(contract.revokeOAuthGrant),
    delegatedBehindBearer(clients.listOAuthClients),
    delegatedBehindBearer(clients.createOAuthClient, asItIs),
    delegatedBehindBearer(clients.getOAuthClient),
    delegatedBehindBearer(clients.updateOAuthClient, asItIs),
    delegatedBehindBearer(clients.deleteOAuthClient),
    delegatedBehindBearer(clients.renewOAuthClientSecret, asItIs),
  ],
  options: {},
};
