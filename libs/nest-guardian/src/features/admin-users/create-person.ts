import { randomUUID } from 'node:crypto';
import type { NewUser } from '../../core/ports/stores.js';
import type { Identity, Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';

type PersonNeeds = Pick<LocalNeeds, 'users' | 'tokens' | 'clock'>;

export type NewPerson = Pick<NewUser, 'email' | 'passwordHash'> & {
  readonly phone?: string | null;
  readonly data: Metadata;
  /** Goes over what the addresses say of providers; a null takes a key away. */
  readonly appMetadata?: Metadata;
  readonly id?: string;
  readonly audience?: string;
  readonly role?: string;
  readonly isEmailConfirmed?: boolean;
  readonly isPhoneConfirmed?: boolean;
};

/**
 * Makes an account for somebody else: the user and the identities of address and number. Without a hash nobody can
 * sign in by password; GoTrue stores the hash of one that nobody knows.
 * @returns null when id, address or number is taken
 */
export async function createPerson(person: NewPerson, needs: PersonNeeds): Promise<User | null> {
  const { email, phone = null, passwordHash, data, appMetadata = {} } = person;
  const { isEmailConfirmed = false, isPhoneConfirmed = false } = person;
  const { tokens, clock, users } = needs;
  const [id, at] = [person.id ?? randomUUID(), clock.now()];
  const ways: [provider: string, data: Metadata][] = [];
  if (email !== null) ways.push(['email', { email }]);
  if (phone !== null) ways.push(['phone', { phone }]);
  const providers = ways.map(([provider]) => provider);
  const inserted = await users.insert({
    id,
    at,
    email,
    phone,
    passwordHash,
    audience: person.audience ?? tokens.settings.audience,
    role: person.role ?? tokens.settings.role,
    appMetadata: withoutNulls({ provider: providers[0], providers, ...appMetadata }),
    userMetadata: isEmailConfirmed ? { ...data, email_verified: true } : data,
    isAnonymous: false,
    emailConfirmedAt: isEmailConfirmed ? at : null,
    phoneConfirmedAt: isPhoneConfirmed ? at : null,
  });
  if (inserted === null) return null;
  const identities: Identity[] = [];
  for (const way of ways) identities.push(await addIdentity(id, way, needs));
  return { ...inserted, identities };
}

export const withoutNulls = (metadata: Metadata): Metadata =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));

/** GoTrue: an address that an administrator calls confirmed is no verified one in the identity. */
export async function addIdentity(
  userId: string,
  [provider, data]: readonly [provider: string, data: Metadata],
  { users, clock }: Pick<PersonNeeds, 'users' | 'clock'>,
): Promise<Identity> {
  const identityData = { sub: userId, email_verified: false, phone_verified: false, ...data };
  const at = clock.now();
  const added = await users.insertIdentity({ userId, provider, providerId: userId, identityData, at });
  if (added === null) throw new Error('A user who has just been made has identities already');
  return added;
}
