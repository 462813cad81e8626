import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { userBody } from '../../wire/user.js';
import type { AdminSettings } from '../admin/admin.options.js';
import type { AudienceNeeds } from '../admin/admin-audience.js';
import { requireManagedUser } from '../admin/managed-user.js';
import { note, type NoteNeeds, traitsOf } from '../admin/note.js';
import { announceEnd, endSessions } from '../admin/shut-out.js';
import type { PasswordSettings } from '../password/password.options.js';
import type { UserSettings } from '../user/user.options.js';
import { adminUserConditions, type updateUserById as operation } from './admin-users.contract.js';
import { type AccountUpdate, readAccountUpdate } from './read-account-update.js';
import { writeAccount } from './write-account.js';

type Needs = Pick<LocalNeeds, 'users' | 'sessions' | 'secrets' | 'hasher' | 'announce'> &
  AudienceNeeds &
  NoteNeeds & {
    readonly settings: {
      readonly admin: AdminSettings;
      readonly password: PasswordSettings;
      readonly user: UserSettings;
    };
  };

export const updateUserById: Flow<typeof operation, Needs> = async ({ user_id, ...input }, needs) => {
  const user = await requireManagedUser(user_id, needs);
  const { password, ...update } = readAccountUpdate(input, user, needs);
  await requireFree(update, user, needs);
  const passwordHash = password === null ? null : await needs.hasher.hash(password);
  const written = await writeAccount({ ...update, passwordHash }, user.id, needs);
  await endWhatWas({ ...update, password }, written, needs);
  await note({ action: 'user_modified', logType: 'user', traits: traitsOf(written) }, needs);
  return userBody(written);
};

/** GoTrue: a 500, which clients take for an outage. */
async function requireFree(
  { email, phone }: Pick<AccountUpdate, 'email' | 'phone'>,
  user: User,
  { users }: Needs,
): Promise<void> {
  const isOther = (found: User | null): boolean => found !== null && found.id !== user.id;
  if (email !== null && isOther(await users.findByEmail(email, user.audience)))
    deny(adminUserConditions.emailTaken);
  if (phone !== null && isOther(await users.findByPhone(phone, user.audience)))
    deny(adminUserConditions.phoneTaken);
}

/** Whoever had the old password, or reads what was sent to the old address, is out. So is who is banned. */
async function endWhatWas(update: AccountUpdate, { id }: User, needs: Needs): Promise<void> {
  const { email, phone, password, bannedUntil, isEmailConfirmed, isPhoneConfirmed } = update;
  const isBan = bannedUntil instanceof Date;
  const endsAll = password !== null || (isBan && needs.settings.admin.banEndsSessions);
  const isMoved = email !== null || phone !== null || isEmailConfirmed || isPhoneConfirmed;
  if (endsAll || isMoved) await needs.secrets.clear(id);
  if (endsAll) await endSessions(id, needs);
  else if (isBan) announceEnd(id, needs);
}
