import { conditions } from '../../core/condition.js';
import { operation } from '../../core/operation.js';
import { isSessionBody, type SessionBody } from '../../wire/session.js';
import { mfaConditions } from './mfa.contract.js';

/** What can go wrong with recovery codes, which a GoTrue 2.196 has not. */
export const recoveryCodeConditions = conditions({
  aalTooLowForCodes: {
    code: 'insufficient_aal',
    status: 403,
    message: 'AAL2 required to generate recovery codes',
  },
  recoveryCodeWrong: {
    code: 'mfa_verification_failed',
    status: 422,
    message: 'Invalid recovery code entered',
  },
});

/**
 * Makes ten codes, each of which stands in for a second factor once. They are shown this once, and those from before
 * open nothing any more. Only for a session that has shown a second factor.
 */
export const makeRecoveryCodes = operation<
  Readonly<Record<never, never>>,
  { readonly codes: readonly string[] }
>()({
  name: 'makeRecoveryCodes',
  method: 'POST',
  path: '/factors/recovery-codes',
  access: 'member',
  off: mfaConditions.factorNotFound,
});

/** How many recovery codes are left. */
export const countRecoveryCodes = operation<Readonly<Record<never, never>>, { readonly remaining: number }>()(
  {
    name: 'countRecoveryCodes',
    method: 'GET',
    path: '/factors/recovery-codes',
    access: 'member',
    off: mfaConditions.factorNotFound,
  },
);

/** Raises the session to aal2 as a second factor would, and the code is spent. Wrong ones are counted. */
export const verifyRecoveryCode = operation<{ readonly code?: string }, SessionBody>()({
  name: 'verifyRecoveryCode',
  method: 'POST',
  path: '/factors/recovery-codes/verify',
  access: 'member',
  fits: isSessionBody,
  off: mfaConditions.factorNotFound,
});
