import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { NewUser, UserQuery } from '../core/ports/stores.js';

onBothDatabases('a list of users', (open) => {
  const now = new Date('2026-08-20T12:00:00.000Z');
  const before = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
  /** Everybody of a test is of one audience, which no other test has. */
  const insert = async (audience: string, ...changes: Partial<NewUser>[]): Promise<string[]> => {
    const people = changes.map((change) => newUser({ audience, ...change }));
    await inUnit(open(), async ({ users }) => {
      for (const user of people) await users.insert(user);
    });
    return people.map(({ id }) => id);
  };
  const list = (audience: string, change: Partial<UserQuery> = {}) =>
    open()
      .persistence.begin()
      .users.list({ audience, page: 1, perPage: 50, newestFirst: true, now, ...change });
  const idsOf = async (audience: string, change: Partial<UserQuery> = {}): Promise<string[]> =>
    (await list(audience, change)).users.map(({ id }) => id);
  const set = (id: string, column: string, value: unknown): Promise<unknown> =>
    open().dataSource.query(`UPDATE auth.users SET ${column} = $2 WHERE id = $1`, [id, value]);

  it('is of one audience, the newest first or the oldest, page by page, with the number of all', async () => {
    const audience = randomUUID();
    const ids = await insert(audience, { at: before(3) }, { at: before(2) }, { at: before(1) });
    expect(await idsOf(audience)).toEqual(ids.toReversed());
    expect(await idsOf(audience, { newestFirst: false })).toEqual(ids);
    const page = (number: number) => list(audience, { newestFirst: false, page: number, perPage: 2 });
    expect(await page(1)).toMatchObject({ users: [{ id: ids[0] }, { id: ids[1] }], total: 3 });
    expect(await page(2)).toMatchObject({ users: [{ id: ids[2] }], total: 3 });
    expect(await page(3)).toEqual({ users: [], total: 3 });
    expect(await list(randomUUID())).toEqual({ users: [], total: 0 });
  });

  it('names each of many who came at the same moment on one page only', async () => {
    const audience = randomUUID();
    const ids = await insert(audience, ...Array.from({ length: 10 }, () => ({ at: now })));
    const pages = await Promise.all([1, 2, 3, 4].map((page) => idsOf(audience, { page, perPage: 3 })));
    expect(pages.map((page) => page.length)).toEqual([3, 3, 3, 1]);
    expect(pages.flat().toSorted()).toEqual(ids.toSorted());
  });

  it('has users as they are found one by one, with what hangs on them', async () => {
    const audience = randomUUID();
    const [id = ''] = await insert(audience, {});
    await inUnit(open(), async ({ users, factors }) => {
      const identity = { userId: id, provider: 'email', providerId: id, identityData: {}, at: now };
      await users.insertIdentity(identity);
      const factor = {
        id: randomUUID(),
        userId: id,
        friendlyName: 'app',
        factorType: 'totp',
        at: now,
      } as const;
      await factors.insert({ ...factor, secret: 'JBSWY3DP' });
    });
    const { users } = await list(audience);
    expect(users).toEqual([await open().persistence.begin().users.findById(id)]);
    expect(users[0]).toMatchObject({
      identities: [{ provider: 'email' }],
      factors: [{ friendlyName: 'app' }],
    });
    expect(JSON.stringify(users)).not.toContain('JBSWY3DP');
  });

  it('finds a part of the address, or of the full name in any case', async () => {
    const audience = randomUUID();
    const unique = randomUUID();
    const [ann, ben] = await insert(
      audience,
      { email: `ann-${unique}@example.com`, at: before(2) },
      {
        email: null,
        phone: null,
        isAnonymous: true,
        userMetadata: { full_name: `Ben OZ ${unique}` },
        at: now,
      },
    );
    expect(await idsOf(audience, { filter: `n-${unique}@` })).toEqual([ann]);
    expect(await idsOf(audience, { filter: `EN oz ${unique}` })).toEqual([ben]);
    expect(await idsOf(audience, { filter: unique })).toEqual([ben, ann]);
    expect((await list(audience, { filter: `n-${unique}@`, perPage: 1 })).total).toBe(1);
    expect(await idsOf(audience, { filter: '' })).toEqual([ben, ann]);
  });

  it.each(['%', '_', '\\', '%%', "' OR true --", '$1', '{}'])(
    'Z-08 takes %s in a filter for itself',
    async (filter) => {
      const audience = randomUUID();
      const [, marked] = await insert(
        audience,
        {},
        { email: `a${randomUUID()}@example.com`, userMetadata: { full_name: `before${filter}after` } },
      );
      expect(await idsOf(audience, { filter })).toEqual([marked]);
    },
  );

  it('finds the whole address in any case of what is stored', async () => {
    const audience = randomUUID();
    const [ann] = await insert(audience, { email: `ANN-${audience}@example.com` }, {});
    expect(await idsOf(audience, { email: `ann-${audience}@example.com` })).toEqual([ann]);
    expect(await idsOf(audience, { email: `ann-${audience}@example.co` })).toEqual([]);
  });

  it('tells by status, and whoever is deleted is nothing else', async () => {
    const audience = randomUUID();
    const [confirmed = '', unconfirmed = '', banned = '', anonymous = '', deleted = '', pardoned = ''] =
      await insert(
        audience,
        { emailConfirmedAt: now, at: before(6) },
        { at: before(5) },
        { emailConfirmedAt: now, at: before(4) },
        { email: null, isAnonymous: true, at: before(3) },
        { emailConfirmedAt: now, at: before(2) },
        { emailConfirmedAt: now, at: before(1) },
      );
    await set(banned, 'banned_until', new Date(now.getTime() + 1));
    await set(pardoned, 'banned_until', now);
    await set(deleted, 'deleted_at', now);
    await set(deleted, 'banned_until', new Date(now.getTime() + 1));
    const found = await Promise.all(
      (['confirmed', 'unconfirmed', 'banned', 'anonymous', 'deleted'] as const).map(async (status) => [
        status,
        await idsOf(audience, { status }),
        (await list(audience, { status, perPage: 1 })).total,
      ]),
    );
    expect(found).toEqual([
      ['confirmed', [pardoned, banned, confirmed], 3],
      ['unconfirmed', [unconfirmed], 1],
      ['banned', [banned], 1],
      ['anonymous', [anonymous], 1],
      ['deleted', [deleted], 1],
    ]);
  });

  it('takes all that is asked for together', async () => {
    const audience = randomUUID();
    const [ann = '', ben = ''] = await insert(audience, { userMetadata: { full_name: 'Ann' } }, {});
    await set(ann, 'banned_until', new Date(now.getTime() + 1));
    await set(ben, 'banned_until', new Date(now.getTime() + 1));
    const email = (await open().persistence.begin().users.findById(ann))?.email as string;
    const asked = { status: 'banned', filter: 'ann', email } as const;
    expect(await idsOf(audience, asked)).toEqual([ann]);
    expect(await idsOf(audience, { ...asked, filter: 'ben' })).toEqual([]);
  });

  it('is a bad request where the filter is text that cannot be stored', async () => {
    await expect(list(randomUUID(), { filter: 'a\u0000b' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  });
});
