/** How long requests take at the 99th percentile while a million expired tokens are swept, and while nothing is. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { connection, request } from './support/load.js';
import { startServer, stayOffServerCore } from './support/program.js';

const rows = Number(process.env.ROWS ?? 1_000_000);
const quietSeconds = Number(process.env.SECONDS ?? 15);
const callers = 4;

stayOffServerCore();
const { url, drop } = await createDatabase();
const server = await startServer('application', { adapter: 'fastify', isGuarded: true, url });
const database = new pg.Client({ connectionString: url });
await database.connect();
await database.query(
  `INSERT INTO auth.guardian_tokens (jti, profile, family_id, subject, type, created_at, expires_at)
  SELECT gen_random_uuid(), 'things', gen_random_uuid(), 'thing ' || n, 'access', now() - interval '2 days',
    now() - interval '1 day' FROM generate_series(1, $1::int) n`,
  [rows],
);
await database.query('VACUUM ANALYZE auth.guardian_tokens');
await database.query('CHECKPOINT');
const people = await Promise.all(Array.from({ length: callers }, (_, index) => signUp(index)));

let isOver = false;
await timed(2_000);
const quiet = await timed(quietSeconds * 1000);
const swept = sweep();
const from = performance.now();
const busy = await timed(Number.POSITIVE_INFINITY);
const seconds = (performance.now() - from) / 1000;
await swept;
const left = await database.query('SELECT count(*)::int AS count FROM auth.guardian_tokens');
print([
  `${rows} rows in ${seconds.toFixed(0)} s, ${left.rows[0].count} left`,
  `99th percentile ${busy.p99.toFixed(2)} ms of ${busy.count} requests`,
  `quiet ${quiet.p99.toFixed(2)} ms of ${quiet.count}`,
  `ratio ${(busy.p99 / quiet.p99).toFixed(2)}`,
]);
print('The bar: 2');
await database.end();
await server.stop();
await drop();

/** In a process of its own, which waits for the database as the servers do. */
async function sweep() {
  const command = fileURLToPath(new URL('../libs/nest-guardian/bin/nest-guardian.js', import.meta.url));
  const env = { ...process.env, DATABASE_URL: url };
  await promisify(execFile)(process.execPath, [command, 'sweep'], { env }).finally(() => (isOver = true));
}

/** Every other request writes: refreshes a session; the others read one. */
async function timed(duration) {
  const until = performance.now() + duration;
  const taken = (await Promise.all(people.map((person) => ask(person, until)))).flat();
  taken.sort((a, b) => a - b);
  return { p99: taken[Math.floor(taken.length * 0.99)], count: taken.length };
}

async function ask(person, until) {
  const say = await connection(server.port);
  const taken = [];
  while (performance.now() < until && !isOver) {
    const isRead = taken.length % 2 === 0;
    const begin = performance.now();
    const { status, body } = await say(isRead ? reading(person) : refreshing(person));
    taken.push(performance.now() - begin);
    if (status !== 200) throw new Error(`${status} ${body}`);
    if (!isRead) Object.assign(person, JSON.parse(body));
  }
  say(null);
  return taken;
}

function reading({ access_token: bearer }) {
  return request('GET', '/auth/v1/user', { bearer });
}

function refreshing({ refresh_token }) {
  return request('POST', '/auth/v1/token?grant_type=refresh_token', { body: { refresh_token } });
}

async function signUp(index) {
  const response = await fetch(`http://127.0.0.1:${server.port}/auth/v1/signup`, {
    method: 'POST',
    body: JSON.stringify({ email: `p${index}@example.com`, password: 'correct horse 9 battery' }),
  });
  return response.json();
}
