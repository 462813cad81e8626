import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { sessionsEnded } from '../../core/event.js';
import type { Flow } from '../../core/flow.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Session, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { userBody } from '../../wire/user.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requireAcceptablePassword } from '../password/require-acceptable-password.js';
import { addEmailIdentity, permanentWith } from './become-permanent.js';
import { requireSameAudience } from './get-user.flow.js';
import { requireMetadataFits } from './require-metadata-fits.js';
import { updateUser as operation, type UpdateUserInput, userConditions } from './user.contract.js';
import type { UserSettings } from './user.options.js';

type Needs = Pick<
  LocalNeeds,
  'users' | 'sessions' | 'audit' | 'hasher' | 'principal' | 'clock' | 'caller' | 'announce' | 'tokens'
> & { readonly settings: { readonly password: PasswordSettings; readonly user: UserSettings } };

interface Asking {
  readonly user: User;
  readonly session: Session | null;
}

export const updateUser: Flow<typeof operation, Needs> = async (input, needs) => {
  const asking = await requireCaller(needs);
  requireReadable(input, asking.user, needs);
  requireMayChange(input, asking);
  const { user } = asking;
  const email = newEmail(input, user);
  if (email !== null) requireAtOnce(user, needs);
  if (input.phone && input.phone !== user.phone) deny(userConditions.phoneChangeOff);
  // A null is as good as none.
  const data = input.data ?? undefined;
  const change: UserChange = {
    ...(data !== undefined && { userMetadataMerge: data }),
    ...(email !== null && (await permanentWith(email, data ?? {}, needs))),
    ...(input.password !== undefined && { passwordHash: await newPasswordHash(input.password, user, needs) }),
  };
  return userBody(await write(change, asking, needs));
};

function requireReadable(
  { email, password, app_metadata }: UpdateUserInput,
  user: User,
  { caller, principal, settings }: Needs,
): void {
  requireSameAudience({ caller, principal });
  if (email) requireEmail(email);
  if (password !== undefined) requireAcceptablePassword(password, email || user.email, settings.password);
  if (app_metadata !== undefined) deny(userConditions.appMetadataNotAdmin);
}

function requireMayChange(input: UpdateUserInput, { user, session }: Asking): void {
  const { password, phone, nonce } = input;
  const isNewAddress = newEmail(input, user) !== null || Boolean(phone && phone !== user.phone);
  const isSensitive = password !== undefined || isNewAddress;
  const hasFactor = user.factors.some(({ status }) => status === 'verified');
  if (isSensitive && hasFactor && session?.aal !== 'aal2') deny(userConditions.aalTooLow);
  if (user.isAnonymous && password !== undefined && !input.email && !phone)
    deny(userConditions.anonymousPassword);
  if (user.isSsoUser && (isSensitive || nonce)) deny(userConditions.userSsoManaged);
}

/** The address in lower case, or null where none is given or it is the person's own. */
function newEmail({ email = '' }: UpdateUserInput, user: User): string | null {
  const given = email.toLowerCase();
  return given === '' || given === user.email ? null : given;
}

/** GoTrue: only somebody without any address gets one unconfirmed; everybody else has to open a mail first. */
function requireAtOnce({ isAnonymous, email }: User, { settings }: Needs): void {
  if (!(isAnonymous && email === null && settings.password.autoconfirm)) deny(userConditions.emailChangeOff);
}

async function newPasswordHash(password: string, user: User, { hasher }: Needs): Promise<string> {
  if (user.passwordHash !== null && (await hasher.verify(password, user.passwordHash))) {
    deny(userConditions.samePassword);
  }
  return hasher.hash(password);
}

/** A new password ends every other session: whoever knew the old one is out. */
async function write(change: UserChange, { user, session }: Asking, needs: Needs): Promise<User> {
  const at = needs.clock.now();
  const { email } = change;
  const updated = await needs.users.update(user.id, change, at);
  // Race: the address was taken, or the user deleted, between the look and this write.
  if (updated === null) deny(email ? userConditions.emailExists : common.userOfTokenNotFound);
  // Judged on what is there now, since several updates may come at once; a denial undoes this one.
  if (change.userMetadataMerge) requireMetadataFits(updated.userMetadata, needs.settings.user);
  if (change.passwordHash !== undefined) {
    await needs.sessions.endAll(user.id, session?.id);
    await needs.audit.record({ actor: user, action: 'user_updated_password', logType: 'user', at });
    needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all', except: session?.id });
  }
  const added = email ? [await addEmailIdentity(user, email, needs)] : [];
  await needs.audit.record({ actor: updated, action: 'user_modified', logType: 'user', at });
  return { ...updated, identities: [...updated.identities, ...added] };
}
