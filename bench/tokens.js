/**
 * Verifying a token of a profile against the same call through `@nestjs/jwt` with a `KeyObject`: warm, when it was seen
 * before, and cold, when it was not; and what a row costs.
 */
import 'reflect-metadata';
import { createSecretKey } from 'node:crypto';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtService } from '@nestjs/jwt';
import { AuthModule, defineTokenProfile, InjectTokens } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { print } from './support/compare.js';
import { createDatabase } from './support/database.js';

const rounds = Number(process.env.ROUNDS ?? 7);
const secret = 'nobody guesses these bytes, for the benchmark';

const things = defineTokenProfile({
  name: 'things',
  issuer: 'bench',
  audience: 'things',
  keys: { secret },
  types: { access: '1h', tracked: '1h' },
  defaultType: 'access',
  subject: (id) => id,
  resolve: ({ sub }) => sub,
  tracking: { types: ['tracked'] },
});

class Holder {
  constructor(tokens) {
    this.tokens = tokens;
  }
}
InjectTokens(things)(Holder, undefined, 0);
class Application {}
const { url, drop } = await createDatabase();
const provider = local({ database: url, tokens: { secret: `${secret}, too` } });
Module({ imports: [AuthModule.forRoot({ provider, profiles: [things] })], providers: [Holder] })(Application);
const app = await NestFactory.createApplicationContext(Application, { logger: ['error', 'warn'] });
const { tokens } = app.get(Holder);
const key = createSecretKey(Buffer.from(secret));
const jwt = new JwtService({
  secret: key,
  verifyOptions: { algorithms: ['HS256'], issuer: 'bench', audience: 'things' },
});

// More than are remembered, asked for one after another, so that each has been forgotten when its turn comes again.
const many = await Promise.all(Array.from({ length: 20_480 }, async (_, index) => issue(`thing ${index}`)));
const [one] = many;
const ours = (token) => tokens.verify(token);
const theirs = (token) => jwt.verifyAsync(token);

await compare('warm, awaited', { verify: ours, tokens: [one] }, { verify: theirs, tokens: [one], bar: 20 });
await compare('cold, awaited', { verify: ours, tokens: many }, { verify: theirs, tokens: many, bar: 1 });
await compare(
  'warm, as in a guard',
  { verify: (token) => tokens.admit(token), tokens: [one] },
  { verify: (token) => jwt.verify(token), tokens: [one], bar: 20 },
);
await compare(
  'cold, as in a guard',
  { verify: (token) => tokens.admit(token), tokens: many },
  { verify: (token) => jwt.verify(token), tokens: many, bar: 1 },
);

const rows = [];
for (let index = 0; index < 2_000; index++) rows.push(await issue(`thing ${index}`, 'tracked'));
const tracked = (token) => tokens.verify(token, { type: 'tracked' });
const cold = await spent({ verify: tracked, tokens: rows }, rows.length);
const warm = await spent({ verify: tracked, tokens: rows }, rows.length);
print(['with a row', `first ${cold.toFixed(1)} µs`, `then, for a minute, ${warm.toFixed(2)} µs`]);
await app.close();
await drop();

async function issue(id, type = 'access') {
  return (await tokens.issue(id, { type })).token;
}

/** Microseconds for one call. Only what is a promise is waited for. */
async function spent({ verify, tokens: asked }, calls, first = 0) {
  const from = performance.now();
  for (let call = first; call < first + calls; call++) {
    const found = verify(asked[call % asked.length]);
    if (found instanceof Promise) await found;
  }
  return ((performance.now() - from) * 1000) / calls;
}

/** By turns and in small slices, so that other work on the machine disturbs both alike. */
async function compare(name, mine, { bar, ...other }) {
  const calls = 20_480;
  const slice = 512;
  const measured = [];
  for (let at = 0; at < calls * (rounds + 1); at += slice) {
    measured.push([await spent(mine, slice, at), await spent(other, slice, at)]);
  }
  // The first round warms up.
  measured.splice(0, calls / slice);
  const middle = (read) => measured.map(read).toSorted((a, b) => a - b)[Math.floor(measured.length / 2)];
  print([
    name.padEnd(20),
    `${middle(([a]) => a)
      .toFixed(2)
      .padStart(6)} µs against ${middle(([, b]) => b).toFixed(2)} µs`,
    `ratio ${middle(([a, b]) => b / a).toFixed(2)}`,
    `the bar ${bar}`,
  ]);
}
