/** How a million users are looked up and listed: what PostgreSQL means to do, and how long it takes. */
import pg from 'pg';
import { openDatabase } from '../libs/nest-guardian/dist/persistence/database.js';
import { userList } from '../libs/nest-guardian/dist/persistence/user-list.js';
import * as lookups from '../libs/nest-guardian/dist/persistence/user-statements.js';
import { print } from './support/compare.js';
import { createDatabase } from './support/database.js';

const count = Number(process.env.USERS ?? 1_000_000);
const rounds = Number(process.env.ROUNDS ?? 5);
/** As rows lie in a table where everybody has signed in since, each at their own time. */
const isShuffled = process.env.SHUFFLED !== undefined;
const audience = 'authenticated';

const { url, drop } = await createDatabase();
const { dataSource, close } = await openDatabase(url, 'run');
try {
  await seed();
  const [{ id }] = await dataSource.query(`SELECT id FROM auth.users WHERE phone = '${4400000000 + 77}'`);
  await show('by id', lookups.byId, [id]);
  await show('by address', lookups.byEmail, ['user77@example.com', audience]);
  await show('by number', lookups.byPhone, [`${4400000000 + 77}`, audience]);
  const middle = Math.ceil(count / 2 / 50);
  await showList('first page', { page: 1 });
  await showList(`page ${middle}`, { page: middle });
  await showList(`page ${middle}, oldest first`, { page: middle, newestFirst: false });
  await showList('with an address', { email: 'user77@example.com' });
  await showList('with a part of it', { filter: 'user77@' });
  await showList('who are banned', { status: 'banned' });
  const { statement, values } = userList(queryOf({})).count;
  await show('how many there are', statement, values);
} finally {
  await close();
  await drop();
}

async function seed() {
  const begin = performance.now();
  // A connection of its own, since those of the pool are patient for some seconds only.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO auth.users (instance_id, id, aud, role, email, phone, created_at, updated_at, raw_app_meta_data,
       raw_user_meta_data, encrypted_password)
     SELECT '00000000-0000-0000-0000-000000000000', gen_random_uuid(), $2, $2, 'user' || n || '@example.com',
       (4400000000 + n)::text, now() - ($1 - n) * interval '1 second', now(),
       '{"provider": "email", "providers": ["email"]}', jsonb_build_object('full_name', 'Person ' || n),
       '$argon2id$v=19$m=19456,t=2,p=1$' || repeat('x', 65)
     FROM generate_series(1, $1::int) AS n ${isShuffled ? 'ORDER BY random()' : ''}`,
    [count, audience],
  );
  await client.query(
    `INSERT INTO auth.identities (user_id, provider, provider_id, identity_data)
     SELECT id, 'email', id::text, jsonb_build_object('sub', id, 'email', email) FROM auth.users`,
  );
  await client.query('VACUUM ANALYZE auth.users, auth.identities');
  await client.end();
  print([`${count} users`, `seeded in ${((performance.now() - begin) / 1000).toFixed(0)} s`]);
}

function queryOf(change) {
  return { audience, page: 1, perPage: 50, newestFirst: true, now: new Date(), ...change };
}

function showList(name, change) {
  const { statement, values } = userList(queryOf(change)).page;
  return show(`list, ${name}`, statement, values);
}

async function show(name, { text }, values) {
  const plan = await dataSource.query(`EXPLAIN ${text}`, values);
  const scans = plan.map((line) => line['QUERY PLAN'].trim()).filter((line) => /Scan.* on users/.test(line));
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    await dataSource.query(text, values);
    times.push(performance.now() - begin);
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)];
  print([
    name.padEnd(28),
    `${median.toFixed(1).padStart(7)} ms`,
    [...new Set(scans.map((scan) => scan.replace(/^-> +| u(_1)? .*$/g, '')))].join(', '),
  ]);
}
