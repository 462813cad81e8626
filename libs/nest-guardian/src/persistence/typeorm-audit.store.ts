import { randomUUID } from 'node:crypto';
import { type AuditEntry, type AuditQuery, type AuditRow, AuditStore } from '../core/ports/stores.js';
import type { Metadata } from '../core/records.js';
import type { Statement, UnitTransaction } from './unit-transaction.js';
import { instanceId, toDate } from './user-row.js';

const insertion: Statement = {
  name: 'guardian-audit-insert',
  text: `INSERT INTO auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
    VALUES ('${instanceId}', $1, $2, $3, $4)`,
};

/** GoTrue: where in the payload each field stands. */
const membersOf: Readonly<Record<NonNullable<AuditQuery['search']>['field'], readonly string[]>> = {
  author: ['actor_username', 'actor_name'],
  action: ['action'],
  type: ['log_type'],
};

/** `strpos` takes every character for itself, where LIKE would have wildcards. */
function conditionsOf({ search }: AuditQuery): string {
  const ours = `instance_id = '${instanceId}'`;
  if (search === undefined) return ours;
  const parts = membersOf[search.field].map(
    (member) => `strpos(lower(payload ->> '${member}'), lower($1)) > 0`,
  );
  return `${ours} AND (${parts.join(' OR ')})`;
}

export class TypeormAuditStore extends AuditStore {
  constructor(private readonly transaction: UnitTransaction) {
    super();
  }

  override async record({ id, actor, action, logType, traits, at, ip }: AuditEntry): Promise<void> {
    const payload = {
      action,
      traits,
      actor_id: actor.id,
      log_type: logType,
      actor_name: actor.userMetadata.full_name,
      actor_via_sso: actor.isSsoUser,
      actor_username: actor.phone ?? actor.email ?? '',
    };
    await this.transaction.write(insertion, [id ?? randomUUID(), JSON.stringify(payload), at, ip ?? '']);
  }

  override async list(query: AuditQuery): Promise<{ rows: AuditRow[]; total: number }> {
    const where = conditionsOf(query);
    const values = query.search === undefined ? [] : [query.search.text];
    const page = `SELECT id, payload, created_at, ip_address FROM auth.audit_log_entries WHERE ${where}
      ORDER BY created_at DESC, id DESC LIMIT $${values.length + 1} OFFSET $${values.length + 2}`;
    const skipped = (query.page - 1) * query.perPage;
    const rows = await this.transaction.read({ text: page }, [...values, query.perPage, skipped]);
    const count = `SELECT count(*)::int AS total FROM auth.audit_log_entries WHERE ${where}`;
    const [counted] = await this.transaction.read({ text: count }, values);
    return {
      rows: rows.map((row) => ({
        id: row.id as string,
        payload: (row.payload ?? {}) as Metadata,
        createdAt: toDate(row.created_at) ?? new Date(0),
        ip: row.ip_address as string,
      })),
      total: counted?.total as number,
    };
  }
}
