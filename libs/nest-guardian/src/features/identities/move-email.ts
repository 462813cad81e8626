import { deny } from '../../core/auth-error.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Identity, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { identitiesConditions } from './identities.contract.js';

export type MoveNeeds = Pick<LocalNeeds, 'users' | 'secrets' | 'clock'> & {
  readonly settings: { readonly password: { readonly autoconfirm: boolean } };
};

/** What was under way had been sent to, or asked for by, whoever reads the address that goes. */
const nothingUnderWay: UserChange = {
  confirmationSentAt: null,
  recoverySentAt: null,
  newEmail: null,
  emailChangeSentAt: null,
  emailChangeStatus: 0,
  newPhone: null,
  phoneChangeSentAt: null,
  reauthenticationSentAt: null,
};

/**
 * Gives the person the address of an identity that is left, unless one of them still has theirs: those that are
 * verified come first, then the oldest. What is under way comes to nothing, and an address that nobody has proved
 * counts as unconfirmed, unless addresses count as confirmed at once.
 * @throws emailConflictIdentityNotDeletable where every address that is left is somebody else's by now
 */
export async function moveEmail(user: User, gone: Identity, needs: MoveNeeds): Promise<void> {
  const left = user.identities.filter(({ id }) => id !== gone.id);
  if (left.some(({ email }) => email === user.email)) return;
  await needs.secrets.clear(user.id);
  for (const identity of left.toSorted(byTrust)) {
    const change = changeTo(identity, needs);
    if ((await needs.users.update(user.id, change, needs.clock.now())) !== null) return;
  }
  deny(identitiesConditions.emailConflictIdentityNotDeletable);
}

function changeTo({ email, identityData }: Identity, { settings }: MoveNeeds): UserChange {
  const isProved = email !== null && (isVerified(identityData) || settings.password.autoconfirm);
  return {
    ...nothingUnderWay,
    email,
    ...(!isProved && { emailConfirmedAt: null, userMetadataMerge: { email_verified: false } }),
  };
}

const isVerified = ({ email_verified }: Identity['identityData']): boolean => email_verified === true;

/** Verified ones, unverified ones, those without an address; the oldest of each first. */
const byTrust = (a: Identity, b: Identity): number =>
  rankOf(a) - rankOf(b) || a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1);

function rankOf({ email, identityData }: Identity): number {
  if (email === null) return 2;
  return isVerified(identityData) ? 0 : 1;
}
