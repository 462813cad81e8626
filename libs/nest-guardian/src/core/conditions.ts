import { conditions } from './condition.js';

/** What can go wrong before any feature is asked, or in every one of them. Codes and words are GoTrue's. */
export const common = conditions({
  noAuthorization: {
    code: 'no_authorization',
    status: 401,
    message: 'This endpoint requires a valid Bearer token',
  },
  anonymousNotAllowed: {
    code: 'no_authorization',
    status: 403,
    message: 'Anonymous user not allowed to perform these actions',
  },
  badJwt: {
    code: 'bad_jwt',
    status: 403,
    applicationStatus: 401,
    message: (reason) => `invalid JWT: unable to parse or verify signature, ${reason}`,
  },
  subjectMissing: {
    code: 'bad_jwt',
    status: 403,
    applicationStatus: 401,
    message: 'invalid claim: missing sub claim',
  },
  subjectNotUuid: {
    code: 'bad_jwt',
    status: 400,
    applicationStatus: 401,
    message: 'invalid claim: sub claim must be a UUID',
  },
  sessionIdNotUuid: {
    code: 'bad_jwt',
    status: 403,
    applicationStatus: 401,
    message: 'invalid claim: session_id claim must be a UUID',
  },
  notAdmin: { code: 'not_admin', status: 403, message: 'User not allowed' },
  userOfTokenNotFound: {
    code: 'user_not_found',
    status: 403,
    applicationStatus: 401,
    message: 'User from sub claim in JWT does not exist',
  },
  sessionNotFound: {
    code: 'session_not_found',
    status: 403,
    applicationStatus: 401,
    message: 'Session from session_id claim in JWT does not exist',
  },
  userBanned: { code: 'user_banned', status: 403, applicationStatus: 401, message: 'User is banned' },
  insufficientRole: {
    code: 'insufficient_role',
    status: 403,
    message: 'This action needs a role that the token does not carry',
  },
  badJson: {
    code: 'bad_json',
    status: 400,
    message: (reason) => `Could not parse request body as JSON: ${reason}`,
  },
  badRequest: { code: 'validation_failed', status: 400, message: (reason) => reason },
  requestTooLarge: {
    code: 'request_entity_too_large',
    status: 413,
    message: 'Request body too large (max 1048576 bytes)',
  },
  requestTimeout: { code: 'request_timeout', status: 504, message: 'Request timed out' },
  tooManyRequests: {
    code: 'over_request_rate_limit',
    status: 429,
    message: 'Request rate limit reached',
  },
  featureDisabled: {
    code: 'feature_disabled',
    status: 404,
    message: 'This feature is not enabled on this server',
  },
  overloaded: {
    code: 'overloaded',
    status: 503,
    message: 'The server is too busy to take this request now',
  },
  providerUnavailable: {
    code: 'provider_unavailable',
    status: 503,
    message: 'The authentication provider cannot be reached',
  },
  databaseUnavailable: {
    code: 'database_unavailable',
    status: 503,
    message: 'The account database cannot be reached',
  },
  unexpectedFailure: {
    code: 'unexpected_failure',
    status: 500,
    message: 'Unexpected failure, please check server logs for more information',
  },
});
