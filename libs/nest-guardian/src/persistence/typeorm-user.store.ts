import { type NewUser, type UserChange, UserStore, type UserWithSession } from '../core/ports/stores.js';
import type { Identity, User } from '../core/records.js';
import { sessionObject, toSession } from './session-row.js';
import type { Row, Statement, UnitTransaction } from './unit-transaction.js';
import { toIdentity, toUser, userObject } from './user-row.js';

/** GoTrue: every row carries the id of the one instance that a server without tenants has. */
export const instanceId = '00000000-0000-0000-0000-000000000000';

const byId: Statement = {
  name: 'guardian-user-by-id',
  text: `SELECT ${userObject} AS user FROM auth.users u WHERE u.id = $1`,
};

const lookup = (column: string): string => `SELECT ${userObject} AS user FROM auth.users u
  WHERE u.instance_id = '${instanceId}' AND ${column} = $1 AND u.aud = $2
    AND u.is_sso_user = false AND u.deleted_at IS NULL LIMIT 1`;
const byEmail: Statement = { name: 'guardian-user-by-email', text: lookup('lower(u.email)') };
const byPhone: Statement = { name: 'guardian-user-by-phone', text: lookup('u.phone') };
const byNewPhone: Statement = {
  name: 'guardian-user-by-new-phone',
  text: lookup('u.phone_change').replace('LIMIT', 'ORDER BY u.phone_change_sent_at DESC NULLS LAST LIMIT'),
};

const withSession: Statement = {
  name: 'guardian-user-with-session',
  text: `SELECT ${userObject} AS user, CASE WHEN s.id IS NOT NULL THEN ${sessionObject} END AS session
    FROM auth.users u LEFT JOIN auth.sessions s ON s.id = $2 AND s.user_id = u.id WHERE u.id = $1`,
};

/** GoTrue: a token column without a token is empty, not null, and so is the hash of one without a password. */
const insertion: Statement = {
  name: 'guardian-user-insert',
  text: `INSERT INTO auth.users AS u (instance_id, id, aud, role, email, phone, encrypted_password,
      raw_app_meta_data, raw_user_meta_data, is_anonymous, email_confirmed_at, phone_confirmed_at,
      created_at, updated_at, confirmation_token, recovery_token, email_change_token_new, email_change)
    VALUES ('${instanceId}', $1, $2, $3, $4, $5, coalesce($6, ''), $7, $8, $9, $10, $11, $12, $12, '', '', '', '')
    ON CONFLICT DO NOTHING RETURNING ${userObject} AS user`,
};

const identityInsertion: Statement = {
  name: 'guardian-identity-insert',
  text: `INSERT INTO auth.identities (id, user_id, provider, provider_id, identity_data,
      last_sign_in_at, created_at, updated_at)
    VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $5, $5)
    ON CONFLICT (provider_id, provider) DO NOTHING
    RETURNING id, user_id, provider, provider_id, identity_data, email, last_sign_in_at, created_at, updated_at`,
};

const identityMerge: Statement = {
  name: 'guardian-identity-merge',
  text: `UPDATE auth.identities SET identity_data = identity_data || $3::jsonb, updated_at = $4
    WHERE user_id = $1 AND provider = $2
    RETURNING id, user_id, provider, provider_id, identity_data, email, last_sign_in_at, created_at, updated_at`,
};

const identitiesVerified: Statement = {
  name: 'guardian-identities-verified',
  text: `UPDATE auth.identities SET identity_data = identity_data || '{"email_verified": true}', updated_at = $3
    WHERE user_id = $1 AND email = $2`,
};

/**
 * Race: held alone, and so that whoever is about to add something that belongs to the user has finished or waits; a
 * statement that waited itself would not see what was added meanwhile.
 */
const heldWhole: Statement = {
  name: 'guardian-user-hold-whole',
  text: 'SELECT FROM auth.users WHERE id = $1 FOR UPDATE',
};

const unprovedCleared: Statement = {
  name: 'guardian-user-clear-unproved',
  text: `WITH factors AS (DELETE FROM auth.mfa_factors WHERE user_id = $1),
      passkeys AS (DELETE FROM auth.webauthn_credentials WHERE user_id = $1),
      consents AS (DELETE FROM auth.oauth_consents WHERE user_id = $1),
      identities AS (DELETE FROM auth.identities WHERE user_id = $1)
    UPDATE auth.users SET encrypted_password = '', phone = NULL, phone_confirmed_at = NULL, phone_change = '',
      email_change = '', email_change_confirm_status = 0, raw_user_meta_data = $2, updated_at = $3 WHERE id = $1`,
};

const rehash: Statement = {
  name: 'guardian-user-rehash',
  text: 'UPDATE auth.users SET encrypted_password = $3 WHERE id = $1 AND encrypted_password = $2 RETURNING id',
};

const columnOf: Readonly<Record<keyof UserChange, string>> = {
  email: 'email',
  phone: 'phone',
  role: 'role',
  passwordHash: 'encrypted_password',
  emailConfirmedAt: 'email_confirmed_at',
  phoneConfirmedAt: 'phone_confirmed_at',
  appMetadata: 'raw_app_meta_data',
  userMetadataMerge: 'raw_user_meta_data',
  isAnonymous: 'is_anonymous',
  bannedUntil: 'banned_until',
  invitedAt: 'invited_at',
  newEmail: 'email_change',
  emailChangeStatus: 'email_change_confirm_status',
  newPhone: 'phone_change',
  confirmationSentAt: 'confirmation_sent_at',
  recoverySentAt: 'recovery_sent_at',
  emailChangeSentAt: 'email_change_sent_at',
  phoneChangeSentAt: 'phone_change_sent_at',
  reauthenticationSentAt: 'reauthentication_sent_at',
};

