import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';
import { isSessionBody, type CaptchaMembers, type SessionBody } from '../../wire/session.js';

/** What can go wrong when nobody in particular signs in. Codes and words are GoTrue's (contract 2.3). */
export const anonymousConditions = conditions({
  anonymousDisabled: {
    code: 'anonymous_provider_disabled',
    status: 422,
    message: 'Anonymous sign-ins are disabled',
  },
});

export interface SignInAnonymouslyInput extends CaptchaMembers {
  readonly data?: Record<string, unknown>;
}

/** Makes a user without any address and opens a session for them. */
export const signInAnonymously = operation<SignInAnonymouslyInput, SessionBody>()({
  name: 'signInAnonymously',
  method: 'POST',
  path: '/signup',
  joins: 'anonymous',
  access: 'anyone',
  fits: isSessionBody,
  off: anonymousConditions.anonymousDisabled,
});
