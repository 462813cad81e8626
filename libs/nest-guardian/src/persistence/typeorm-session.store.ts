import {
  type Exchange,
  type NewSession,
  type RotatedSession,
  type Rotation,
  type SessionAndUser,
  type SessionOfRefreshToken,
  SessionStore,
} from '../core/ports/stores.js';
import type { Factor, Session } from '../core/records.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import { toInet, toSession } from './session-row.js';
import * as statements from './session-statements.js';
import type { Row, UnitTransaction } from './unit-transaction.js';
import { toDate, toText, toUser } from './user-row.js';

export class TypeormSessionStore extends SessionStore {
  constructor(
    private readonly transaction: UnitTransaction,
    private readonly encryption: ColumnEncryption,
  ) {
    super();
  }

  override async open(session: NewSession): Promise<SessionAndUser | null> {
    const {
      id,
      userId,
      at,
      userAgent,
      ip,
      refreshTokenHmacKey: key,
      refreshToken,
      method,
      passwordHash,
    } = session;
    const sealed = key === null ? null : this.encryption.seal(id, key);
    const optional = [refreshToken ?? null, passwordHash ?? null];
    const values = [id, userId, at, userAgent, toInet(ip), sealed, method, ...optional];
    const [row] = await this.transaction.write(statements.opening, values);
    if (!row) return null;
    // One statement does not read the row that another part of it has written.
    const opened = { ...toSession(row.session as Row, key), amr: [{ method, at }] };
    return { session: opened, user: toUser(row.user as Row) };
  }

  override async findWithUser(id: string, lock: boolean): Promise<SessionAndUser | null> {
    const [row] = await (lock
      ? this.transaction.write(statements.lockedWithUser, [id])
      : this.transaction.read(statements.withUser, [id]));
    return row ? this.#toSessionAndUser(row) : null;
  }

  override async findAll(userId: string): Promise<Session[]> {
    const rows = await this.transaction.read(statements.allOfUser, [userId]);
    return rows.map(({ session }) => toSession(session as Row));
  }

  override async raise(proof: Parameters<SessionStore['raise']>[0]): Promise<SessionAndUser | null> {
    const { sessionId, factorId, method, at, refreshToken, refreshTokenHmacKey: key } = proof;
    await this.transaction.write(statements.lock, [sessionId]);
    const sealed = key === undefined ? null : this.encryption.seal(sessionId, key);
    const values = [sessionId, factorId, method, at, refreshToken ?? null, sealed];
    const [row] = await this.transaction.write(statements.raising, values);
    if (!row) return null;
    const { user, session } = this.#toSessionAndUser(row);
    // One statement does not read the row that another part of it has written.
    const others = session.amr.filter((claim) => claim.method !== method);
    return { user, session: { ...session, amr: [{ method, at }, ...others] } };
  }

  override async lower({ id, userId }: Pick<Factor, 'id' | 'userId'>, method: string): Promise<void> {
    await this.transaction.write(statements.lowering, [userId, id, method]);
  }

  override async rotate(turn: Rotation): Promise<RotatedSession | null> {
    const { sessionId, counter, at, userAgent, ip, auditId } = turn;
    const values = [sessionId, counter, at, userAgent, toInet(ip), auditId ?? null, auditId !== null];
    const [row] = await this.transaction.write(statements.rotation, values);
    if (!row) return null;
    const rotated = this.#toSessionAndUser(row);
    await this.#resealIfStale(row.session as Row, rotated.session);
    return { ...rotated, refreshedBefore: toDate(row.refreshed_before) };
  }

  override async lockByRefreshToken(token: string): Promise<SessionOfRefreshToken | null> {
    const locked = await this.transaction.write(statements.lockOfToken, [token]);
    if (locked.length === 0) return null;
    const [row] = await this.transaction.write(statements.ofToken, [token]);
    if (!row) return null;
    return {
      ...this.#toSessionAndUser(row),
      presented: {
        token,
        isRevoked: row.is_revoked as boolean,
        updatedAt: toDate(row.token_updated_at) ?? new Date(0),
      },
      newest: row.newest as SessionOfRefreshToken['newest'],
    };
  }

  override async exchange({ sessionId, spent, successor, at, userAgent, ip }: Exchange): Promise<Session> {
    const child = 'refreshToken' in successor ? successor.refreshToken : null;
    const key = 'refreshTokenHmacKey' in successor ? successor.refreshTokenHmacKey : null;
    const sealed = key === null ? null : this.encryption.seal(sessionId, key);
    const values = [sessionId, spent, at, userAgent, toInet(ip), child, sealed];
    const [row] = await this.transaction.write(statements.exchanging, values);
    return toSession(row?.session as Row, key);
  }

  override async revokeRefreshTokens(sessionId: string, at: Date): Promise<void> {
    await this.transaction.write(statements.revocation, [sessionId, at]);
  }

  override async end(sessionId: string): Promise<boolean> {
    return (await this.transaction.write(statements.ending, [sessionId])).length > 0;
  }

  override async endAll(userId: string, except?: string): Promise<string[]> {
    const rows = await this.transaction.write(statements.endingAll, [userId, except ?? null]);
    return rows.map(({ id }) => id as string);
  }

  #toSessionAndUser(row: Row): SessionAndUser {
    const session = row.session as Row;
    const stored = toText(session.refresh_token_hmac_key);
    const key = stored === null ? null : this.encryption.open(session.id as string, stored);
    return { session: toSession(session, key), user: toUser(row.user as Row) };
  }

  /** Brings a key that is not encrypted, or with an older key, to the one of today. */
  async #resealIfStale(row: Row, { id, refreshTokenHmacKey: key }: Session): Promise<void> {
    if (key === null || !this.encryption.isStale(row.refresh_token_hmac_key as string)) return;
    await this.transaction.write(statements.resealing, [id, this.encryption.seal(id, key)]);
  }
}
