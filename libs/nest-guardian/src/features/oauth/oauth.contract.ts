import { conditions } from '../../core/condition.js';
import { operation, type Redirect } from '../../core/operation.js';
import { isSessionBody, type CaptchaMembers, type SessionBody } from '../../wire/session.js';

/** What can go wrong with someone else's identity. Codes and words are GoTrue's (contract 2.4, 2.11). */
export const oauthConditions = conditions({
  idpUnsupported: {
    code: 'validation_failed',
    status: 400,
    message: (reason) => `Unsupported provider: ${reason}`,
  },
  idpDisabled: {
    code: 'validation_failed',
    status: 400,
    message: 'Unsupported provider: provider is not enabled',
  },
  linkTargetNotFound: {
    code: 'user_not_found',
    status: 404,
    message: 'The user who asked for one more identity is gone',
  },
  invitedNotFound: {
    code: 'user_not_found',
    status: 404,
    message: 'User identified by token not found',
  },
  /** It is down, slow, or what it says makes no sense. GoTrue: a 500 with the same words. */
  idpUnavailable: { code: 'unexpected_failure', status: 503, message: (reason) => reason },
  /** It says no to what the browser brought, or its answer is not one that we take. GoTrue: a 500 with the same words. */
  idpAnswerRefused: { code: 'unexpected_failure', status: 400, message: (reason) => reason },
  /** GoTrue's one word for both of these. */
  idpFault: { code: 'unexpected_failure', status: 500, message: (reason) => reason },
  /** It names nobody. GoTrue: without a code. */
  idpSubjectMissing: {
    code: 'server_error',
    status: 400,
    dialect: 'oauth',
    message: 'error missing provider id',
  },
  idTokenIdpDisabled: {
    code: 'provider_disabled',
    status: 400,
    message: (issuer) => `Provider (issuer ${JSON.stringify(issuer)}) is not enabled`,
  },
  idTokenIdpUnknown: {
    code: 'validation_failed',
    status: 400,
    message: (name) => `Custom OIDC provider ${JSON.stringify(name)} not allowed`,
  },
  idTokenCustomIdpUnknown: {
    code: 'validation_failed',
    status: 400,
    message: (name) => `Custom provider ${JSON.stringify(name)} not found`,
  },
  idTokenRefused: {
    code: 'invalid request',
    status: 400,
    applicationStatus: 401,
    dialect: 'oauth',
    message: (reason) => reason,
  },
  idTokenNonceWrong: {
    code: 'invalid nonce',
    status: 400,
    applicationStatus: 401,
    dialect: 'oauth',
    message: 'Nonces mismatch',
  },
  idpEmailUnverified: {
    code: 'provider_email_needs_verification',
    status: 422,
    message: (idp) => `Unverified email with ${idp}. Verify the email with ${idp} in order to sign in`,
  },
  idpEmailBeingVerified: {
    code: 'provider_email_needs_verification',
    status: 422,
    message: (idp) => `Unverified email with ${idp}. A confirmation email has been sent to your ${idp} email`,
  },
  idpEmailNotInvited: {
    code: 'validation_failed',
    status: 400,
    message: 'Invited email does not match emails from external provider',
  },
  severalAccounts: {
    code: 'unexpected_failure',
    status: 500,
    applicationStatus: 409,
    message: 'Multiple accounts with the same email address in the same linking domain detected: default',
  },
  exchangeIncomplete: {
    code: 'validation_failed',
    status: 400,
    message: 'invalid request: both auth code and code verifier should be non-empty',
  },
  flowStateNotFound: {
    code: 'flow_state_not_found',
    status: 404,
    message: 'invalid flow state, no valid flow state found',
  },
  flowStateExpired: {
    code: 'flow_state_expired',
    status: 422,
    message: 'invalid flow state, flow state has expired',
  },
  codeVerifierWrong: {
    code: 'bad_code_verifier',
    status: 400,
    message: 'code challenge does not match previously saved code verifier',
  },
});

export interface AuthorizeInput {
  readonly provider?: string;
  readonly scopes?: string;
  readonly redirect_to?: string;
  readonly code_challenge?: string;
  readonly code_challenge_method?: string;
  readonly invite_token?: string;
  /** What else the identity provider may understand, such as `prompt` or `login_hint`. */
  readonly [member: string]: string | undefined;
}

/** Sends the browser to the identity provider. */
export const authorize = operation<AuthorizeInput, Redirect>()({
  name: 'authorize',
  method: 'GET',
  path: '/authorize',
  access: 'anyone',
  query: 'all',
  answers: 'redirect',
  changes: true,
  off: oauthConditions.idpDisabled,
});

export interface SignInWithIdTokenInput extends CaptchaMembers {
  readonly id_token?: string;
  readonly provider?: string;
  readonly access_token?: string;
  readonly nonce?: string;
  readonly client_id?: string;
  readonly issuer?: string;
  /** Adds the identity to the signed-in person instead of signing in. */
  readonly link_identity?: boolean;
}

/** Opens a session for whom an identity provider's ID token names. */
export const signInWithIdToken = operation<SignInWithIdTokenInput, SessionBody>()({
  name: 'signInWithIdToken',
  method: 'POST',
  path: '/token',
  joins: 'id_token',
  fixed: { grant_type: 'id_token' },
  access: 'anyone',
  fits: isSessionBody,
  off: oauthConditions.idTokenIdpDisabled,
});

export interface ExchangeCodeInput {
  readonly auth_code?: string;
  readonly code_verifier?: string;
}

/** Trades the code of a redirect for the session, for whoever holds the verifier. */
export const exchangeCode = operation<ExchangeCodeInput, SessionBody>()({
  name: 'exchangeCode',
  method: 'POST',
  path: '/token',
  joins: 'pkce',
  fixed: { grant_type: 'pkce' },
  access: 'anyone',
  fits: isSessionBody,
  off: oauthConditions.flowStateNotFound,
});
