import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { operation } from '../../core/operation.js';
import type { CaptchaMembers, PkceMembers } from '../../wire/session.js';

/** What can go wrong when a code or a link is asked for. Codes and words are GoTrue's (contract 2.5, 2.9). */
export const otpConditions = conditions({
  otpEmailDisabled: { code: 'email_provider_disabled', status: 422, message: 'Email logins are disabled' },
  otpPhoneDisabled: { code: 'phone_provider_disabled', status: 400, message: 'Unsupported phone provider' },
  otpAddressMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'One of email or phone must be set',
  },
  otpBothAddresses: {
    code: 'validation_failed',
    status: 400,
    message: 'Only an email address or phone number should be provided',
  },
  channelWithoutPhone: {
    code: 'validation_failed',
    status: 400,
    message: 'Channel should only be specified with Phone OTP',
  },
  otpDisabled: { code: 'otp_disabled', status: 422, message: 'Signups not allowed for otp' },
  // GoTrue: the magic link speaks of recovery when the address is missing.
  magicLinkAddressMissing: {
    code: 'validation_failed',
    status: 422,
    message: 'Password recovery requires an email',
  },
  smsSendFailed: { code: 'sms_send_failed', status: 422, message: 'Error sending sms OTP' },
  reauthenticationWithoutAddress: {
    code: 'validation_failed',
    status: 400,
    message: 'Reauthentication requires the user to have an email or a phone number',
  },
  reauthenticationEmailNotConfirmed: {
    code: 'email_not_confirmed',
    status: 422,
    message: 'Please verify your email first.',
  },
  reauthenticationPhoneNotConfirmed: {
    code: 'phone_not_confirmed',
    status: 422,
    message: 'Please verify your phone first.',
  },
});

/** What says that something was sent: nothing, or the id that the text service gave. */
export interface SentBody {
  readonly message_id?: string;
}

export interface SendOtpInput extends PkceMembers, CaptchaMembers {
  readonly email?: string;
  readonly phone?: string;
  /** Whether an unknown address becomes a new user. True unless said otherwise. */
  readonly create_user?: boolean;
  readonly data?: Record<string, unknown>;
  readonly channel?: string;
  readonly redirect_to?: string;
}

/** Sends a link with a code by mail, or a code by text. Says the same for known and unknown addresses. */
export const sendOtp = operation<SendOtpInput, SentBody>()({
  name: 'sendOtp',
  method: 'POST',
  path: '/otp',
  access: 'anyone',
  query: ['redirect_to'],
  off: otpConditions.otpEmailDisabled,
});

export interface SendMagicLinkInput extends PkceMembers, CaptchaMembers {
  readonly email?: string;
  readonly data?: Record<string, unknown>;
  readonly redirect_to?: string;
}

/** `sendOtp` by mail, under its older route. */
export const sendMagicLink = operation<SendMagicLinkInput, SentBody>()({
  name: 'sendMagicLink',
  method: 'POST',
  path: '/magiclink',
  access: 'anyone',
  query: ['redirect_to'],
  off: otpConditions.otpEmailDisabled,
});

/** Sends the signed-in person the nonce that a change of password may ask for. */
export const reauthenticate = operation<Record<never, never>, SentBody>()({
  name: 'reauthenticate',
  method: 'GET',
  path: '/reauthenticate',
  access: 'user',
  changes: true,
  off: common.featureDisabled,
});
