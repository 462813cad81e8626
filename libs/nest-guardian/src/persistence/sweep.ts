import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { type Statement, UnitTransaction } from './unit-transaction.js';

const day = 86_400_000;

/** Rows at a time, so that nobody waits long for one of them. */
const batch = 1_000;

/** Milliseconds between full batches, in which others have the disk and, where there is one only, the connection. */
const pause = 10;

/** Any number, as long as every process takes the same and no other program does. */
const sweepLock = 1_790_000_005;

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
  // For as long as clocks may be apart, and somewhat more.
  { table: 'guardian_tokens', outdated: 'expires_at <= $1', keptFor: 300_000 },
  { table: 'guardian_one_time_tokens', outdated: 'expires_at <= $1', keptFor: 0 },
  { table: 'guardian_outbox', outdated: 'died_at <= $1', keptFor: 30 * day },
  // GoTrue: its server, too, deletes these after a day.
  { table: 'flow_state', outdated: 'created_at <= $1', keptFor: day },
  { table: 'mfa_challenges', outdated: 'created_at <= $1', keptFor: day },
  { table: 'mfa_factors', outdated: `status = 'unverified' AND created_at <= $1`, keptFor: day },
];

/**
 * Race: a row that was renewed while this waited for it is judged again, by the condition outside. Of two processes one
 * sweeps, and the other finds nothing.
 */
const removalFrom = ({ table, outdated }: Litter): Statement => ({
  name: `guardian-sweep-${table}`,
  text: `DELETE FROM auth.${table} WHERE ${outdated} AND ctid = ANY(ARRAY(
      SELECT ctid FROM auth.${table} WHERE (SELECT pg_try_advisory_xact_lock(${sweepLock})) AND ${outdated}
      LIMIT ${batch} FOR UPDATE SKIP LOCKED))
    RETURNING 1`,
});

/**
 * Deletes what is of no use any more. May run at any time, and in several processes at once.
 * @param auditRetention milliseconds for which the audit trail is kept; 0 for ever
 * @returns how many rows there were
 */
export async function sweep(dataSource: DataSource, at: Date, auditRetention = 0): Promise<number> {
  const old = { table: 'audit_log_entries', outdated: 'created_at <= $1', keptFor: auditRetention };
  let total = 0;
  for (const one of auditRetention > 0 ? [...litter, old] : litter) {
    total += await sweepOne(dataSource, one, new Date(at.getTime() - one.keptFor));
  }
  return total;
}

async function sweepOne(dataSource: DataSource, one: Litter, before: Date): Promise<number> {
  const removal = removalFrom(one);
  const remove = async () => (await new UnitTransaction(dataSource).read(removal, [before])).length;
  let count = await remove();
  let total = count;
  while (count === batch) {
    await sleep(pause);
    count = await remove();
    total += count;
  }
  return total;
}
