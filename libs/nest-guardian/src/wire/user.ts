import type { Factor, Identity, Metadata, User } from '../core/records.js';

/** GoTrue's identity object (contract 5.2). Times are RFC 3339 in UTC; unset ones are absent. */
export interface IdentityBody {
  readonly identity_id: string;
  readonly id: string;
  readonly user_id: string;
  /** Absent where there is none: of somebody deleted softly. */
  readonly identity_data?: Metadata;
  readonly provider: string;
  readonly last_sign_in_at?: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly email?: string;
}

/** GoTrue's factor object (contract 2.17). */
export interface FactorBody {
  readonly id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly status: Factor['status'];
  readonly friendly_name?: string;
  readonly factor_type: Factor['factorType'];
  readonly phone: string;
  readonly last_challenged_at: string | null;
}

/** GoTrue's user object (contract 5.1): unset address and number are `""`, unset times are absent. */
export interface UserBody {
  readonly id: string;
  readonly aud: string;
  readonly role: string;
  readonly email: string;
  readonly email_confirmed_at?: string;
  readonly invited_at?: string;
  readonly phone: string;
  readonly phone_confirmed_at?: string;
  readonly confirmation_sent_at?: string;
  readonly confirmed_at?: string;
  readonly recovery_sent_at?: string;
  readonly new_email?: string;
  readonly email_change_sent_at?: string;
  readonly new_phone?: string;
  readonly phone_change_sent_at?: string;
  readonly reauthentication_sent_at?: string;
  readonly last_sign_in_at?: string;
  readonly app_metadata: Metadata;
  readonly user_metadata: Metadata;
  readonly factors?: readonly FactorBody[];
  readonly identities: readonly IdentityBody[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly banned_until?: string;
  readonly deleted_at?: string;
  readonly is_anonymous: boolean;
}

/** Whether this can be a user object. More members are welcome. */
export const isUserBody = (value: unknown): value is UserBody =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as UserBody).id === 'string' &&
  (value as UserBody).id !== '';

/** Absent rather than null: GoTrue leaves unset times and texts out. */
const time = (at: Date | null): string | undefined => at?.toISOString();
const word = (text: string | null): string | undefined => (text === null || text === '' ? undefined : text);

export const identityBody = (identity: Identity): IdentityBody => ({
  identity_id: identity.id,
  id: identity.providerId,
  user_id: identity.userId,
  identity_data: Object.keys(identity.identityData).length === 0 ? undefined : identity.identityData,
  provider: identity.provider,
  last_sign_in_at: time(identity.lastSignInAt),
  created_at: identity.createdAt.toISOString(),
  updated_at: identity.updatedAt.toISOString(),
  email: word(identity.email),
});

export const factorBody = (factor: Factor): FactorBody => ({
  id: factor.id,
  created_at: factor.createdAt.toISOString(),
  updated_at: factor.updatedAt.toISOString(),
  status: factor.status,
  friendly_name: word(factor.friendlyName),
  factor_type: factor.factorType,
  phone: factor.phone ?? '',
  last_challenged_at: factor.lastChallengedAt?.toISOString() ?? null,
});

/** The one mapper from record to wire. What it does not name (hashes, tokens) cannot leak. */
export const userBody = (user: User): UserBody => ({
  id: user.id,
  aud: user.audience,
  role: user.role,
  email: user.email ?? '',
  email_confirmed_at: time(user.emailConfirmedAt),
  invited_at: time(user.invitedAt),
  phone: user.phone ?? '',
  phone_confirmed_at: time(user.phoneConfirmedAt),
  confirmation_sent_at: time(user.confirmationSentAt),
  confirmed_at: time(user.confirmedAt),
  recovery_sent_at: time(user.recoverySentAt),
  new_email: word(user.newEmail),
  email_change_sent_at: time(user.emailChangeSentAt),
  new_phone: word(user.newPhone),
  phone_change_sent_at: time(user.phoneChangeSentAt),
  reauthentication_sent_at: time(user.reauthenticationSentAt),
  last_sign_in_at: time(user.lastSignInAt),
  app_metadata: user.appMetadata,
  user_metadata: user.userMetadata,
  factors: user.factors.length === 0 ? undefined : user.factors.map(factorBody),
  identities: user.identities.map(identityBody),
  created_at: user.createdAt.toISOString(),
  updated_at: user.updatedAt.toISOString(),
  banned_until: time(user.bannedUntil),
  deleted_at: time(user.deletedAt),
  is_anonymous: user.isAnonymous,
});
