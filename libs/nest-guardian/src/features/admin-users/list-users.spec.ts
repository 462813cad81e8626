import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from '@jest/globals';
import { MovableClock } from 'nest-guardian/testing';
import { AdminBench, newAddress } from '../../../../../test/support/admin-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { systemCaller } from '../../core/caller.js';
import { listAuditEntries } from '../admin-audit/admin-audit.contract.js';
import { createUser, deleteUser, listUsers, type ListUsersInput } from './admin-users.contract.js';

onBothDatabases('lists of accounts and of what happened to them', (open) => {
  const benches: AdminBench[] = [];
  // One for all of them, so that what is done later is later.
  const clock = new MovableClock();
  const benchWith = async (): Promise<AdminBench> => {
    const bench = await AdminBench.open(open(), {}, clock);
    benches.push(bench);
    return bench;
  };
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });
  /** So many people of an audience of their own, the oldest first, and a way to list them. */
  const crowd = async (count: number, more: (index: number) => object = () => ({})) => {
    const bench = await benchWith();
    const aud = randomUUID();
    const ids: string[] = [];
    for (let index = 0; index < count; index++) {
      const made = await bench.ask(createUser, { email: newAddress(), aud, ...more(index) });
      ids.push(made.id);
      bench.clock.advance('1s');
    }
    const caller = { ...systemCaller, audience: aud };
    const list = (input: ListUsersInput = {}) => bench.ask(listUsers, input, caller);
    const idsOf = async (input?: ListUsersInput): Promise<string[]> =>
      (await list(input)).body.users.map(({ id }: { id: string }) => id);
    return { bench, aud, ids, list, idsOf };
  };

  it('show the newest first, page by page, with the number of all', async () => {
    const { aud, ids, list, idsOf } = await crowd(5);
    const newest = ids.toReversed();
    expect(await list()).toMatchObject({ body: { aud }, total: 5 });
    expect(await idsOf()).toEqual(newest);
    expect(await idsOf({ page: '', per_page: '' })).toEqual(newest);
    expect(await idsOf({ page: '2', per_page: '2' })).toEqual(newest.slice(2, 4));
    expect(await idsOf({ page: 0, per_page: 2 })).toEqual(newest.slice(0, 2));
    expect(await idsOf({ sort: 'created_at asc' })).toEqual(ids);
    expect(await idsOf({ sort: 'created_at DESC' })).toEqual(newest);
    expect(await list({ page: 9 })).toMatchObject({ body: { users: [] }, total: 5 });
  });

  it('say where the next page is, and the last, of the same list', async () => {
    const { list } = await crowd(3);
    expect((await list({ per_page: 2 })).link).toBe(
      '</admin/users?page=2&per_page=2>; rel="next", </admin/users?page=2&per_page=2>; rel="last"',
    );
    expect((await list({ page: 2, per_page: 2 })).link).toBe('</admin/users?page=2&per_page=2>; rel="last"');
    const filtered = await list({ per_page: 1, filter: 'a&b>,', sort: 'created_at asc' });
    expect(filtered.link).toBe(
      '</admin/users?page=0&per_page=1&sort=created_at+asc&filter=a%26b%3E%2C>; rel="last"',
    );
  });

  it('find by a part of address or name, by the whole address and by standing', async () => {
    const name = (index: number) => ({ user_metadata: { full_name: `Ann ${index}` } });
    const confirmed = { email_confirm: true };
    const { bench, ids, list, idsOf } = await crowd(4, (index) => ({
      ...name(index),
      ...(index < 2 && confirmed),
      ...(index === 3 && { ban_duration: '1h' }),
    }));
    const [first, second, third, fourth] = ids as [string, string, string, string];
    const { email } = (await list()).body.users.at(-1);
    expect(await idsOf({ filter: 'aNN 2' })).toEqual([third]);
    expect(await idsOf({ filter: email.slice(2, 30) })).toEqual([first]);
    expect(await idsOf({ email: email.toUpperCase() })).toEqual([first]);
    expect(await idsOf({ email: email.slice(1) })).toEqual([]);
    await bench.ask(deleteUser, { user_id: second, should_soft_delete: true });
    expect(await idsOf({ status: 'confirmed' })).toEqual([first]);
    expect(await idsOf({ status: 'unconfirmed' })).toEqual([fourth, third]);
    expect(await idsOf({ status: 'banned' })).toEqual([fourth]);
    expect(await idsOf({ status: 'deleted' })).toEqual([second]);
    expect(await idsOf({ status: 'anonymous' })).toEqual([]);
  });

  it.each([
    [{ page: '-1' }, 'Bad Pagination Parameters: strconv.ParseUint: parsing "-1": invalid syntax'],
    [{ page: '1e3' }, 'Bad Pagination Parameters: strconv.ParseUint: parsing "1e3": invalid syntax'],
    [{ page: '１' }, 'Bad Pagination Parameters: strconv.ParseUint: parsing "１": invalid syntax'],
    [{ per_page: '0' }, 'Bad Pagination Parameters: per_page must be greater than 0'],
    [{ per_page: '1.5' }, 'Bad Pagination Parameters: strconv.ParseUint: parsing "1.5": invalid syntax'],
    [{ per_page: "1'" }, 'Bad Pagination Parameters: strconv.ParseUint: parsing "1\'": invalid syntax'],
    [
      { page: '9'.repeat(30) },
      `Bad Pagination Parameters: strconv.ParseUint: parsing "${'9'.repeat(30)}": value out of range`,
    ],
    [{ sort: 'email;drop' }, "Bad Sort Parameters: bad field for sort 'email;drop'"],
    [{ sort: 'encrypted_password desc' }, "Bad Sort Parameters: bad field for sort 'encrypted_password'"],
    [
      { sort: 'created_at sideways', page: 'x' },
      "Bad Sort Parameters: bad direction for sort 'sideways', only 'asc' and 'desc' allowed",
    ],
    [{ status: 'asleep' }, 'status must be one of confirmed, unconfirmed, banned, anonymous, deleted'],
    [{ status: 'constructor' }, 'status must be one of confirmed, unconfirmed, banned, anonymous, deleted'],
  ])('Z-08 refuse %j', async (input, message) => {
    const { list } = await crowd(0);
    expect(await list(input)).toBe(`400 validation_failed: ${message}`);
  });

  it('Z-08 take every text for itself, and have no more than a thousand on a page', async () => {
    const { list } = await crowd(1);
    for (const text of ['%', '_', '\\', "' OR true --", '*', '$1']) {
      expect(await list({ filter: text, email: '' })).toMatchObject({ total: 0 });
      expect(await list({ email: text })).toMatchObject({ total: 0 });
    }
    expect(await list({ filter: 'a\0b' })).toMatch(/^400 validation_failed/);
    for (const page of ['9999999999999999999', '999999999999', '2']) {
      expect(await list({ page })).toMatchObject({ body: { users: [] }, total: 1 });
    }
    expect((await list({ per_page: '1000000000' })).link).toContain('per_page=1000>');
  });

  it('Z-14 show people of one audience only, the one that is asked for', async () => {
    const [one, other] = [await crowd(1), await crowd(1)];
    expect(await one.idsOf()).toEqual(one.ids);
    expect(await other.idsOf()).toEqual(other.ids);
    expect((await one.bench.ask(listUsers, {})).body.aud).toBe('authenticated');
  });

  it('tell what happened, the newest first, and who did it', async () => {
    const { bench, ids } = await crowd(3);
    const trail = (input = {}) => bench.ask(listAuditEntries, input);
    const { body, total, link } = await trail({ per_page: 2 });
    expect(body).toHaveLength(2);
    expect(total).toBeGreaterThanOrEqual(3);
    expect(link).toMatch(/^<\/admin\/audit\?page=2&per_page=2>; rel="next", /);
    expect(body[0]).toEqual({
      id: expect.any(String),
      payload: expect.objectContaining({ action: 'user_signedup', actor_username: 'service_role' }),
      created_at: expect.stringMatching(/Z$/),
      ip_address: '',
    });
    const traits = body.map(({ payload }: { payload: { traits: object } }) => payload.traits);
    expect(traits).toEqual([
      expect.objectContaining({ user_id: ids[2] }),
      expect.objectContaining({ user_id: ids[1] }),
    ]);
  });

  it('tell it by author, action or type, in any case', async () => {
    const { bench, ids } = await crowd(2);
    const trail = (input = {}) => bench.ask(listAuditEntries, input);
    await bench.ask(deleteUser, { user_id: ids[0] as string });
    for (const query of ['action:USER_deleted', 'type:TEAM', 'author:Service_Role']) {
      const { body, total, link } = await trail({ query, per_page: 1 });
      expect(body[0].payload.traits.user_id).toBe(ids[0]);
      expect(total).toBeGreaterThan(0);
      expect(link).toContain(`&query=${encodeURIComponent(query)}>; rel="last"`);
    }
    expect((await trail({ query: 'action:nothing of the kind' })).total).toBe(0);
    expect((await trail({ query: 'action:' })).total).toBe((await trail()).total);
    for (const query of ['banana', 'ip:1', ':x', 'constructor:x', 'Author:x']) {
      expect(await trail({ query })).toBe(`400 validation_failed: Invalid query scope: ${query}`);
    }
    expect(await trail({ query: "author:%' OR 1=1", page: '1' })).toMatchObject({ total: 0 });
    expect(await trail({ page: '-1' })).toMatch(/^400 validation_failed: Bad Pagination Parameters/);
  });
});
