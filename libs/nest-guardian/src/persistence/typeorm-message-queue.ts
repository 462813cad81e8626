import type { DataSource } from 'typeorm';
import { type DeadMessage, MessageQueue, type QueuedMessage } from '../core/ports/outbox.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import { type Row, type Statement, UnitTransaction } from './unit-transaction.js';

const claiming: Statement = {
  name: 'guardian-outbox-claim',
  text: `WITH due AS (
      SELECT id FROM auth.guardian_outbox WHERE died_at IS NULL AND next_attempt_at <= $2
      ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED
    ), claimed AS (
      UPDATE auth.guardian_outbox o SET attempts = o.attempts + 1, next_attempt_at = $3
      FROM due WHERE o.id = due.id RETURNING o.*
    )
    SELECT id, channel, kind, recipient, payload, created_at, expires_at, attempts FROM claimed
    ORDER BY created_at, id`,
};

const removal: Statement = {
  name: 'guardian-outbox-done',
  text: 'DELETE FROM auth.guardian_outbox WHERE id = $1',
};

const postponing: Statement = {
  name: 'guardian-outbox-retry',
  text: `UPDATE auth.guardian_outbox SET next_attempt_at = $2, last_error = $3 WHERE id = $1 AND died_at IS NULL`,
};

const burying: Statement = {
  name: 'guardian-outbox-bury',
  text: 'UPDATE auth.guardian_outbox SET died_at = $2, last_error = $3, payload = NULL WHERE id = $1',
};

const dead: Statement = {
  name: 'guardian-outbox-dead',
  text: `SELECT id, channel, kind, recipient, attempts, last_error, died_at FROM auth.guardian_outbox
    WHERE died_at IS NOT NULL ORDER BY died_at DESC, id LIMIT $1`,
};

/** The table `auth.guardian_outbox`. Every call is one statement that stays at once. */
export class TypeormMessageQueue extends MessageQueue {
  constructor(
    private readonly dataSource: DataSource,
    private readonly encryption: ColumnEncryption,
  ) {
    super();
  }

  override async claim(count: number, at: Date, until: Date): Promise<QueuedMessage[]> {
    const rows = await this.#ask(claiming, [count, at, until]);
    const messages: QueuedMessage[] = [];
    for (const row of rows) {
      const variables = this.#open(row);
      if (variables !== null) messages.push({ ...toMessage(row), variables });
      else await this.#setAside(toMessage(row), at, until);
    }
    // None would say that nothing is due, and those behind them would wait for the next round.
    return rows.length > 0 && messages.length === 0 ? this.claim(count, at, until) : messages;
  }

  override async done(id: string): Promise<void> {
    await this.#ask(removal, [id]);
  }

  override async retry(id: string, nextAttemptAt: Date, error: string): Promise<void> {
    await this.#ask(postponing, [id, nextAttemptAt, error]);
  }

  override async bury(id: string, at: Date, error: string): Promise<void> {
    await this.#ask(burying, [id, at, error]);
  }

  override async listDead(count: number): Promise<DeadMessage[]> {
    return (await this.#ask(dead, [count])).map(toDead);
  }

  /** Null where the key is not at hand any more: the others are not to wait for that. */
  #open(row: Row): QueuedMessage['variables'] | null {
    try {
      return JSON.parse(this.encryption.forOurselves.open(row.id as string, row.payload as string));
    } catch {
      // The parser's words would quote the message, and its row is told what there is to tell.
      return null;
    }
  }

  /** Somebody may bring the key back while the message is still of use. */
  async #setAside({ id, expiresAt }: Pick<QueuedMessage, 'id' | 'expiresAt'>, at: Date, until: Date) {
    const error = 'It cannot be decrypted; is the encryption key of that time still among the keys?';
    await (expiresAt <= at ? this.bury(id, at, error) : this.retry(id, until, error));
  }

  /** Without a transaction: what is not asked inside a unit of work stays when it is answered. */
  #ask(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    return new UnitTransaction(this.dataSource).read(statement, values);
  }
}

const toMessage = (row: Row): Omit<QueuedMessage, 'variables'> => ({
  id: row.id as string,
  channel: row.channel as QueuedMessage['channel'],
  kind: row.kind as string,
  recipient: row.recipient as string,
  at: row.created_at as Date,
  expiresAt: row.expires_at as Date,
  attempts: row.attempts as number,
});

const toDead = (row: Row): DeadMessage => ({
  id: row.id as string,
  channel: row.channel as DeadMessage['channel'],
  kind: row.kind as string,
  recipient: row.recipient as string,
  attempts: row.attempts as number,
  error: row.last_error as string,
  diedAt: row.died_at as Date,
});
