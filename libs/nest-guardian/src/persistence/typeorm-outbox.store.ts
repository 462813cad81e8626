import { randomUUID } from 'node:crypto';
import { type OutgoingMessage, OutboxStore } from '../core/ports/outbox.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import type { Statement, UnitTransaction } from './unit-transaction.js';

const insertion: Statement = {
  name: 'guardian-outbox-insert',
  text: `INSERT INTO auth.guardian_outbox
      (id, channel, kind, recipient, payload, created_at, expires_at, next_attempt_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $6)`,
};

/** The table `auth.guardian_outbox`, where messages get in; `TypeormMessageQueue` is where they get out. */
export class TypeormOutboxStore extends OutboxStore {
  constructor(
    private readonly transaction: UnitTransaction,
    private readonly encryption: ColumnEncryption,
  ) {
    super();
  }

  override async put(message: OutgoingMessage): Promise<void> {
    const { channel, kind, recipient, variables, at, expiresAt } = message;
    const id = randomUUID();
    const payload = this.encryption.forOurselves.seal(id, JSON.stringify(variables));
    await this.transaction.write(insertion, [id, channel, kind, recipient, payload, at, expiresAt]);
  }
}
