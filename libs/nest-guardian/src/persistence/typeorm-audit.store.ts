import { randomUUID } from 'node:crypto';
import { type AuditEntry, AuditStore } from '../core/ports/stores.js';
import { instanceId } from './typeorm-user.store.js';
import type { Statement, UnitTransaction } from './unit-transaction.js';

const insertion: Statement = {
  name: 'guardian-audit-insert',
  text: `INSERT INTO auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
    VALUES ('${instanceId}', $1, $2, $3, '')`,
};

export class TypeormAuditStore extends AuditStore {
  constructor(private readonly transaction: UnitTransaction) {
    super();
  }

  override async record({ actor, action, logType, traits, at }: AuditEntry): Promise<void> {
    const payload = {
      action,
      traits,
      actor_id: actor.id,
      log_type: logType,
      actor_name: actor.userMetadata.full_name,
      actor_via_sso: actor.isSsoUser,
      actor_username: actor.phone ?? actor.email ?? '',
    };
    await this.transaction.write(insertion, [randomUUID(), JSON.stringify(payload), at]);
  }
}
