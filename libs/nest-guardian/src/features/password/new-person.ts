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
export function newPerson(named: Named, needs: Pick<LocalNeeds, 'tokens' | 'clock'>): User {
  const { email, passwordHash, data, isConfirmed } = named;
  const account = newAccount({ provider: 'email', claims: { email }, passwordHash, data }, needs);
  return {
    ...account,
    email,
    emailConfirmedAt: isConfirmed ? account.createdAt : null,
    // GoTrue: confirming says so here alone, not in the identity.
    userMetadata: { ...account.userMetadata, email_verified: isConfirmed },
  };
}

/** What an account starts with, whatever it is found by. */
export interface NewAccount {
  readonly provider: 'email' | 'phone';
  /** What the identity says besides what every one does. */
  readonly claims: { readonly email?: string };
  readonly passwordHash: string | null;
  readonly data?: Metadata;
}

/** An account with its one identity, before it has an address or a number. Nothing is written. */
export function newAccount(start: NewAccount, { tokens, clock }: Pick<LocalNeeds, 'tokens' | 'clock'>): User {
  const { provider, claims, passwordHash, data } = start;
  const [id, at] = [randomUUID(), clock.now()];
  const identityData = { ...data, sub: id, ...claims, email_verified: false, phone_verified: false };
  const identity = { id: randomUUID(), userId: id, provider, providerId: id, identityData };
  return {
    ...nobody,
    id,
    audience: tokens.settings.audience,
    role: tokens.settings.role,
    passwordHash,
    appMetadata: { provider, providers: [provider] },
    // GoTrue: the identity's data becomes the user's metadata.
    userMetadata: identityData,
    createdAt: at,
    updatedAt: at,
    identities: [
      { ...identity, email: claims.email ?? null, lastSignInAt: at, createdAt: at, updatedAt: at },
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
  email: null,
  emailConfirmedAt: null,
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
