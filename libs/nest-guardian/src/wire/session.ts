import { isUserBody, type UserBody } from './user.js';

/** GoTrue's token response (contract 2.2). */
export interface SessionBody {
  readonly access_token: string;
  readonly token_type: 'bearer';
  /** Seconds from now. */
  readonly expires_in: number;
  /** Unix seconds. */
  readonly expires_at: number;
  readonly refresh_token: string;
  readonly user: UserBody;
  /** Only on the password grant: null, or why the accepted password would not be accepted today. */
  readonly weak_password?: null | { readonly message: string; readonly reasons: readonly string[] };
  readonly provider_token?: string;
  readonly provider_refresh_token?: string;
}

/** Whether this can be a session answer. More members are welcome, and a missing `expires_at` is forgiven. */
export const isSessionBody = (value: unknown): value is SessionBody => {
  if (typeof value !== 'object' || value === null) return false;
  const { access_token: access, refresh_token: refresh, expires_in: seconds, user } = value as SessionBody;
  return isFilled(access) && isFilled(refresh) && Number.isFinite(seconds) && isUserBody(user);
};

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** The PKCE members that several requests carry (contract 7): both or neither. */
export interface PkceMembers {
  readonly code_challenge?: string;
  readonly code_challenge_method?: string;
}

/** What auth-js puts beside a request for the captcha service. */
export interface CaptchaMembers {
  readonly gotrue_meta_security?: { readonly captcha_token?: string };
}