const changeable = Object.keys(columnOf);

/** GoTrue: it cannot read a null in these. */
const emptyColumns = new Set(['newEmail', 'newPhone']);

/** GoTrue: a person without metadata has no object there, but NULL or the JSON null. */
const mergeOf = (place: string): string => `(CASE WHEN jsonb_typeof(u.raw_user_meta_data) = 'object'
    THEN u.raw_user_meta_data ELSE '{}' END || ${place}::jsonb)
  - ARRAY(SELECT key FROM jsonb_each(${place}::jsonb) WHERE value = 'null')`;

export class TypeormUserStore extends UserStore {
  constructor(private readonly transaction: UnitTransaction) {
    super();
  }

  override findById(id: string): Promise<User | null> {
    return this.#find(byId, [id]);
  }

  override findByEmail(email: string, audience: string): Promise<User | null> {
    return this.#find(byEmail, [email, audience]);
  }

  override findByPhone(phone: string, audience: string): Promise<User | null> {
    return this.#find(byPhone, [phone, audience]);
  }

  override findByNewPhone(phone: string, audience: string): Promise<User | null> {
    return this.#find(byNewPhone, [phone, audience]);
  }

  override async findWithSession(userId: string, sessionId: string | null): Promise<UserWithSession | null> {
    const [row] = await this.transaction.read(withSession, [userId, sessionId]);
    return row
      ? { user: toUser(row.user as Row), session: row.session ? toSession(row.session as Row) : null }
      : null;
  }

  override async insert(user: NewUser): Promise<User | null> {
    const [row] = await this.transaction.write(insertion, [
      user.id,
      user.audience,
      user.role,
      user.email,
      user.phone,
      user.passwordHash,
      JSON.stringify(user.appMetadata),
      JSON.stringify(user.userMetadata),
      user.isAnonymous,
      user.emailConfirmedAt ?? null,
      user.phoneConfirmedAt ?? null,
      user.at,
    ]);
    return row ? toUser(row.user as Row) : null;
  }

  override async insertIdentity(
    identity: Parameters<UserStore['insertIdentity']>[0],
  ): Promise<Identity | null> {
    const { userId, provider, providerId, identityData, at } = identity;
    const values = [userId, provider, providerId, JSON.stringify(identityData), at];
    const [row] = await this.transaction.write(identityInsertion, values);
    return row ? toIdentity(row) : null;
  }

  override async mergeIdentityData(
    userId: string,
    provider: string,
    { data, at }: Parameters<UserStore['mergeIdentityData']>[2],
  ): Promise<Identity | null> {
    const values = [userId, provider, JSON.stringify(data), at];
    const [row] = await this.transaction.write(identityMerge, values);
    return row ? toIdentity(row) : null;
  }

  override async verifyIdentities(userId: string, email: string, at: Date): Promise<void> {
    await this.transaction.write(identitiesVerified, [userId, email, at]);
  }

  override async clearUnproved(
    userId: string,
    { userMetadata, at }: Parameters<UserStore['clearUnproved']>[1],
  ): Promise<void> {
    await this.transaction.write(heldWhole, [userId]);
    await this.transaction.write(unprovedCleared, [userId, JSON.stringify(userMetadata), at]);
  }

  override async update(id: string, change: UserChange, at: Date): Promise<User | null> {
    const changed = Object.entries(change).filter(([, value]) => value !== undefined);
    const columns = changed.map(([key], index) => {
      const place = `$${index + 3}`;
      return `${columnOf[key as keyof UserChange]} = ${key === 'userMetadataMerge' ? mergeOf(place) : place}`;
    });
    const values = changed.map(([key, value]) => {
      if (key.includes('Metadata')) return JSON.stringify(value);
      return emptyColumns.has(key) ? (value ?? '') : value;
    });
    const statement: Statement = {
      // A name for each set of columns, of which there are few; PostgreSQL's names end at 63 bytes.
      name: `guardian-user-update-${changed.map(([key]) => changeable.indexOf(key)).join('-')}`,
      text: `UPDATE auth.users AS u SET ${[...columns, 'updated_at = $2'].join(', ')}
        WHERE u.id = $1 RETURNING ${userObject} AS user`,
    };
    const mayBeTaken = change.email !== undefined || change.phone !== undefined;
    const rows = await this.transaction[mayBeTaken ? 'tryWrite' : 'write'](statement, [id, at, ...values]);
    return rows?.[0] ? toUser(rows[0].user as Row) : null;
  }

  override async replacePasswordHash(id: string, from: string, to: string): Promise<boolean> {
    return (await this.transaction.write(rehash, [id, from, to])).length > 0;
  }

  async #find(statement: Statement, values: readonly unknown[]): Promise<User | null> {
    const [row] = await this.transaction.read(statement, values);
    return row ? toUser(row.user as Row) : null;
  }
}
