import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createPostgresDatabase, onPostgres } from '../../../../test/support/test-databases.js';
import type { UserQuery } from '../core/ports/stores.js';
import { type Database, openDatabase } from './database.js';
import { userList } from './user-list.js';
import { byEmail, byId, byPhone } from './user-statements.js';

const count = 20_000;
const audience = 'authenticated';

/** What PostgreSQL means to do, its own statistics at hand and nothing forbidden to it. */
onPostgres(`the plan, among ${count} users,`, () => {
  let database: Database;
  let drop: () => Promise<void>;
  let id: string;
  beforeAll(async () => {
    const made = await createPostgresDatabase();
    drop = made.drop;
    database = await openDatabase(made.url, 'run');
    await database.dataSource.query(
      `INSERT INTO auth.users (instance_id, id, aud, role, email, phone, created_at, updated_at)
       SELECT '00000000-0000-0000-0000-000000000000', gen_random_uuid(), $2, $2, 'user' || n || '@example.com',
         (4400000000 + n)::text, now() - n * interval '1 second', now()
       FROM generate_series(1, $1::int) AS n`,
      [count, audience],
    );
    await database.dataSource.query(
      `INSERT INTO auth.identities (user_id, provider, provider_id, identity_data)
       SELECT id, 'email', id::text, jsonb_build_object('email', email) FROM auth.users`,
    );
    await database.dataSource.query('ANALYZE auth.users, auth.identities, auth.mfa_factors');
    [{ id }] = await database.dataSource.query(
      `SELECT id FROM auth.users WHERE email = 'user77@example.com'`,
    );
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await drop();
  });

  const planOf = async (text: string, values: readonly unknown[]): Promise<string> => {
    const lines = await database.dataSource.query(`EXPLAIN ${text}`, [...values]);
    return lines.map((line: Record<string, unknown>) => line['QUERY PLAN']).join('\n');
  };

  it.each([
    { by: 'id', asked: byId, values: () => [id], index: 'users_pkey' },
    { by: 'number', asked: byPhone, values: () => ['4400000077', audience], index: 'users_phone_key' },
    {
      by: 'address',
      asked: byEmail,
      values: () => ['user77@example.com', audience],
      index: 'users_instance_id_email_idx',
    },
  ])(
    'of a lookup by $by goes by index, and so does what hangs on the user',
    async ({ asked, values, index }) => {
      const plan = await planOf(asked.text, values());
      expect(plan).toContain(`Index Scan using ${index} on users u`);
      expect(plan).toContain('identities_user_id_idx');
      expect(plan).not.toMatch(/Seq Scan on (users|identities)/);
    },
  );

  it.each([
    ['the first page', { page: 1 }],
    ['a page in the middle', { page: count / 2 / 50 }],
    ['the first page, the oldest first', { page: 1, newestFirst: false }],
    ['the one with an address', { page: 1, email: 'user77@example.com' }],
  ])('of %s goes by index', async (_, change: Partial<UserQuery>) => {
    const query = { audience, page: 1, perPage: 50, newestFirst: true, now: new Date(), ...change };
    const { page } = userList(query);
    const plan = await planOf(page.statement.text, page.values);
    expect(plan).toMatch(change.email ? /users_instance_id_email_idx/ : /idx_users_created_at_desc/);
    expect(plan).not.toMatch(/Seq Scan on (users|identities)/);
  });
});
