import type { DataSource } from 'typeorm';
import { type Statement, UnitTransaction } from './unit-transaction.js';

const day = 86_400_000;

/** Rows at a time, so that nobody waits long for one of them. */
const batch = 1_000;

interface Litter {
  readonly table: string;
  /** What is true of a row that goes, where $1 is the time. */
  readonly outdated: string;
  /** Milliseconds for which it is kept nevertheless. */
  readonly keptFor: number;
}

const litter: readonly Litter[] = [
  { table: 'guardian_limits', outdated: 'window_ends_at <= $1', keptFor: 0 },
  { table: 'guardian_one_time_secrets', outdated: 'created_at <= $1 AND NOT is_contested', keptFor: 7 * day },
  { table: 'guardian_outbox', outdated: 'died_at <= $1', keptFor: 30 * day },
  // GoTrue: its server, too, deletes these after a day.
  { table: 'flow_state', outdated: 'created_at <= $1', keptFor: day },
  { table: 'mfa_challenges', outdated: 'created_at <= $1', keptFor: day },
  { table: 'mfa_factors', outdated: `status = 'unverified' AND created_at <= $1`, keptFor: day },
];

/** Race: a row that was renewed while this waited for it is judged again, by the condition outside. */
const removalFrom = ({ table, outdated }: Litter): Statement => ({
  name: `guardian-sweep-${table}`,
  text: `DELETE FROM auth.${table} WHERE ${outdated} AND ctid = ANY(ARRAY(
      SELECT ctid FROM auth.${table} WHERE ${outdated} LIMIT ${batch} FOR UPDATE SKIP LOCKED))
    RETURNING 1`,
});

/**
 * Deletes what is of no use any more. May run at any time, and in several processes at once.
 * @param auditRetention milliseconds for which the audit trail is kept; 0 for ever
 */
export async function sweep(dataSource: DataSource, at: Date, auditRetention = 0): Promise<void> {
  const old = { table: 'audit_log_entries', outdated: 'created_at <= $1', keptFor: auditRetention };
  for (const one of auditRetention > 0 ? [...litter, old] : litter) {
    const removal = removalFrom(one);
    const before = new Date(at.getTime() - one.keptFor);
    let count = batch;
    while (count === batch) {
      count = (await new UnitTransaction(dataSource).read(removal, [before])).length;
    }
  }
}
