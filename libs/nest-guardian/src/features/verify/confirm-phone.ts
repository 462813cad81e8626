import { denyButKeep } from '../../core/auth-error.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { movePhone, type MovePhoneNeeds } from '../user/move-phone.js';
import { userConditions } from '../user/user.contract.js';
import { type ClearNeeds, clearUnproved, leftByPhone } from './clear-unproved.js';
import type { Redeemed } from './redeem-secret.js';

type Needs = Pick<LocalNeeds, 'audit'> & MovePhoneNeeds & ClearNeeds;

/**
 * The number is confirmed. Where signing in is the first proof of anything, the account becomes its owner's alone.
 * GoTrue: signing in by a text is noted as signing up.
 */
export async function confirmPhone({ user, secret }: Redeemed, needs: Needs): Promise<void> {
  const at = needs.clock.now();
  const traits = { provider: 'phone' };
  await needs.audit.record({ actor: user, action: 'user_signedup', logType: 'team', traits, at });
  const isProved = user.phoneConfirmedAt !== null || user.emailConfirmedAt !== null;
  if (secret.slot === 'recovery' && !isProved) await clearUnproved(user, leftByPhone(user), needs);
  const { phone, phoneConfirmedAt } = user;
  const change = { phone, phoneConfirmedAt: phoneConfirmedAt ?? at, isAnonymous: false };
  await needs.users.update(user.id, change, at);
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
