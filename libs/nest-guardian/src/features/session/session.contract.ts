import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';
import { isSessionBody, type SessionBody } from '../../wire/session.js';
import { common } from '../../core/conditions.js';

/** What can go wrong with a refresh token. Codes and words are GoTrue's (contract 2.4, 4.3). */
export const sessionConditions = conditions({
  refreshTokenInvalid: {
    code: 'validation_failed',
    status: 400,
    applicationStatus: 401,
    message: 'Refresh token is not valid',
  },
  refreshTokenNotFound: {
    code: 'refresh_token_not_found',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: Refresh Token Not Found',
  },
  refreshTokenAlreadyUsed: {
    code: 'refresh_token_already_used',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: Already Used',
  },
  refreshTokenAhead: {
    code: 'validation_failed',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: Not Issued By This Server',
  },
  userBannedAtRefresh: {
    code: 'user_banned',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: User Banned',
  },
  sessionExpired: {
    code: 'session_expired',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: Session Expired',
  },
  sessionInactive: {
    code: 'session_expired',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: Session Expired (Inactivity)',
  },
  secondFactorOverdue: {
    code: 'session_expired',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: Session Expired (Low AAL: User Needs MFA Verification)',
  },
  newerSessionInUse: {
    code: 'session_expired',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid Refresh Token: Session Expired (Revoked by Newer Login)',
  },
  clientMissing: {
    code: 'invalid_client',
    status: 400,
    applicationStatus: 401,
    message: 'Client authentication required for OAuth session',
    dialect: 'oauth',
  },
  scopeUnsupported: {
    code: 'validation_failed',
    status: 400,
    message: (scope) => `Unsupported logout scope ${JSON.stringify(scope)}`,
  },
});

export interface RefreshInput {
  readonly refresh_token?: string;
}

/**
 * Trades a refresh token for a new session answer and spends it. Shown again within `reuseInterval` it gives
 * the same refresh token; later it ends the session, and that stays although the answer is no. The limits of
 * sessions (`timebox`, `inactivityTimeout`, `allowLowAal`, `singlePerUser`) are asked here and nowhere else.
 * @throws refreshTokenInvalid, refreshTokenNotFound, refreshTokenAhead, refreshTokenAlreadyUsed,
 * userBannedAtRefresh, sessionExpired, sessionInactive, secondFactorOverdue, newerSessionInUse, clientMissing
 */
export const refreshSession = operation<RefreshInput, SessionBody>()({
  name: 'refreshSession',
  method: 'POST',
  path: '/token',
  joins: 'refresh_token',
  fixed: { grant_type: 'refresh_token' },
  access: 'anyone',
  fits: isSessionBody,
  off: common.featureDisabled,
});

export interface SignOutInput {
  /** `global` (default): every session of the user; `local`: this one; `others`: all but this one. */
  readonly scope?: string;
}

/**
 * Ends sessions of the person whose token it is. An access token already out
 * may still be accepted by other processes for up to a minute.
 */
export const signOut = operation<SignOutInput, void>()({
  name: 'signOut',
  method: 'POST',
  path: '/logout',
  access: 'user',
  query: ['scope'],
  answers: 'nothing',
  off: common.featureDisabled,
});
