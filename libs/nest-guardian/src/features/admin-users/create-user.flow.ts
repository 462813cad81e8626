import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { User } from '../../core/records.js';
import { isUuid } from '../../core/uuid.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requirePhone } from '../../steps/send-text.js';
import { userBody } from '../../wire/user.js';
import { askedAudience, type AudienceNeeds } from '../admin/admin-audience.js';
import { note, type NoteNeeds, traitsOf } from '../admin/note.js';
import { requireEmail } from '../password/address.js';
import type { PasswordSettings } from '../password/password.options.js';
import { requireReadablePassword } from '../password/require-acceptable-password.js';
import { requireMetadataFits } from '../user/require-metadata-fits.js';
import { requireStored } from '../user/require-stored.js';
import type { UserSettings } from '../user/user.options.js';
import {
  adminUserConditions,
  type CreateUserInput,
  createUser as operation,
} from './admin-users.contract.js';
import { createPerson } from './create-person.js';
import { readBan } from './read-ban.js';

type Needs = Pick<LocalNeeds, 'users' | 'hasher'> &
  AudienceNeeds &
  NoteNeeds & { readonly settings: { readonly password: PasswordSettings; readonly user: UserSettings } };

export const createUser: Flow<typeof operation, Needs> = async (input, needs) => {
  const addresses = await requireFreeAddresses(input, needs);
  const passwordHash = await hashOf(input, needs);
  const person = { ...addresses, passwordHash, ...requirePerson(input, needs) };
  const bannedUntil = readBan(input.ban_duration, needs.clock.now()) ?? null;
  // Race: address, number or id was taken between the look and this write.
  const made = (await createPerson(person, needs)) ?? deny(await conflictOf(person, needs));
  await note({ action: 'user_signedup', logType: 'team', traits: traitsOf(made) }, needs);
  return userBody(bannedUntil === null ? made : await ban(made, bannedUntil, needs));
};

interface Addresses {
  readonly email: string | null;
  readonly phone: string | null;
}

async function requireFreeAddresses(input: CreateUserInput, needs: Needs): Promise<Addresses> {
  if (!input.email && !input.phone) deny(adminUserConditions.addressesMissing);
  const audience = audienceOf(input, needs);
  const email = input.email ? requireEmail(input.email) : null;
  if (email !== null && (await needs.users.findByEmail(email, audience)))
    deny(adminUserConditions.emailTaken);
  const phone = input.phone ? requirePhone(input.phone) : null;
  if (phone !== null && (await needs.users.findByPhone(phone, audience)))
    deny(adminUserConditions.phoneTaken);
  return { email, phone };
}

const audienceOf = ({ aud }: CreateUserInput, needs: Needs): string => askedAudience(needs, aud || undefined);

/** What is said of the account beside its addresses and its password. */
function requirePerson(input: CreateUserInput, needs: Needs) {
  const { id, role, user_metadata: data = {}, app_metadata = {} } = input;
  requireMetadataFits(data, needs.settings.user);
  return {
    id: id ? requireUuid(id) : undefined,
    audience: audienceOf(input, needs),
    role: role || undefined,
    data,
    appMetadata: app_metadata,
    isEmailConfirmed: Boolean(input.email && input.email_confirm),
    isPhoneConfirmed: Boolean(input.phone && input.phone_confirm),
  };
}

function requireUuid(id: string): string {
  if (!isUuid(id)) deny(adminUserConditions.idNotUuid);
  if (/^[0-]+$/.test(id)) deny(adminUserConditions.idNil);
  return id.toLowerCase();
}

/** Takes a password of any strength: it is an administrator's business. */
async function hashOf(input: CreateUserInput, { hasher, settings }: Needs): Promise<string | null> {
  const { password, password_hash: hash = '' } = input;
  if (password !== undefined && hash !== '') deny(adminUserConditions.passwordAndHash);
  if (hash !== '') return hasher.canVerify(hash) ? hash : deny(adminUserConditions.hashUnreadable);
  if (!password) return null;
  requireReadablePassword(password, settings.password);
  return hasher.hash(password);
}

async function conflictOf({ id, email }: { readonly id?: string } & Addresses, { users }: Needs) {
  if (id !== undefined && (await users.findById(id))) return adminUserConditions.idTaken;
  return email === null ? adminUserConditions.phoneTaken : adminUserConditions.emailTaken;
}

const ban = async (user: User, bannedUntil: Date, { users, clock }: Needs): Promise<User> =>
  requireStored(await users.update(user.id, { bannedUntil }, clock.now()));
