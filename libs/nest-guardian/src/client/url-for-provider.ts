import { authorize } from '../features/oauth/oauth.contract.js';
import { buildRequest } from './build-request.js';

export interface IdpUrlOptions {
  /** Where the browser ends up. The server has to allow it. */
  readonly redirectTo?: string;
  /** What to ask the identity provider for, beyond what the server asks anyway. */
  readonly scopes?: string | readonly string[];
  /** Switches on PKCE: base64url of the SHA-256 of the verifier, unless the method says otherwise. */
  readonly codeChallenge?: string;
  /** How the challenge was made from its verifier. @default 's256' */
  readonly codeChallengeMethod?: 's256' | 'plain';
  /** Of an invitation that is accepted by signing in with the identity provider. */
  readonly inviteToken?: string;
  /** What else the identity provider understands, such as `prompt`. */
  readonly query?: Readonly<Record<string, string>>;
}

export function urlForProvider(baseUrl: string, provider: string, options: IdpUrlOptions = {}): string {
  const { redirectTo, scopes, codeChallenge, codeChallengeMethod = 's256', inviteToken, query } = options;
  return buildRequest(baseUrl, authorize, {
    ...query,
    provider,
    redirect_to: redirectTo,
    scopes: typeof scopes === 'object' ? scopes.join(' ') : scopes,
    code_challenge: codeChallenge,
    code_challenge_method: codeChallenge === undefined ? undefined : codeChallengeMethod,
    invite_token: inviteToken,
  }).url;
}
