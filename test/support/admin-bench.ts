import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { LocalOptions } from 'nest-guardian/local';
import type { MovableClock } from 'nest-guardian/testing';
import { isAuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import { type Caller, systemCaller } from '../../libs/nest-guardian/src/core/caller.js';
import type { Operation } from '../../libs/nest-guardian/src/core/operation.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import type { SessionBody } from '../../libs/nest-guardian/src/wire/session.js';
import { SessionBench } from './session-bench.js';

export const adminPassword = 'correct horse 9 battery';
export const newAddress = (): string => `${randomUUID()}@example.com`;
export const newNumber = (): string => `1555${String(Math.random()).slice(2, 12).padEnd(10, '7')}`;

/** A local provider, and an administrator who asks it. */
export class AdminBench {
  private constructor(readonly bench: SessionBench) {}

  static async open(
    database: Database,
    options: LocalOptions = {},
    clock?: MovableClock,
  ): Promise<AdminBench> {
    // Development shows mails in the log.
    Logger.overrideLogger(['error']);
    return new AdminBench(await SessionBench.open(database, options, clock));
  }

  /** What is answered, as JSON has it, or the refusal in words. */
  // Bodies are whatever is answered; the specs judge them.
  // oxlint-disable-next-line typescript/no-explicit-any
  async ask<I, O>(operation: Operation<I, O>, input: I, caller: Caller = systemCaller): Promise<any> {
    try {
      const answer = await this.bench.ask(operation, input, caller);
      return answer === undefined ? 'done' : JSON.parse(JSON.stringify(answer));
    } catch (error) {
      if (!isAuthError(error)) throw error;
      return `${error.status} ${error.code}: ${error.message}`;
    }
  }

  as({ access_token: bearer }: Pick<SessionBody, 'access_token'>, more: Partial<Caller> = {}): Caller {
    return { ...this.bench.caller, bearer, ...more };
  }

  get clock() {
    return this.bench.clock;
  }

  /** The row as it stands in the table. */
  async row(userId: string): Promise<Record<string, unknown> | undefined> {
    return (await this.bench.query('SELECT * FROM auth.users WHERE id = $1', [userId]))[0];
  }

  /** What the audit trail says of this user, the oldest first. */
  async trailOf(userId: string): Promise<Record<string, unknown>[]> {
    const rows = await this.bench.query(
      `SELECT payload FROM auth.audit_log_entries WHERE payload->'traits'->>'user_id' = $1 ORDER BY created_at`,
      [userId],
    );
    return rows.map(({ payload }) => payload as Record<string, unknown>);
  }

  async countSecrets(userId: string): Promise<number> {
    const sql = 'SELECT 1 FROM auth.guardian_one_time_secrets WHERE user_id = $1';
    return (await this.bench.query(sql, [userId])).length;
  }

  close(): Promise<void> {
    return this.bench.close();
  }
}
