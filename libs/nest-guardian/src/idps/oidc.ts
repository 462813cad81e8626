import type { IdpChoice } from '../core/ports/idps.js';
import { chooseIdp, type IdpClient } from './choose-idp.js';
import { claimsReader } from './generic-claims.js';

/** How an OpenID Connect provider is reached. */
export interface OidcOptions extends IdpClient {
  /** As its discovery document and its ID tokens write it: everything else is discovered there. */
  readonly issuer: string;
}

/**
 * Any OpenID Connect provider: `oidc({ issuer: 'https://id.example.com', clientId, secret })`. An address counts as
 * verified where `email_verified` is true; whether the provider may be believed there is the operator's judgement.
 */
export const oidc = (options: OidcOptions): IdpChoice =>
  chooseIdp(options, {
    define: ({ trustsEmail }) => ({
      scopes: ['openid', 'profile', 'email'],
      idTokens: { issuer: options.issuer, read: claimsReader(trustsEmail) },
      asksUserinfo: true,
    }),
    addresses: { issuer: 'required' },
  });
