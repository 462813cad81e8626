import { conditions } from '../../core/condition.js';
import { operation, type Redirect } from '../../core/operation.js';
import type { CaptchaMembers, PkceMembers } from '../../wire/session.js';

/** What can go wrong with a company's single sign-on. Codes and words are GoTrue's (contract 2.21). */
export const ssoConditions = conditions({
  samlDisabled: { code: 'saml_provider_disabled', status: 404, message: 'SAML 2.0 is disabled' },
});

const off = ssoConditions.samlDisabled;

export interface SignInWithSsoInput extends PkceMembers, CaptchaMembers {
  readonly provider_id?: string;
  readonly domain?: string;
  readonly redirect_to?: string;
  readonly skip_http_redirect?: boolean;
}

/** Where to send the browser, so that a company's identity provider says who this is. */
export const signInWithSso = operation<SignInWithSsoInput, { readonly url: string }>()({
  name: 'signInWithSso',
  method: 'POST',
  path: '/sso',
  access: 'anyone',
  off,
});

/** What a company's identity provider needs to know of this server, as XML. */
export const getSamlMetadata = operation<{ readonly download?: string }, string>()({
  name: 'getSamlMetadata',
  method: 'GET',
  path: '/sso/saml/metadata',
  access: 'anyone',
  query: ['download'],
  off,
});

/** Takes what a company's identity provider says and sends the browser on. */
export const consumeSamlAssertion = operation<
  { readonly SAMLResponse?: string; readonly RelayState?: string },
  Redirect
>()({
  name: 'consumeSamlAssertion',
  method: 'POST',
  path: '/sso/saml/acs',
  access: 'anyone',
  answers: 'redirect',
  off,
});
