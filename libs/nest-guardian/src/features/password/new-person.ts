import { randomUUID } from 'node:crypto';
import type { Identity, Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';

/** Who somebody says they are, who signs up by mail. */
export interface Named {
  /** In lower case. */
  readonly email: string;
  /** Null where they have not chosen a password, so that none fits. */
  readonly passwordHash: string | null;
  readonly data?: Metadata;
  /** Whether the address counts as confirmed without a mail. */
  readonly isConfirmed: boolean;
}

/** The account that somebody would get, with its identity. Nothing is written. */
export function newPerson(named: Named, { tokens, clock }: Pick<LocalNeeds, 'tokens' | 'clock'>): User {
  const { email, passwordHash, data, isConfirmed } = named;
  const [id, at] = [randomUUID(), clock.now()];
  const identityData = { ...data, sub: id, email, email_verified: false, phone_verified: false };
  return {
    ...nobody,
    id,
    audience: tokens.settings.audience,
    role: tokens.settings.role,
    email,
    passwordHash,
    emailConfirmedAt: isConfirmed ? at : null,
    appMetadata: { provider: 'email', providers: ['email'] },
    // GoTrue: the identity's data becomes the user's metadata, and confirming says so there alone.
    userMetadata: { ...identityData, email_verified: isConfirmed },
    createdAt: at,
    updatedAt: at,
    identities: [
      {
        id: randomUUID(),
        userId: id,
        provider: 'email',
        providerId: id,
        identityData,
        email,
        lastSignInAt: at,
        createdAt: at,
        updatedAt: at,
      },
    ],
  };
}

/**
 * Writes the account; of two with one address, one is written. What comes back is what was given, not the row:
 * PostgreSQL puts the members of an object in an order of its own, by which one that is made up could be told.
 * @returns null when the address is taken
 */
export async function insertPerson(person: User, { users }: Pick<LocalNeeds, 'users'>): Promise<User | null> {
  const at = person.createdAt;
  if ((await users.insert({ ...person, at })) === null) return null;
  const [given] = person.identities as [Identity];
  const identity = await users.insertIdentity({ ...given, at });
  if (identity === null) throw new Error('A random id was taken');
  return { ...person, identities: [{ ...given, id: identity.id }] };
}

/** A record in which nothing has happened. */
const nobody = {
  phone: null,
  phoneConfirmedAt: null,
  confirmedAt: null,
  invitedAt: null,
  confirmationSentAt: null,
  recoverySentAt: null,
  newEmail: null,
  emailChangeSentAt: null,
  emailChangeStatus: 0,
  newPhone: null,
  phoneChangeSentAt: null,
  reauthenticationSentAt: null,
  lastSignInAt: null,
  bannedUntil: null,
  deletedAt: null,
  isAnonymous: false,
  isSsoUser: false,
  factors: [],
} as const satisfies Partial<User>;
