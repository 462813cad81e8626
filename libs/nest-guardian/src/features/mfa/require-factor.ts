import { deny } from '../../core/auth-error.js';
import type { Condition } from '../../core/condition.js';
import type { FactorWithSecret } from '../../core/ports/factors.js';
import type { Session, User } from '../../core/records.js';
import { isUuid } from '../../core/uuid.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { mfaConditions } from './mfa.contract.js';
import type { MfaSettings } from './mfa.options.js';

export interface Asking {
  readonly user: User;
  readonly session: Session;
}

/**
 * GoTrue: without a session it answers 500, or gives out a challenge that nobody can use.
 * @throws sessionNeeded, and what `requireCaller` throws
 */
export async function requireSession(
  needs: Pick<LocalNeeds, 'users' | 'principal' | 'clock'>,
): Promise<Asking> {
  const { user, session } = await requireCaller(needs);
  return { user, session: session ?? deny(mfaConditions.sessionNeeded) };
}

/** The person's own factor: of others' it is said that there is none. @throws factorIdNotUuid, factorNotFound */
export async function requireFactor(
  { user }: Asking,
  factorId: string,
  { factors }: Pick<LocalNeeds, 'factors'>,
): Promise<FactorWithSecret> {
  if (!isUuid(factorId)) deny(mfaConditions.factorIdNotUuid);
  return (await factors.find(user.id, factorId)) ?? deny(mfaConditions.factorNotFound);
}

const off = {
  phone: mfaConditions.phoneVerificationOff,
  webauthn: mfaConditions.webauthnVerificationOff,
} as const satisfies Partial<Record<FactorWithSecret['factorType'], Condition>>;

/** @throws totpVerificationOff, phoneVerificationOff, webauthnVerificationOff */
export function requireVerifiable({ factorType }: FactorWithSecret, { totpVerify }: MfaSettings): void {
  if (factorType !== 'totp') deny(off[factorType]);
  if (!totpVerify) deny(mfaConditions.totpVerificationOff);
}
