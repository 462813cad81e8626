import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { maskRows, type Row, type Rows } from '../../../../test/rows/mask-rows.js';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { NewSecret, SecretSlot } from '../core/ports/one-time-secrets.js';

const recorded = JSON.parse(readFileSync('test/recordings/rows.json', 'utf8')) as readonly {
  readonly after: string;
  readonly rows: Rows;
}[];

const at = new Date('2026-08-20T10:00:00.123Z');
const columns = [
  'confirmation_token',
  'recovery_token',
  'email_change_token_new',
  'email_change_token_current',
  'phone_change_token',
  'reauthentication_token',
  'confirmation_sent_at',
  'recovery_sent_at',
  'email_change_sent_at',
  'phone_change_sent_at',
  'reauthentication_sent_at',
];

onBothDatabases('one-time secrets as a GoTrue server keeps them', (open) => {
  const someone = async (): Promise<string> => {
    const user = newUser();
    await inUnit(open(), ({ users }) => users.insert(user));
    return user.id;
  };
  const put = (userId: string, slot: SecretSlot, change: Partial<NewSecret> = {}): Promise<boolean> =>
    inUnit(open(), ({ gotrueSecrets }) =>
      gotrueSecrets.put({
        userId,
        slot,
        kind: 'recovery',
        address: '{{email:row}}',
        linkHash: userId,
        codeHash: userId,
        at,
        ...change,
      }),
    );
  const take = (hash: string, ...slots: SecretSlot[]) =>
    inUnit(open(), ({ gotrueSecrets }) =>
      gotrueSecrets.takeByLink({ hashes: [hash], slots, kinds: [], issuedAfter: new Date(0) }),
    );
  const query = (sql: string, userId: string): Promise<Row[]> => open().dataSource.query(sql, [userId]);
  const rowsOf = async (userId: string): Promise<Rows> => {
    const [user] = await query('SELECT to_jsonb(u) AS row FROM auth.users u WHERE id = $1', userId);
    const tokens = await query(
      `SELECT to_jsonb(t) AS row FROM auth.one_time_tokens t WHERE user_id = $1 ORDER BY ctid`,
      userId,
    );
    return { users: [user?.row as Row], one_time_tokens: tokens.map(({ row }) => row as Row) };
  };
  /** What a secret is kept in, of what stood in the tables. */
  const kept = ({ users = [], one_time_tokens: tokens = [] }: Rows): Rows =>
    maskRows(
      {
        one_time_tokens: tokens,
        users: users.map((user) => Object.fromEntries(columns.map((column) => [column, user[column]]))),
      },
      '',
    );
  const after = (name: string): Rows => kept(recorded.find(({ after }) => after === name)?.rows as Rows);

  it('a confirmation, a recovery and a change of address are kept as GoTrue keeps them', async () => {
    const userId = await someone();
    await put(userId, 'confirmation', { linkHash: '{{hash#2}}' });
    expect(kept(await rowsOf(userId))).toEqual(after('confirm: sign-up, not yet confirmed'));
    await take('{{hash#2}}', 'confirmation', 'recovery');
    expect(kept(await rowsOf(userId))).toEqual(after('confirm: then confirmed by code'));
    await put(userId, 'recovery', { linkHash: '{{hash#3}}' });
    expect(kept(await rowsOf(userId))).toEqual(after('confirm: then recovery asked for'));
    await put(userId, 'email_change_current', { linkHash: '{{hash#5}}' });
    await put(userId, 'email_change_new', { linkHash: '{{hash#4}}', address: '{{email:row2}}' });
    expect(kept(await rowsOf(userId))).toEqual(after('confirm: then a change of address asked for'));
    await inUnit(open(), ({ gotrueSecrets }) => gotrueSecrets.clear(userId));
  });

  it('a confirmation with a challenge is kept as GoTrue keeps it', async () => {
    const userId = await someone();
    await put(userId, 'confirmation', { linkHash: 'pkce_{{hash#1}}', address: '{{email:row0}}' });
    expect(kept(await rowsOf(userId))).toEqual(after('confirm: sign-up with PKCE, not yet confirmed'));
    await inUnit(open(), ({ gotrueSecrets }) => gotrueSecrets.clear(userId));
  });

  it('a newer one has a row of its own, in the place of the older', async () => {
    const userId = await someone();
    await put(userId, 'recovery');
    const [first] = (await rowsOf(userId)).one_time_tokens as Row[];
    await put(userId, 'recovery', { at: new Date(at.getTime() + 1_000) });
    const rows = (await rowsOf(userId)).one_time_tokens as Row[];
    expect(rows).toEqual([
      {
        ...first,
        id: expect.not.stringMatching(first?.id as string),
        created_at: '2026-08-20T10:00:01.123',
        updated_at: '2026-08-20T10:00:01.123',
      },
    ]);
  });

  it('taking one leaves the user’s others', async () => {
    const userId = await someone();
    const slots = ['confirmation', 'recovery', 'email_change_new', 'email_change_current'] as const;
    const all = [...slots, 'phone_change', 'reauthentication'] as const;
    for (const slot of all) await put(userId, slot, { linkHash: `${slot} ${userId}` });
    await take(`phone_change ${userId}`, 'phone_change');
    const { users, one_time_tokens: tokens } = await rowsOf(userId);
    expect(tokens).toHaveLength(all.length - 1);
    expect(users).toMatchObject([
      {
        confirmation_token: `confirmation ${userId}`,
        recovery_token: `recovery ${userId}`,
        email_change_token_new: `email_change_new ${userId}`,
        email_change_token_current: `email_change_current ${userId}`,
        phone_change_token: '',
        reauthentication_token: `reauthentication ${userId}`,
      },
    ]);
  });

  it.each([
    [
      'the row is there and the column is empty',
      `UPDATE auth.users SET recovery_token = '' WHERE id = $1`,
      true,
    ],
    [
      'the row is there and the column is null',
      'UPDATE auth.users SET recovery_token = NULL WHERE id = $1',
      true,
    ],
    ['the column is there and the row is not', 'DELETE FROM auth.one_time_tokens WHERE user_id = $1', false],
    ['nobody says when it was sent', 'UPDATE auth.users SET recovery_sent_at = NULL WHERE id = $1', false],
  ])('where %s, the row is believed, and the time', async (_, change, isTaken) => {
    const userId = await someone();
    await put(userId, 'recovery');
    await query(change, userId);
    expect((await take(userId, 'recovery')) !== null).toBe(isTaken);
    expect(await put(userId, 'recovery')).toBe(true);
    expect(await take(userId, 'recovery')).not.toBeNull();
  });

  it('counts no misses', async () => {
    const userId = await someone();
    await put(userId, 'recovery');
    const guess = (hash: string) =>
      inUnit(open(), ({ gotrueSecrets }) =>
        gotrueSecrets.takeByCode({
          hashes: [hash],
          slots: ['recovery'],
          kinds: [],
          issuedAfter: new Date(0),
          address: '{{email:row}}',
          maxAttempts: 1,
        }),
      );
    for (const wrong of ['1', '2', '3']) expect(await guess(wrong)).toBeNull();
    expect(await guess(userId)).not.toBeNull();
  });
});
