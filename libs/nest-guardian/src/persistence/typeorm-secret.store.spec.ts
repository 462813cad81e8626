import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { NewSecret, TakenSecret } from '../core/ports/one-time-secrets.js';

const at = new Date('2026-08-20T10:00:00.123Z');
const budget = 5;

onBothDatabases('the strong form of one-time secrets', (open) => {
  const sent = async (change: Partial<NewSecret> = {}): Promise<NewSecret> => {
    const user = newUser();
    const secret: NewSecret = {
      userId: user.id,
      slot: 'recovery',
      kind: 'magiclink',
      address: `${user.id}@example.com`,
      linkHash: randomUUID(),
      codeHash: randomUUID(),
      at,
      ...change,
    };
    await inUnit(open(), async ({ users, secrets }) => {
      if (secret.userId === user.id) await users.insert(user);
      await secrets.put(secret);
    });
    return secret;
  };
  const wanting = ({ slot, kind, address }: NewSecret, hash: string) => ({
    hashes: [hash],
    slots: [slot],
    kinds: [kind],
    issuedAfter: new Date(0),
    address,
    maxAttempts: budget,
  });
  const guess = (secret: NewSecret, code = 'wrong'): Promise<TakenSecret | null> =>
    inUnit(open(), ({ secrets }) => secrets.takeByCode(wanting(secret, code)));
  const follow = (secret: NewSecret, linkHash = secret.linkHash): Promise<TakenSecret | null> =>
    inUnit(open(), ({ secrets }) => secrets.takeByLink(wanting(secret, linkHash)));
  const attemptsOf = async ({ userId }: NewSecret): Promise<number> =>
    (
      await open().dataSource.query(
        'SELECT attempts FROM auth.guardian_one_time_secrets WHERE user_id = $1',
        [userId],
      )
    )[0]?.attempts;

  it('A-35 what a link carries and what a code is are nowhere taken for each other', async () => {
    const secret = await sent();
    expect(await guess(secret, secret.linkHash)).toBeNull();
    expect(await follow(secret, secret.codeHash)).toBeNull();
    expect(await follow(secret)).not.toBeNull();
  });

  it('A-31 a secret for one purpose opens no other, though they share a slot', async () => {
    const secret = await sent();
    const other: NewSecret = { ...secret, kind: 'recovery' };
    expect([await follow(other), await guess(other, secret.codeHash)]).toEqual([null, null]);
    expect(await attemptsOf(secret)).toBe(0);
    expect(await guess(secret, secret.codeHash)).not.toBeNull();
  });

  it('A-28 the last guess of the budget may be right, and none after it', async () => {
    const [lucky, late] = [await sent(), await sent()];
    for (let count = 1; count < budget; count += 1) await Promise.all([guess(lucky), guess(late)]);
    expect(await guess(lucky, lucky.codeHash)).not.toBeNull();
    expect(await guess(late)).toBeNull();
    expect(await guess(late, late.codeHash)).toBeNull();
    expect(await follow(late)).not.toBeNull();
  });

  it('A-28 a new code has a new budget', async () => {
    const first = await sent();
    for (let count = 0; count <= budget; count += 1) await guess(first);
    const second = await sent({ ...first, linkHash: randomUUID(), codeHash: randomUUID() });
    expect(await guess(second, second.codeHash)).not.toBeNull();
  });

  it('A-29 of 100 parallel guesses never more than the budget are evaluated', async () => {
    const secret = await sent();
    const codes = Array.from({ length: 100 }, (_, index) => (index === 99 ? secret.codeHash : randomUUID()));
    const results = await Promise.all(codes.map((code) => guess(secret, code)));
    expect(results.filter((result) => result !== null)).toEqual([]);
    expect(await attemptsOf(secret)).toBe(budget);
  });

  it('A-29 a guess beyond the budget is not even counted', async () => {
    const secret = await sent();
    const results = await Promise.all(Array.from({ length: 100 }, () => guess(secret, secret.codeHash)));
    expect(results.filter((result) => result !== null)).toHaveLength(1);
    expect(await attemptsOf(secret)).toBeUndefined();
  });

  it('a miss is forgotten where nothing is kept, so whoever denies has to keep it', async () => {
    const secret = await sent();
    const unit = open().persistence.begin();
    expect(await unit.secrets.takeByCode(wanting(secret, 'wrong'))).toBeNull();
    await unit.rollback();
    expect(await attemptsOf(secret)).toBe(0);
  });

  it('a hit counts for all that is kept for the address', async () => {
    const address = `${randomUUID()}@example.com`;
    const change = { slot: 'email_change_new', kind: 'email_change_new', address } as const;
    const [one, other] = [await sent(change), await sent(change)];
    expect(await guess(one, one.codeHash)).toMatchObject({ userId: one.userId });
    expect(await attemptsOf(other)).toBe(1);
  });

  it('writes nothing where a GoTrue server looks', async () => {
    const { userId } = await sent();
    const [row] = await open().dataSource.query(
      `SELECT recovery_token, (SELECT count(*)::int FROM auth.one_time_tokens WHERE user_id = $1) AS count
       FROM auth.users WHERE id = $1`,
      [userId],
    );
    expect(row).toEqual({ recovery_token: '', count: 0 });
  });
});
