import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { removeFactor } from '../../steps/remove-factor.js';
import { mfaConditions, type unenrollFactor as operation } from './mfa.contract.js';
import { requireFactor, requireSession } from './require-factor.js';

type Needs = Pick<
  LocalNeeds,
  'users' | 'sessions' | 'factors' | 'audit' | 'principal' | 'clock' | 'caller' | 'announce'
>;

export const unenrollFactor: Flow<typeof operation, Needs> = async ({ factor_id: factorId }, needs) => {
  const asking = await requireSession(needs);
  const { user, session } = asking;
  const factor = await requireFactor(asking, factorId, needs);
  if (factor.status === 'verified' && session.aal !== 'aal2') deny(mfaConditions.aalTooLowToUnenroll);
  // Race: somebody else has taken it away meanwhile.
  if ((await removeFactor(factor, needs)) === null) deny(mfaConditions.factorNotFound);
  await needs.audit.record({
    actor: user,
    action: 'factor_unenrolled',
    logType: 'factor',
    traits: { factor_id: factor.id, factor_status: factor.status, session_id: session.id },
    at: needs.clock.now(),
    ip: needs.caller.address,
  });
  return { id: factor.id };
};
