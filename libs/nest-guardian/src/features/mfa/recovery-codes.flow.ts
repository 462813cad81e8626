import { deny, denyButKeep } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { newRecoveryCode, recoveryCodeHash } from '../../tokens/recovery-code.js';
import { countAttempt, forgetAttempt } from './count-attempt.js';
import { mfaConditions } from './mfa.contract.js';
import type { MfaSettings } from './mfa.options.js';
import { raiseSession, type RaiseNeeds } from './raise-session.js';
import {
  type countRecoveryCodes as countOperation,
  type makeRecoveryCodes as makeOperation,
  recoveryCodeConditions,
  type verifyRecoveryCode as verifyOperation,
} from './recovery-codes.contract.js';
import { requireSession } from './require-factor.js';

type Needs = Pick<LocalNeeds, 'users' | 'factors' | 'audit' | 'principal' | 'clock' | 'caller'>;

const count = 10;

export const makeRecoveryCodes: Flow<typeof makeOperation, Needs> = async (_, needs) => {
  const { user, session } = await requireSession(needs);
  // Who has no factor has no such session: codes that somebody laid by before would open what is protected later.
  if (session.aal !== 'aal2') deny(recoveryCodeConditions.aalTooLowForCodes);
  const codes = Array.from({ length: count }, newRecoveryCode);
  const hashes = codes.map((code) => recoveryCodeHash(user.id, code));
  const at = needs.clock.now();
  await needs.factors.replaceRecoveryCodes(user.id, hashes, at);
  await needs.audit.record({
    actor: user,
    action: 'recovery_codes_generated',
    logType: 'factor',
    traits: { count },
    at,
    ip: needs.caller.address,
  });
  return { codes };
};

export const countRecoveryCodes: Flow<typeof countOperation, Needs> = async (_, needs) => {
  const { user } = await requireSession(needs);
  return { remaining: await needs.factors.countRecoveryCodes(user.id) };
};

/**
 * GoTrue: newer servers know this name. To 2.196 it is one like any other, so that a session which goes over to it
 * is at aal1 from its next refresh on.
 */
const method = 'mfa/recovery_code';

type VerifyNeeds = Needs &
  Pick<LocalNeeds, 'limits'> &
  RaiseNeeds & { readonly settings: { readonly mfa: MfaSettings } };

export const verifyRecoveryCode: Flow<typeof verifyOperation, VerifyNeeds> = async ({ code = '' }, needs) => {
  const asking = await requireSession(needs);
  const { user } = asking;
  if (code === '') deny(mfaConditions.codeMissing);
  // Without a factor there is nothing that the code could stand in for.
  const factor = user.factors.find(({ status }) => status === 'verified');
  if (factor === undefined) deny(recoveryCodeConditions.recoveryCodeWrong);
  await countAttempt(user, needs);
  const isTaken = await needs.factors.takeRecoveryCode(user.id, recoveryCodeHash(user.id, code));
  if (!isTaken) denyButKeep(recoveryCodeConditions.recoveryCodeWrong);
  await forgetAttempt(user, needs);
  await needs.audit.record({
    actor: user,
    action: 'verification_attempted',
    logType: 'factor',
    traits: { factor_type: 'recovery_code' },
    at: needs.clock.now(),
    ip: needs.caller.address,
  });
  return raiseSession(asking, { factorId: factor.id, method }, needs);
};
