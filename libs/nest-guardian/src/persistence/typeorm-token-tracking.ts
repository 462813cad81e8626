import type { DataSource } from 'typeorm';
import {
  type AllOf,
  type Derivation,
  type OneTimeToken,
  type TokenName,
  type TokenState,
  TokenTracking,
  type TrackedToken,
} from '../core/ports/token-tracking.js';
import * as statements from './token-statements.js';
import { type Row, type Statement, UnitTransaction } from './unit-transaction.js';

/** The tables `auth.guardian_tokens` and `auth.guardian_one_time_tokens`. */
export class TypeormTokenTracking extends TokenTracking {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async add(token: TrackedToken, at: Date): Promise<boolean> {
    return (await this.#ask(statements.insertion, valuesOf(token, at))).length > 0;
  }

  override async stateOf({ id, profile }: Pick<TokenName, 'id' | 'profile'>, at: Date): Promise<TokenState> {
    const [row] = await this.#ask(statements.state, [id, profile, at]);
    if (row === undefined) return { kind: 'missing' };
    if (row.revoked_at !== null) return { kind: 'revoked' };
    if (row.used_at !== null) return { kind: 'used', at: row.used_at as Date };
    return { kind: row.has_session ? 'active' : 'orphaned' };
  }

  override async derive({ from, next, spends, at }: Derivation): Promise<boolean> {
    if (next === null && !spends) return this.#isActive(from, at);
    const { spending, succession, offspring } = statements;
    const names = [from.id, from.profile, from.subject];
    const rows = next
      ? await this.#ask(spends ? succession : offspring, [...valuesOf(next, at), ...names])
      : await this.#ask(spending, [at, ...names]);
    return rows.length > 0;
  }

  override async revoke({ id, profile, subject }: TokenName, at: Date): Promise<void> {
    await this.#inTurn({ profile, subject }, async (unit) => {
      await unit.write(statements.revocation, [at, profile, id]);
    });
  }

  override async revokeFamily(
    { profile, subject, familyId }: Omit<TokenName, 'id'> & { readonly familyId: string },
    at: Date,
  ): Promise<void> {
    await this.#inTurn({ profile, subject }, async (unit) => {
      await unit.write(statements.familyRevocation, [at, profile, familyId]);
    });
  }

  override revokeAll({ profile, subject, type, except, at }: AllOf): Promise<number> {
    return this.#inTurn({ profile, subject }, async (unit) => {
      const values = [at, profile, subject, type ?? null, except ?? null];
      const tokens = await unit.write(statements.subjectRevocation, values);
      if (type !== undefined) return tokens.length;
      return tokens.length + (await unit.write(statements.oneTimeRemoval, [profile, subject])).length;
    });
  }

  override async putOneTime({ hash, profile, purpose, ...token }: OneTimeToken): Promise<void> {
    const { subject, data, expiresAt } = token;
    const values = [hash, profile, purpose, subject, JSON.stringify(data ?? null), expiresAt];
    await this.#ask(statements.oneTimeInsertion, values);
  }

  override async takeOneTime(
    { hash, profile, purpose }: Pick<OneTimeToken, 'hash' | 'profile' | 'purpose'>,
    at: Date,
  ): Promise<Pick<OneTimeToken, 'subject' | 'data'> | null> {
    const [row] = await this.#ask(statements.oneTimeTaking, [hash, profile, purpose, at]);
    return row ? { subject: row.subject as string, data: row.data } : null;
  }

  async #isActive(from: TokenName, at: Date): Promise<boolean> {
    return (await this.stateOf(from, at)).kind === 'active';
  }

  /**
   * Race: whoever makes a token of another holds the subject's lock until it can be seen, and what is done here begins
   * when that is over. So no token is born behind the back of a revocation.
   */
  async #inTurn<T>(
    { profile, subject }: Pick<TokenName, 'profile' | 'subject'>,
    work: (unit: UnitTransaction) => Promise<T>,
  ): Promise<T> {
    const unit = new UnitTransaction(this.dataSource);
    try {
      await unit.write(statements.subjectLock, [profile, subject]);
      const result = await work(unit);
      await unit.commit();
      return result;
    } finally {
      await unit.rollback();
    }
  }

  /** Without a transaction: a statement that is asked alone stays when it is answered. */
  #ask(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return new UnitTransaction(this.dataSource).read(statement, values);
  }
}

const valuesOf = (token: TrackedToken, at: Date): unknown[] => [
  at,
  token.id,
  token.profile,
  token.familyId,
  token.parentId,
  token.sessionId,
  token.subject,
  token.type,
  token.expiresAt,
];
