import { isIP } from 'node:net';
import { type NewSession, type Rotation, SessionStore } from '../core/ports/stores.js';
import type { Session, User } from '../core/records.js';
import { sessionObject, toSession } from './session-row.js';
import { instanceId } from './typeorm-user.store.js';
import type { Row, Statement, UnitTransaction } from './unit-transaction.js';
import { toUser, userColumns } from './user-row.js';

const insertion: Statement = {
  name: 'guardian-session-insert',
  text: `WITH s AS (
      INSERT INTO auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip,
        refresh_token_hmac_key, refresh_token_counter)
      VALUES ($1, $2, $3, $3, 'aal1', $4, $5, $6::text, CASE WHEN $6::text IS NOT NULL THEN 0 END) RETURNING *
    ), amr AS (
      INSERT INTO auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)
      SELECT gen_random_uuid(), s.id, s.created_at, s.created_at, $7 FROM s
    )
    SELECT ${sessionObject} AS session FROM s`,
};

const withUser: Statement = {
  name: 'guardian-session-with-user',
  text: `SELECT ${userColumns}, ${sessionObject} AS session
    FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id WHERE s.id = $1`,
};
const lockedWithUser: Statement = {
  name: 'guardian-session-with-user-locked',
  text: `${withUser.text} FOR UPDATE OF s`,
};

/** Race: of two with the same counter the second waits for the first, then finds the counter moved on. */
const rotation: Statement = {
  name: 'guardian-session-rotate',
  text: `WITH s AS (
      UPDATE auth.sessions SET refresh_token_counter = refresh_token_counter + 1,
        refreshed_at = $3::timestamptz AT TIME ZONE 'UTC', updated_at = $3, user_agent = $4, ip = $5
      WHERE id = $1 AND refresh_token_counter = $2 RETURNING *
    ), audit AS (
      INSERT INTO auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
      SELECT '${instanceId}', gen_random_uuid(), (jsonb_build_object('action', 'token_refreshed',
          'actor_id', u.id, 'actor_via_sso', u.is_sso_user, 'log_type', 'token',
          'actor_username', coalesce(nullif(u.phone, ''), u.email, ''))
        || CASE WHEN u.raw_user_meta_data ? 'full_name'
          THEN jsonb_build_object('actor_name', u.raw_user_meta_data -> 'full_name') ELSE '{}' END)::json, $3, ''
      FROM s JOIN auth.users u ON u.id = s.user_id
    )
    SELECT ${userColumns}, ${sessionObject} AS session FROM s JOIN auth.users u ON u.id = s.user_id`,
};

const ending: Statement = {
  name: 'guardian-session-end',
  text: 'DELETE FROM auth.sessions WHERE id = $1 RETURNING id',
};
const endingAll: Statement = {
  name: 'guardian-session-end-all',
  text: 'DELETE FROM auth.sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid RETURNING id',
};

export class TypeormSessionStore extends SessionStore {
  constructor(private readonly transaction: UnitTransaction) {
    super();
  }

  override async insert(session: NewSession): Promise<Session> {
    const { id, userId, at, userAgent, ip, refreshTokenHmacKey, method } = session;
    const values = [id, userId, at, userAgent, toInet(ip), refreshTokenHmacKey, method];
    const [row] = await this.transaction.write(insertion, values);
    // One statement does not read the row that another part of it has written.
    return { ...toSession(row?.session as Row), amr: [{ method, at }] };
  }

  override async findWithUser(id: string, lock: boolean): Promise<{ session: Session; user: User } | null> {
    const rows = await (lock
      ? this.transaction.write(lockedWithUser, [id])
      : this.transaction.read(withUser, [id]));
    return toSessionAndUser(rows);
  }

  override async rotate(turn: Rotation): Promise<{ session: Session; user: User } | null> {
    const { sessionId, counter, at, userAgent, ip } = turn;
    return toSessionAndUser(
      await this.transaction.write(rotation, [sessionId, counter, at, userAgent, toInet(ip)]),
    );
  }

  override async end(sessionId: string): Promise<boolean> {
    return (await this.transaction.write(ending, [sessionId])).length > 0;
  }

  override async endAll(userId: string, except?: string): Promise<string[]> {
    const rows = await this.transaction.write(endingAll, [userId, except ?? null]);
    return rows.map(({ id }) => id as string);
  }
}

const toSessionAndUser = ([row]: Row[]): { session: Session; user: User } | null =>
  row ? { session: toSession(row.session as Row), user: toUser(row) } : null;

/** An address that the column cannot hold is left out: it is a note, not a reason to refuse anybody. */
function toInet(address: string | null): string | null {
  const withoutZone = address?.split('%')[0] ?? '';
  return isIP(withoutZone) ? withoutZone : null;
}
