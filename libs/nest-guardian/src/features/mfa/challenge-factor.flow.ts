import { randomUUID } from 'node:crypto';
import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type challengeFactor as operation, mfaConditions } from './mfa.contract.js';
import type { MfaSettings } from './mfa.options.js';
import { requireFactor, requireSession, requireVerifiable } from './require-factor.js';

type Needs = Pick<LocalNeeds, 'users' | 'factors' | 'audit' | 'principal' | 'clock' | 'caller'> & {
  readonly settings: { readonly mfa: MfaSettings };
};

export const challengeFactor: Flow<typeof operation, Needs> = async ({ factor_id: factorId }, needs) => {
  const asking = await requireSession(needs);
  const factor = await requireFactor(asking, factorId, needs);
  requireVerifiable(factor, needs.settings.mfa);
  const at = needs.clock.now();
  const [id, ip] = [randomUUID(), needs.caller.address];
  const isMade = await needs.factors.challenge({ id, factorId: factor.id, createdAt: at, ip });
  // Race: it was given up meanwhile.
  if (!isMade) deny(mfaConditions.factorNotFound);
  await needs.audit.record({
    actor: asking.user,
    action: 'challenge_created',
    logType: 'factor',
    traits: { factor_id: factor.id, factor_status: factor.status },
    at,
    ip,
  });
  const expiresAt = at.getTime() + needs.settings.mfa.challengeLifetime;
  return { id, type: factor.factorType, expires_at: Math.floor(expiresAt / 1000) };
};
