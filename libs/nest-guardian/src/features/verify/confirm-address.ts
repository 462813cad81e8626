import { deny } from '../../core/auth-error.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type ClearNeeds, clearUnproved, isUnproved, leftByEmail, provedData } from './clear-unproved.js';
import type { Redeemed } from './redeem-secret.js';
import { verifyConditions } from './verify.contract.js';

type Needs = ClearNeeds & Pick<LocalNeeds, 'audit'>;

/**
 * A sign-up or an invitation was answered: the address is confirmed, also in the identities that have it.
 * GoTrue: who accepts an invitation gets a password that nobody knows. Here they have none until they choose one.
 */
export async function confirmSignUp({ user, type, secret }: Redeemed, needs: Needs): Promise<void> {
  await noteSignUp({ user, type }, needs);
  // Nobody knows whose choice the password is, or the metadata.
  if (secret.isContested && isUnproved(user, needs))
    await clearUnproved(user, leftByEmail(user, provedData(user)), needs);
  // The person who is invited has not seen what is there; the inviter's metadata is meant for them.
  if (type === 'invite' && isUnproved(user, needs))
    await clearUnproved(user, leftByEmail(user, user.userMetadata), needs);
  await writeConfirmed({ user, type }, needs);
  await needs.users.verifyIdentities(user.id, user.email ?? '', needs.clock.now());
}

/**
 * A recovery or a magic link was followed. Where that is the first proof of the address, the account becomes the
 * follower's alone. GoTrue: the identity does not learn that the address is verified.
 */
export async function confirmRecovery({ user, type }: Redeemed, needs: Needs): Promise<void> {
  if (user.emailConfirmedAt !== null) {
    const at = needs.clock.now();
    return needs.audit.record({ actor: user, action: 'login', logType: 'account', at });
  }
  await noteSignUp({ user, type }, needs);
  if (isUnproved(user, needs)) await clearUnproved(user, leftByEmail(user, provedData(user)), needs);
  await writeConfirmed({ user, type }, needs);
}

type Confirmed = Pick<Redeemed, 'user' | 'type'>;

const noteSignUp = ({ user }: Confirmed, { audit, clock }: Needs): Promise<void> =>
  audit.record({
    actor: user,
    action: 'user_signedup',
    logType: 'team',
    traits: { provider: 'email' },
    at: clock.now(),
  });

async function writeConfirmed({ user }: Confirmed, needs: Needs): Promise<void> {
  const at = needs.clock.now();
  const emailConfirmedAt = user.emailConfirmedAt ?? at;
  const change = {
    emailConfirmedAt,
    userMetadataMerge: { email_verified: true },
    // GoTrue: whoever got the address with a linked identity stays anonymous.
    ...(user.isAnonymous && { isAnonymous: false }),
  };
  const written = await needs.users.update(user.id, change, at);
  // Race: the user was deleted after the secret was taken.
  if (written === null) deny(verifyConditions.codeExpired);
}
