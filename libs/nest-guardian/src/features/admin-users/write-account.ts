import { deny } from '../../core/auth-error.js';
import type { Condition } from '../../core/condition.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { adminConditions } from '../admin/admin.contract.js';
import { passwordChange } from '../user/new-password.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import type { UserSettings } from '../user/user.options.js';
import { adminUserConditions } from './admin-users.contract.js';
import { addIdentity, withoutNulls } from './create-person.js';
import type { AccountUpdate } from './read-account-update.js';

type Needs = Pick<LocalNeeds, 'users' | 'clock'> & { readonly settings: { readonly user: UserSettings } };

export type HashedUpdate = Omit<AccountUpdate, 'password'> & { readonly passwordHash: string | null };

/**
 * Writes what is changed of the account and its identities.
 * @throws userNotFound, emailTaken, phoneTaken, metadataTooLarge
 */
export async function writeAccount(update: HashedUpdate, id: string, needs: Needs): Promise<User> {
  const { users, clock, settings } = needs;
  // Race: of several who change metadata at once, each sees what the one before has written.
  const held = (await users.hold(id)) ?? deny(adminConditions.userNotFound);
  const written = await users.update(id, changeOf(update, held, clock.now()), clock.now());
  // Race: address or number was taken between the look and this write.
  if (written === null) deny(await conflictOf(update, held, needs));
  if (update.userMetadata !== undefined) requireMetadataFits(written.userMetadata, settings.user);
  const { email, phone } = update;
  if (email !== null)
    await noteIdentity(id, ['email', { email, email_verified: update.isEmailConfirmed }], needs);
  if (phone !== null)
    await noteIdentity(id, ['phone', { phone, phone_verified: update.isPhoneConfirmed }], needs);
  return (await users.findById(id)) ?? deny(adminConditions.userNotFound);
}

/** A change of address that was under way leads nowhere any more. */
const nothingUnderWay: UserChange = { newEmail: null, emailChangeStatus: 0, newPhone: null };

function changeOf(update: HashedUpdate, held: User, at: Date): UserChange {
  const { email, phone, isEmailConfirmed, isPhoneConfirmed, passwordHash } = update;
  const { role, bannedUntil, appMetadata, userMetadata } = update;
  const isNamed = (email !== null && isEmailConfirmed) || (phone !== null && isPhoneConfirmed);
  const merge = { ...(isEmailConfirmed && { email_verified: true }), ...userMetadata };
  return {
    ...(passwordHash !== null && passwordChange(passwordHash)),
    ...((email !== null || phone !== null) && nothingUnderWay),
    ...(email !== null && { email }),
    ...(phone !== null && { phone }),
    ...(isEmailConfirmed && { emailConfirmedAt: at }),
    ...(isPhoneConfirmed && { phoneConfirmedAt: at }),
    ...(held.isAnonymous && isNamed && { isAnonymous: false }),
    ...(role !== undefined && { role }),
    ...(bannedUntil !== undefined && { bannedUntil }),
    ...(appMetadata !== undefined && { appMetadata: withoutNulls({ ...held.appMetadata, ...appMetadata }) }),
    ...(Object.keys(merge).length > 0 && { userMetadataMerge: merge }),
  };
}

async function conflictOf({ email, phone }: HashedUpdate, held: User, { users }: Needs): Promise<Condition> {
  const isPhoneFree = phone === null || phone === held.phone;
  const isEmailTaken = email !== null && (isPhoneFree || (await users.findByEmail(email, held.audience)));
  return isEmailTaken ? adminUserConditions.emailTaken : adminUserConditions.phoneTaken;
}

/** The identity of an address says whose it is, and whether the administrator calls it confirmed. */
async function noteIdentity(
  userId: string,
  way: readonly [provider: string, data: Metadata],
  needs: Needs,
): Promise<void> {
  const [provider, data] = way;
  const merged = await needs.users.mergeIdentityData(userId, provider, { data, at: needs.clock.now() });
  if (merged === null) await addIdentity(userId, way, needs);
}
