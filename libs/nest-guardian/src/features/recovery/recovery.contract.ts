import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';
import type { CaptchaMembers, PkceMembers } from '../../wire/session.js';

/** What can go wrong with a forgotten password. Codes and words are GoTrue's (contract 2.6). */
export const recoveryConditions = conditions({
  recoveryOff: { code: 'email_provider_disabled', status: 400, message: 'Email logins are disabled' },
  recoveryAddressMissing: {
    code: 'validation_failed',
    status: 400,
    message: 'Password recovery requires an email',
  },
});

export interface RecoverInput extends PkceMembers, CaptchaMembers {
  readonly email?: string;
  readonly redirect_to?: string;
}

/** Mails a link that signs in once, so that a new password can be set. Says the same for unknown addresses. */
export const recover = operation<RecoverInput, Record<never, never>>()({
  name: 'recover',
  method: 'POST',
  path: '/recover',
  access: 'anyone',
  query: ['redirect_to'],
  off: recoveryConditions.recoveryOff,
});
