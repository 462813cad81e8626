import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { sessionsEnded } from '../../core/event.js';
import type { Flow } from '../../core/flow.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Metadata, Session, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { userBody } from '../../wire/user.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requireAcceptablePassword } from '../password/require-acceptable-password.js';
import { requireSameAudience } from './get-user.flow.js';
import { updateUser as operation, type UpdateUserInput, userConditions } from './user.contract.js';

type Needs = Pick<
  LocalNeeds,
  'users' | 'sessions' | 'audit' | 'hasher' | 'principal' | 'clock' | 'caller' | 'announce'
> & { readonly settings: { readonly password: PasswordSettings } };

export const updateUser: Flow<typeof operation, Needs> = async (input, needs) => {
  requireReadable(input, needs);
  const { user, session } = await requireCaller(needs);
  requireMayChange(input, user, session);
  requireAddressUnchanged(input, user);
  const change: UserChange = {
    ...(input.password !== undefined && { passwordHash: await newPasswordHash(input.password, user, needs) }),
    ...(input.data !== undefined && { userMetadata: merged(user.userMetadata, input.data) }),
  };
  return userBody(await write(change, { user, session }, needs));
};

/** What can be judged without knowing the user. */
function requireReadable({ email, password, app_metadata }: UpdateUserInput, needs: Needs): void {
  requireSameAudience(needs);
  if (email) requireEmail(email);
  if (password !== undefined) requireAcceptablePassword(password, needs.settings.password);
  if (app_metadata !== undefined) deny(userConditions.appMetadataNotAdmin);
}

function requireMayChange(
  { password, email, phone, nonce }: UpdateUserInput,
  user: User,
  session: Session | null,
) {
  const isSensitive = password !== undefined || Boolean(email) || Boolean(phone);
  const hasFactor = user.factors.some(({ status }) => status === 'verified');
  if (isSensitive && hasFactor && session?.aal !== 'aal2') deny(userConditions.aalTooLow);
  if (user.isAnonymous && password !== undefined && !email && !phone) deny(userConditions.anonymousPassword);
  if (user.isSsoUser && (isSensitive || nonce)) deny(userConditions.userSsoManaged);
}

function requireAddressUnchanged({ email, phone }: UpdateUserInput, user: User): void {
  if (email && email.toLowerCase() !== user.email) deny(userConditions.emailChangeOff);
  if (phone && phone !== user.phone) deny(userConditions.phoneChangeOff);
}

async function newPasswordHash(password: string, user: User, { hasher }: Needs): Promise<string> {
  if (user.passwordHash !== null && (await hasher.verify(password, user.passwordHash))) {
    deny(userConditions.samePassword);
  }
  return hasher.hash(password);
}

/** GoTrue: one level deep; a null takes the key away. */
function merged(metadata: Metadata, data: Metadata): Metadata {
  return Object.fromEntries(Object.entries({ ...metadata, ...data }).filter(([, value]) => value !== null));
}

/** A new password ends every other session: whoever knew the old one is out. */
async function write(
  change: UserChange,
  { user, session }: { readonly user: User; readonly session: Session | null },
  needs: Needs,
): Promise<User> {
  const at = needs.clock.now();
  const updated = await needs.users.update(user.id, change, at);
  // Race: the user was deleted between the look and this write.
  if (updated === null) deny(common.userOfTokenNotFound);
  if (change.passwordHash !== undefined) {
    await needs.sessions.endAll(user.id, session?.id);
    await needs.audit.record({ actor: user, action: 'user_updated_password', logType: 'user', at });
    needs.announce(sessionsEnded, { userId: user.id, sessionIds: 'all', except: session?.id });
  }
  await needs.audit.record({ actor: user, action: 'user_modified', logType: 'user', at });
  return updated;
}
