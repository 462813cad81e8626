import type { Factor, Identity, Metadata, User } from '../core/records.js';
import type { Row } from './unit-transaction.js';

/** GoTrue: every row carries the id of the one instance that a server without tenants has. */
export const instanceId = '00000000-0000-0000-0000-000000000000';

/**
 * A user under the alias `u`, with what hangs on it, as one JSON value: a row of thirty columns takes the driver
 * several times as long to read. `toUser` makes the record. No secret but the hash.
 */
export const userObject = `json_build_object(
    'id', u.id, 'aud', u.aud, 'role', u.role, 'email', u.email, 'phone', u.phone,
    'encrypted_password', u.encrypted_password, 'email_confirmed_at', u.email_confirmed_at,
    'phone_confirmed_at', u.phone_confirmed_at, 'confirmed_at', u.confirmed_at, 'invited_at', u.invited_at,
    'confirmation_sent_at', u.confirmation_sent_at, 'recovery_sent_at', u.recovery_sent_at,
    'email_change', u.email_change, 'email_change_sent_at', u.email_change_sent_at,
    'email_change_confirm_status', u.email_change_confirm_status,
    'phone_change', u.phone_change, 'phone_change_sent_at', u.phone_change_sent_at,
    'reauthentication_sent_at', u.reauthentication_sent_at, 'last_sign_in_at', u.last_sign_in_at,
    'raw_app_meta_data', u.raw_app_meta_data, 'raw_user_meta_data', u.raw_user_meta_data,
    'created_at', u.created_at, 'updated_at', u.updated_at, 'banned_until', u.banned_until,
    'deleted_at', u.deleted_at, 'is_anonymous', u.is_anonymous, 'is_sso_user', u.is_sso_user,
    'identities', (SELECT json_agg(to_json(i) ORDER BY i.created_at, i.id)
      FROM auth.identities i WHERE i.user_id = u.id),
    'factors', (SELECT json_agg(json_build_object('id', f.id, 'user_id', f.user_id,
        'friendly_name', f.friendly_name, 'factor_type', f.factor_type, 'status', f.status, 'phone', f.phone,
        'last_challenged_at', f.last_challenged_at, 'created_at', f.created_at, 'updated_at', f.updated_at)
        ORDER BY f.created_at, f.id)
      FROM auth.mfa_factors f WHERE f.user_id = u.id))`;

export const toUser = (row: Row): User => ({
  id: row.id as string,
  audience: toText(row.aud) ?? '',
  role: toText(row.role) ?? '',
  email: toText(row.email),
  phone: toText(row.phone),
  passwordHash: toText(row.encrypted_password),
  emailConfirmedAt: toDate(row.email_confirmed_at),
  phoneConfirmedAt: toDate(row.phone_confirmed_at),
  confirmedAt: toDate(row.confirmed_at),
  invitedAt: toDate(row.invited_at),
  confirmationSentAt: toDate(row.confirmation_sent_at),
  recoverySentAt: toDate(row.recovery_sent_at),
  newEmail: toText(row.email_change),
  emailChangeSentAt: toDate(row.email_change_sent_at),
  emailChangeStatus: (row.email_change_confirm_status ?? 0) as number,
  newPhone: toText(row.phone_change),
  phoneChangeSentAt: toDate(row.phone_change_sent_at),
  reauthenticationSentAt: toDate(row.reauthentication_sent_at),
  lastSignInAt: toDate(row.last_sign_in_at),
  appMetadata: toMetadata(row.raw_app_meta_data),
  userMetadata: toMetadata(row.raw_user_meta_data),
  createdAt: toDate(row.created_at) ?? new Date(0),
  updatedAt: toDate(row.updated_at) ?? new Date(0),
  bannedUntil: toDate(row.banned_until),
  deletedAt: toDate(row.deleted_at),
  isAnonymous: row.is_anonymous as boolean,
  isSsoUser: row.is_sso_user as boolean,
  identities: ((row.identities ?? []) as Row[]).map(toIdentity),
  factors: ((row.factors ?? []) as Row[]).map(toFactor),
});

export const toIdentity = (row: Row): Identity => ({
  id: row.id as string,
  userId: row.user_id as string,
  provider: row.provider as string,
  providerId: row.provider_id as string,
  identityData: toMetadata(row.identity_data),
  email: toText(row.email),
  lastSignInAt: toDate(row.last_sign_in_at),
  createdAt: toDate(row.created_at) ?? new Date(0),
  updatedAt: toDate(row.updated_at) ?? new Date(0),
});

export const toFactor = (row: Row): Factor => ({
  id: row.id as string,
  userId: row.user_id as string,
  friendlyName: toText(row.friendly_name),
  factorType: row.factor_type as Factor['factorType'],
  status: row.status as Factor['status'],
  phone: toText(row.phone),
  lastChallengedAt: toDate(row.last_challenged_at),
  createdAt: toDate(row.created_at) ?? new Date(0),
  updatedAt: toDate(row.updated_at) ?? new Date(0),
});

/** GoTrue: unset text is null in some columns and empty in others. */
export const toText = (value: unknown): string | null =>
  value === '' ? null : ((value ?? null) as string | null);

/** A time may come as `Date` or, inside JSON, as text. */
export const toDate = (value: unknown): Date | null =>
  value === null || value === undefined ? null : new Date(value as string | Date);

const toMetadata = (value: unknown): Metadata => (value ?? {}) as Metadata;
