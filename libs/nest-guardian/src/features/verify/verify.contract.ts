import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation, type Page, type Redirect } from '../../core/operation.js';
import {
  isSessionBody,
  type CaptchaMembers,
  type PkceMembers,
  type SessionBody,
} from '../../wire/session.js';

/** What can go wrong when a code or a link comes back. Codes and words are GoTrue's (contract 2.7, 2.8). */
export const verifyConditions = conditions({
  verifyTypeMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'Verify requires a verification type',
  },
  verifyTokenMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'Verify requires either a token or a token hash',
  },
  verifyLinkTokenMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'Verify requires a token or a token hash',
  },
  verifyHashWithMore: {
    code: 'validation_failed',
    status: 400,
    message: 'Only the token_hash and type should be provided',
  },
  verifyAddressAmbiguous: {
    code: 'validation_failed',
    status: 400,
    message: 'Only an email address or phone number should be provided on verify',
  },
  verifyEmailInvalid: { code: 'validation_failed', status: 422, message: 'Invalid email format' },
  verifyTypeUnsupported: {
    code: 'validation_failed',
    status: 400,
    message: 'Invalid email verification type',
  },
  codeExpired: {
    code: 'otp_expired',
    status: 403,
    applicationStatus: 401,
    message: 'Token has expired or is invalid',
  },
  linkExpired: {
    code: 'otp_expired',
    status: 403,
    applicationStatus: 401,
    message: 'Email link is invalid or has expired',
  },
  linkWithoutFlow: {
    code: 'flow_state_not_found',
    status: 400,
    message: 'No associated flow state found',
  },
  resendTypeUnknown: {
    code: 'validation_failed',
    status: 400,
    message: 'Missing one of these types: signup, email_change, sms, phone_change',
  },
  resendNeedsEmail: {
    code: 'validation_failed',
    status: 400,
    message: 'Type provided requires an email address',
  },
  resendNeedsPhone: {
    code: 'validation_failed',
    status: 400,
    message: 'Type provided requires a phone number',
  },
  resendBothAddresses: {
    code: 'validation_failed',
    status: 400,
    message: 'Only an email address or phone number should be provided.',
  },
  resendAddressMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'Missing email address or phone number',
  },
  resendEmailOff: { code: 'email_provider_disabled', status: 400, message: 'Email logins are disabled' },
  resendPhoneOff: { code: 'phone_provider_disabled', status: 400, message: 'Phone logins are disabled' },
});

export interface VerifyInput extends CaptchaMembers {
  readonly type?: string;
  /** The short code, beside the address that it was sent to. */
  readonly token?: string;
  /** What the link carries; stands alone. */
  readonly token_hash?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly redirect_to?: string;
}

/** The first of two confirmations of a change of address; the other mail is still open. */
export interface HalfConfirmedBody {
  readonly msg: string;
  readonly code: '200';
}

/** Redeems a code or a link's token, once, for a session. */
export const verify = operation<VerifyInput, SessionBody | HalfConfirmedBody>()({
  name: 'verify',
  method: 'POST',
  path: '/verify',
  access: 'anyone',
  query: ['redirect_to'],
  fits: (answer) => isSessionBody(answer) || (answer as Partial<HalfConfirmedBody>).code === '200',
  off: common.featureDisabled,
});

export interface VerifyByLinkInput {
  readonly type?: string;
  readonly token?: string;
  readonly redirect_to?: string;
  /** `yes` when the button was pressed, where there is one. */
  readonly confirm?: string;
}

/** The mailed link itself: redeems it and sends the browser on, with the session or the error in the address. */
export const verifyByLink = operation<VerifyByLinkInput, Redirect | Page>()({
  name: 'verifyByLink',
  method: 'GET',
  path: '/verify',
  access: 'anyone',
  query: 'all',
  answers: 'redirect',
  changes: true,
  off: common.featureDisabled,
});

export interface ResendInput extends PkceMembers, CaptchaMembers {
  readonly type?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly redirect_to?: string;
}

/** Sends again what is still to be confirmed. Says the same when there is nothing to send. */
export const resend = operation<ResendInput, { readonly message_id?: string }>()({
  name: 'resend',
  method: 'POST',
  path: '/resend',
  access: 'anyone',
  query: ['redirect_to'],
  off: verifyConditions.resendEmailOff,
});
