/**
 * Whether the clock tells who has an account: known and unknown addresses in turn, in random order, over one
 * connection for each route. What is printed is how often the answer for a known one takes longer; half the time tells nothing.
 */
import { randomBytes, randomInt } from 'node:crypto';
import pg from 'pg';
import { print } from './support/compare.js';
import { createDatabase } from './support/database.js';
import { connection, request } from './support/load.js';
import { startServer, stayOffServerCore } from './support/program.js';

const pairs = Number(process.env.PAIRS ?? 500);
const warming = 50;
const bar = [0.45, 0.55];

stayOffServerCore();
const { url, drop } = await createDatabase();
const server = await startServer('application', {
  adapter: 'fastify',
  isGuarded: true,
  url,
  password: { autoconfirm: false },
});
const database = new pg.Client({ connectionString: url });
await database.connect();

const routes = [
  { name: 'POST /otp', path: '/otp', isConfirmed: true },
  { name: 'POST /otp, create_user: false', path: '/otp', isConfirmed: true, body: { create_user: false } },
  { name: 'POST /recover', path: '/recover', isConfirmed: true },
  {
    name: 'POST /signup',
    path: '/signup',
    isConfirmed: true,
    body: { password: 'correct horse 9 battery' },
  },
  { name: 'POST /resend', path: '/resend', isConfirmed: false, body: { type: 'signup' } },
];
// Side by side, or it would take a quarter of an hour: each answer is held back for as long as the slowest may take.
const known = [];
for (const { isConfirmed } of routes) known.push(await newPeople(isConfirmed));
await Promise.all(routes.map((route, index) => measure(route, known[index])));
print(`The bar: ${bar.join(' to ')}`);
await database.end();
await server.stop();
await drop();

async function measure({ name, path, body }, known) {
  const ask = await connection(server.port);
  const timeOf = async (email) => {
    const question = request('POST', `/auth/v1${path}`, { body: { ...body, email } });
    const from = process.hrtime.bigint();
    const answer = await ask(question);
    const nanoseconds = Number(process.hrtime.bigint() - from);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
    return nanoseconds / 1e6;
  };
  const took = { known: [], unknown: [] };
  for (const address of known) {
    const isKnownFirst = randomInt(2) === 0;
    if (isKnownFirst) took.known.push(await timeOf(address));
    took.unknown.push(await timeOf(newAddress()));
    if (!isKnownFirst) took.known.push(await timeOf(address));
  }
  await ask(null);
  const [slow, fast] = [took.known.slice(warming), took.unknown.slice(warming)];
  const auc = areaUnderCurve(slow, fast);
  print([
    name.padEnd(30),
    `AUC ${auc.toFixed(3)}`,
    `medians ${median(slow).toFixed(2)} ms known, ${median(fast).toFixed(2)} ms unknown`,
    auc >= bar[0] && auc <= bar[1] ? '' : 'the clock tells',
  ]);
}

/** As many as are asked about, each once: nobody may ask for the same address twice within a minute. */
async function newPeople(isConfirmed) {
  const addresses = Array.from({ length: pairs + warming }, newAddress);
  await database.query(
    `INSERT INTO auth.users (instance_id, id, aud, role, email, encrypted_password, raw_app_meta_data,
       raw_user_meta_data, email_confirmed_at, created_at, updated_at, confirmation_token, recovery_token,
       email_change_token_new, email_change)
     SELECT '00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', email, '',
       '{"provider": "email", "providers": ["email"]}', '{}', CASE WHEN $2 THEN now() END, now(), now(), '', '', '', ''
     FROM unnest($1::text[]) AS email`,
    [addresses, isConfirmed],
  );
  return addresses;
}

function newAddress() {
  return `${randomBytes(8).toString('hex')}@example.com`;
}

/** How likely one of these is more than one of those; the same counts half. */
function areaUnderCurve(these, those) {
  const counted = (a, b) => (1 + Math.sign(a - b)) / 2;
  const sum = these.reduce((all, a) => all + those.reduce((count, b) => count + counted(a, b), 0), 0);
  return sum / (these.length * those.length);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
