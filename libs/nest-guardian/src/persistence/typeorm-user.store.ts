import {
  type NewUser,
  type UserChange,
  type UserPage,
  type UserQuery,
  UserStore,
  type UserWithSession,
} from '../core/ports/stores.js';
import type { Identity, User } from '../core/records.js';
import { toSession } from './session-row.js';
import type { Row, Statement, UnitTransaction } from './unit-transaction.js';
import { deletion, softDeletion } from './user-deletion.js';
import { userList } from './user-list.js';
import { toIdentity, toUser, userObject } from './user-row.js';
import * as statements from './user-statements.js';

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
    return this.#find(statements.byId, [id]);
  }

  override findByEmail(email: string, audience: string): Promise<User | null> {
    return this.#find(statements.byEmail, [email, audience]);
  }

  override findByPhone(phone: string, audience: string): Promise<User | null> {
    return this.#find(statements.byPhone, [phone, audience]);
  }

  override findByNewPhone(phone: string, audience: string): Promise<User | null> {
    return this.#find(statements.byNewPhone, [phone, audience]);
  }

  override async list(query: UserQuery): Promise<UserPage> {
    const { page, count } = userList(query);
    const rows = await this.transaction.read(page.statement, page.values);
    const [counted] = await this.transaction.read(count.statement, count.values);
    return { users: rows.map(({ user }) => toUser(user as Row)), total: counted?.total as number };
  }

  override async delete(id: string): Promise<boolean> {
    return (await this.transaction.write(deletion, [id])).length > 0;
  }

  override async hold(id: string): Promise<User | null> {
    await this.transaction.write(statements.lock, [id]);
    return this.findById(id);
  }

  override async holdByIdentity(provider: string, providerId: string): Promise<User | null> {
    await this.transaction.write(statements.identityLock, [provider, providerId]);
    const [row] = await this.transaction.write(statements.userOfIdentity, [provider, providerId]);
    const user = row ? await this.hold(row.user_id as string) : null;
    // Race: the identity may have been taken away while we waited for its user.
    const isTheirs = (one: Identity) => one.provider === provider && one.providerId === providerId;
    return user?.identities.some(isTheirs) ? user : null;
  }

  override async findAllByEmail(email: string): Promise<readonly User[]> {
    const rows = await this.transaction.read(statements.allByEmail, [email]);
    return rows.map(({ user }) => toUser(user as Row));
  }

  override async replaceIdentityData(
    { id, userId }: Parameters<UserStore['replaceIdentityData']>[0],
    { data, at }: Parameters<UserStore['replaceIdentityData']>[1],
  ): Promise<void> {
    await this.transaction.write(statements.identityReplacement, [id, userId, JSON.stringify(data), at]);
  }

  override async deleteIdentity({ id, userId }: Pick<Identity, 'id' | 'userId'>): Promise<void> {
    await this.transaction.write(statements.identityDeletion, [id, userId]);
  }

  override async softDelete({ id }: User, at: Date): Promise<void> {
    const user = await this.hold(id);
    if (user === null || user.deletedAt !== null) return;
    const { statement, values } = softDeletion(user, at);
    await this.transaction.write(statement, values);
  }

  override async findWithSession(userId: string, sessionId: string | null): Promise<UserWithSession | null> {
    const [row] = await this.transaction.read(statements.withSession, [userId, sessionId]);
    return row
      ? { user: toUser(row.user as Row), session: row.session ? toSession(row.session as Row) : null }
      : null;
  }

  override async insert(user: NewUser): Promise<User | null> {
    const [row] = await this.transaction.write(statements.insertion, [
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
    const [row] = await this.transaction.write(statements.identityInsertion, values);
    return row ? toIdentity(row) : null;
  }

  override async mergeIdentityData(
    userId: string,
    provider: string,
    { data, at }: Parameters<UserStore['mergeIdentityData']>[2],
  ): Promise<Identity | null> {
    const values = [userId, provider, JSON.stringify(data), at];
    const [row] = await this.transaction.write(statements.identityMerge, values);
    return row ? toIdentity(row) : null;
  }

  override async verifyIdentities(userId: string, email: string, at: Date): Promise<void> {
    await this.transaction.write(statements.identitiesVerified, [userId, email, at]);
  }

  override async clearUnproved(
    userId: string,
    { userMetadata, keptIdentityId, at }: Parameters<UserStore['clearUnproved']>[1],
  ): Promise<void> {
    await this.transaction.write(statements.lock, [userId]);
    const values = [userId, JSON.stringify(userMetadata), at, keptIdentityId ?? null];
    await this.transaction.write(statements.unprovedCleared, values);
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
    return (await this.transaction.write(statements.rehash, [id, from, to])).length > 0;
  }

  async #find(statement: Statement, values: readonly unknown[]): Promise<User | null> {
    const [row] = await this.transaction.read(statement, values);
    return row ? toUser(row.user as Row) : null;
  }
}
