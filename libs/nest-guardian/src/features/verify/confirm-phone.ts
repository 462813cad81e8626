import { denyButKeep } from '../../core/auth-error.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { movePhone, type MovePhoneNeeds } from '../user/move-phone.js';
import { userConditions } from '../user/user.contract.js';
import type { Redeemed } from './redeem-secret.js';

type Needs = Pick<LocalNeeds, 'audit'> & MovePhoneNeeds;

/** The number is confirmed. GoTrue: signing in by a text is noted as signing up. */
export async function confirmPhone({ user }: Redeemed, needs: Needs): Promise<void> {
  const at = needs.clock.now();
  const traits = { provider: 'phone' };
  await needs.audit.record({ actor: user, action: 'user_signedup', logType: 'team', traits, at });
  const phoneConfirmedAt = user.phoneConfirmedAt ?? at;
  await needs.users.update(user.id, { phoneConfirmedAt, isAnonymous: false }, at);
}

/**
 * The new number takes the old one's place.
 * @throws phoneExists, and the secret stays used up
 */
export async function confirmPhoneChange({ user }: Redeemed, needs: Needs): Promise<void> {
  // Somebody has signed up with the number since the change was asked for.
  const moved = await movePhone(user, user.newPhone ?? '', needs);
  if (moved === null) denyButKeep(userConditions.phoneExists);
  await needs.audit.record({ actor: user, action: 'user_modified', logType: 'user', at: needs.clock.now() });
}
