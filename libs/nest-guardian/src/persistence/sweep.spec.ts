import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import { sweep } from './sweep.js';

const at = new Date('2026-08-20T10:00:00.123Z');
const before = (days: number): Date => new Date(at.getTime() - days * 86_400_000);
const justAfter = (time: Date): Date => new Date(time.getTime() + 1);

onBothDatabases('a sweep', (open) => {
  const query = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    open().dataSource.query(sql, values);
  const count = async (table: string): Promise<unknown> =>
    (await query(`SELECT count(*)::int AS count FROM auth.${table}`))[0]?.count;
  const sent = async (time: Date, isContested = false): Promise<void> => {
    const { id: userId } = newUser();
    const [slot, kind] = ['recovery', 'recovery'] as const;
    const hashes = { linkHash: userId, codeHash: userId };
    const flow = { authenticationMethod: 'magiclink', providerType: 'email', challenge: 'x' };
    await inUnit(open(), async ({ users, secrets, flowStates }) => {
      await users.insert(newUser({ id: userId, email: `${userId}@example.com` }));
      await secrets.put({ userId, slot, kind, address: userId, ...hashes, isContested, at: time });
      await flowStates.start({ userId, ...flow, challengeMethod: 'plain', at: time });
    });
  };

  it('takes away limits whose window has ended, in as many batches as it takes', async () => {
    const insertion = `INSERT INTO auth.guardian_limits SELECT $2 || n, 1, $1 FROM generate_series(1, $3::int) n`;
    await query(insertion, [at, 'ended', 2_500]);
    await query(insertion, [justAfter(at), 'open', 10]);
    await sweep(open().dataSource, at);
    expect(await count('guardian_limits')).toBe(10);
  });

  it('takes away secrets after a week, and flows after a day', async () => {
    for (const time of [before(7), justAfter(before(7)), before(1), justAfter(before(1))]) await sent(time);
    await sweep(open().dataSource, at);
    expect(await count('guardian_one_time_secrets')).toBe(3);
    expect(await count('flow_state')).toBe(1);
  });

  it('leaves a contested secret where it is: by it the next one of its slot is known to be contested', async () => {
    await sent(before(60), true);
    const kept = await count('guardian_one_time_secrets');
    await sweep(open().dataSource, at);
    expect(await count('guardian_one_time_secrets')).toBe(kept);
  });

  it('takes away the dead after a month, and no message that is under way', async () => {
    const insertion = `INSERT INTO auth.guardian_outbox
      (id, channel, kind, recipient, created_at, expires_at, next_attempt_at, died_at)
      VALUES ($1, 'mail', 'x', 'x', $2, $2, $2, $3)`;
    for (const diedAt of [before(30), justAfter(before(30)), null]) {
      await query(insertion, [randomUUID(), before(60), diedAt]);
    }
    await sweep(open().dataSource, at);
    expect(await count('guardian_outbox')).toBe(2);
  });

  it('takes away lines of the audit trail that are kept long enough, in as many batches as it takes', async () => {
    const insertion = `INSERT INTO auth.audit_log_entries (id, created_at, ip_address)
      SELECT gen_random_uuid(), $1, '' FROM generate_series(1, $2::int)`;
    await query(insertion, [before(90), 2_500]);
    await query(insertion, [justAfter(before(90)), 10]);
    await sweep(open().dataSource, at);
    expect(await count('audit_log_entries')).toBe(2_510);
    const retention = 90 * 86_400_000;
    await Promise.all([sweep(open().dataSource, at, retention), sweep(open().dataSource, at, retention)]);
    expect(await count('audit_log_entries')).toBe(10);
  });

  it('may be made by several at once', async () => {
    const sweeps = Array.from({ length: 5 }, () => sweep(open().dataSource, at));
    await expect(Promise.all(sweeps)).resolves.toHaveLength(5);
  });
});
