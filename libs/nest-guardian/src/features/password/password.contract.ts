import { conditions } from '../../core/condition.js';
import { event } from '../../core/event.js';
import { operation } from '../../core/operation.js';
import {
  isSessionBody,
  type CaptchaMembers,
  type PkceMembers,
  type SessionBody,
} from '../../wire/session.js';
import { isUserBody, type UserBody } from '../../wire/user.js';

/** What can go wrong with e-mail and password. Codes, statuses and words are GoTrue's (contract 2.3, 2.4). */
export const passwordConditions = conditions({
  signupDisabled: { code: 'signup_disabled', status: 422, message: 'Signups not allowed for this instance' },
  passwordMissing: { code: 'validation_failed', status: 400, message: 'Signup requires a valid password' },
  passwordTooLong: {
    code: 'validation_failed',
    status: 400,
    message: (limit) => `Password cannot be longer than ${limit} characters`,
  },
  passwordUnreadable: {
    code: 'validation_failed',
    status: 400,
    message: 'Password must be well-formed text without NUL characters',
  },
  weakPassword: { code: 'weak_password', status: 422, message: (words) => words },
  bothAddresses: {
    code: 'validation_failed',
    status: 400,
    message: (where) => `Only an email address or phone number should be provided on ${where}.`,
  },
  addressMissing: { code: 'validation_failed', status: 400, message: 'missing email or phone' },
  emailInvalid: {
    code: 'validation_failed',
    status: 400,
    message: 'Unable to validate email address: invalid format',
  },
  emailTooLong: { code: 'validation_failed', status: 400, message: 'An email address is too long' },
  emailProviderDisabledForSignUp: {
    code: 'email_provider_disabled',
    status: 400,
    message: 'Email signups are disabled',
  },
  phoneProviderDisabledForSignUp: {
    code: 'phone_provider_disabled',
    status: 400,
    message: 'Phone signups are disabled',
  },
  emailProviderDisabled: {
    code: 'email_provider_disabled',
    status: 422,
    message: 'Email logins are disabled',
  },
  phoneProviderDisabled: {
    code: 'phone_provider_disabled',
    status: 422,
    message: 'Phone logins are disabled',
  },
  phoneWithChallenge: {
    code: 'validation_failed',
    status: 400,
    message: 'PKCE not supported for phone signups',
  },
  userAlreadyExists: { code: 'user_already_exists', status: 422, message: 'User already registered' },
  invalidCredentials: {
    code: 'invalid_credentials',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid login credentials',
  },
  userBannedAtSignIn: { code: 'user_banned', status: 400, applicationStatus: 401, message: 'User is banned' },
  emailNotConfirmed: {
    code: 'email_not_confirmed',
    status: 400,
    applicationStatus: 401,
    message: 'Email not confirmed',
  },
  phoneNotConfirmed: {
    code: 'phone_not_confirmed',
    status: 400,
    applicationStatus: 401,
    message: 'Phone not confirmed',
  },
});

export interface SignUpInput extends PkceMembers, CaptchaMembers {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly data?: Record<string, unknown>;
  readonly channel?: string;
  readonly redirect_to?: string;
}

/** A session where people are confirmed at once; otherwise the user alone, who cannot sign in yet. */
export const signUp = operation<SignUpInput, SessionBody | UserBody>()({
  name: 'signUp',
  method: 'POST',
  path: '/signup',
  joins: 'login',
  access: 'anyone',
  query: ['redirect_to'],
  fits: (answer) => isSessionBody(answer) || isUserBody(answer),
  off: passwordConditions.emailProviderDisabledForSignUp,
});

export interface SignInInput extends CaptchaMembers {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
}

/**
 * Opens a session for an address and its password. An unknown address and a wrong password cannot be told apart,
 * by words or by time.
 */
export const signInWithPassword = operation<SignInInput, SessionBody>()({
  name: 'signInWithPassword',
  method: 'POST',
  path: '/token',
  joins: 'password',
  fixed: { grant_type: 'password' },
  access: 'anyone',
  fits: isSessionBody,
  off: passwordConditions.emailProviderDisabled,
});

/** Someone proved a password. Carries no secret. Told even when a later check refuses. */
export const passwordProved = event<{ readonly userId: string }>('passwordProved');
/** A password did not fit, or the address is nobody's. */
export const passwordFailed = event<{ readonly userId: string | null }>('passwordFailed');
