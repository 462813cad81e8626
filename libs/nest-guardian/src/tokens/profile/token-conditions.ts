import { conditions } from '../../core/condition.js';

/** What can be wrong with a token of an application's own, or with what is asked of it. */
export const tokenRefusals = conditions({
  tokenInvalid: {
    code: 'token_invalid',
    status: 401,
    message: (reason) => `The token is invalid: ${reason}`,
  },
  tokenExpired: { code: 'token_expired', status: 401, message: 'The token has expired' },
  tokenNotYetValid: { code: 'token_not_yet_valid', status: 401, message: 'The token is not valid yet' },
  tokenTypeWrong: { code: 'token_type_wrong', status: 401, message: 'The token is of another type' },
  tokenRevoked: { code: 'token_revoked', status: 401, message: 'The token is not in use any more' },
  tokenAlreadyUsed: { code: 'token_already_used', status: 401, message: 'The token has been used' },
  tokenLifetimeOver: {
    code: 'token_lifetime_over',
    status: 401,
    message: 'The time for which this can be refreshed is over',
  },
  authenticationTooOld: {
    code: 'authentication_too_old',
    status: 401,
    message: 'The token was got too long ago for this',
  },
  claimMismatch: {
    code: 'claim_mismatch',
    status: 401,
    message: (name) => `The claim ${name} is not what is asked for`,
  },
  principalGone: {
    code: 'principal_gone',
    status: 401,
    message: 'Whom the token was made for does not exist any more',
  },
  sessionOfTokenNotFound: {
    code: 'token_session_not_found',
    status: 401,
    message: 'The session that the token belongs to is not open',
  },
  insufficientPermission: {
    code: 'insufficient_permission',
    status: 403,
    message: 'This action needs a permission that the token does not carry',
  },
  permissionNotGranted: {
    code: 'permission_not_granted',
    status: 403,
    message: 'A permission was asked for that cannot be given',
  },
  exchangeNotAllowed: {
    code: 'exchange_not_allowed',
    status: 403,
    message: 'The token cannot be exchanged for one of that type',
  },
  tokenNotRefreshable: {
    code: 'token_not_refreshable',
    status: 403,
    message: 'Tokens of this kind cannot be refreshed',
  },
  tokenNotRevocable: {
    code: 'token_not_revocable',
    status: 422,
    message: 'Tokens of this type cannot be taken back before they expire',
  },
  impersonationNotAllowed: {
    code: 'impersonation_not_allowed',
    status: 403,
    message: 'Who acts for somebody else cannot act for a third',
  },
  tokenHookFailed: {
    code: 'token_hook_failed',
    status: 500,
    message: 'Unexpected failure, please check server logs for more information',
  },
});
