import { isIP } from 'node:net';
import { deny, denyButKeep } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { Challenge, FactorWithSecret } from '../../core/ports/factors.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { findTotpStep } from '../../tokens/totp.js';
import { countAttempt, forgetAttempt } from './count-attempt.js';
import { mfaConditions, type verifyFactor as operation } from './mfa.contract.js';
import type { MfaSettings } from './mfa.options.js';
import { raiseSession, type RaiseNeeds } from './raise-session.js';
import { type Asking, requireFactor, requireSession, requireVerifiable } from './require-factor.js';

type Needs = Pick<LocalNeeds, 'users' | 'factors' | 'limits' | 'audit' | 'principal' | 'caller'> &
  RaiseNeeds & { readonly settings: { readonly mfa: MfaSettings } };

export const verifyFactor: Flow<typeof operation, Needs> = async (input, needs) => {
  const asking = await requireSession(needs);
  const factor = await requireFactor(asking, input.factor_id, needs);
  const { challenge_id: challengeId = '', code = '' } = input;
  if (code === '' && factor.factorType !== 'webauthn') deny(mfaConditions.codeMissing);
  requireVerifiable(factor, needs.settings.mfa);
  requireMayAdd(factor, asking);
  const challenge = await requireChallenge(factor, challengeId, needs);
  await countAttempt(asking.user, needs);
  await acceptCode(factor, code, needs);
  const at = needs.clock.now();
  // Race: two codes of two steps may answer one challenge at once.
  if (!(await needs.factors.useChallenge(challenge.id, at))) denyButKeep(mfaConditions.challengeNotForCaller);
  await forgetAttempt(asking.user, needs);
  await needs.factors.confirm(factor, at);
  await needs.audit.record({
    actor: asking.user,
    action: 'verification_attempted',
    logType: 'factor',
    traits: { factor_id: factor.id, challenge_id: challenge.id, factor_type: factor.factorType },
    at,
    ip: needs.caller.address,
  });
  return raiseSession(asking, { factorId: factor.id, method: 'totp' }, needs);
};

/** One that was begun before another kind was verified, by whoever it was, is no way round that one. @throws aalTooLowToEnroll */
function requireMayAdd({ status }: FactorWithSecret, { user, session }: Asking): void {
  const hasOther = user.factors.some((factor) => factor.status === 'verified');
  if (status === 'unverified' && hasOther && session.aal !== 'aal2') deny(mfaConditions.aalTooLowToEnroll);
}

/** @throws challengeNotFound, challengeNotForCaller, challengeExpired */
async function requireChallenge(
  factor: FactorWithSecret,
  challengeId: string,
  { factors, caller, clock, settings }: Needs,
): Promise<Challenge> {
  const found = challengeId === '' ? null : await factors.findChallenge(factor.id, challengeId);
  const challenge = found ?? deny(mfaConditions.challengeNotFound);
  // GoTrue: says the same of one that was used.
  if (challenge.verifiedAt !== null || canonical(challenge.ip) !== canonical(caller.address)) {
    deny(mfaConditions.challengeNotForCaller);
  }
  const expiresAt = challenge.createdAt.getTime() + settings.mfa.challengeLifetime;
  if (expiresAt < clock.now().getTime()) deny(mfaConditions.challengeExpired, { value: challenge.id });
  return challenge;
}

/** One spelling for every address, without the zone; null for what is none. The table has neither. */
function canonical(address: string | null): string | null {
  const [withoutZone = ''] = address?.split('%') ?? [];
  const version = isIP(withoutZone);
  if (version === 0) return null;
  return version === 4 ? withoutZone : new URL(`http://[${withoutZone}]`).hostname;
}

/** RFC 6238 5.2: no code is taken twice. It was a try all the same. @throws totpCodeWrong */
async function acceptCode({ id, secret }: FactorWithSecret, code: string, needs: Needs): Promise<void> {
  const step = secret === null ? null : findTotpStep(secret, code.trim(), needs.clock.now());
  if (step === null || !(await needs.factors.acceptStep(id, step))) denyButKeep(mfaConditions.totpCodeWrong);
}
