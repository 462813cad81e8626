import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Command, type Environment, type Served } from '../support/command.js';
import { ask } from '../support/ask.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';

const person = () => ({ email: `${randomUUID()}@example.com`, password: 'a quiet harbour 7' });
const secret = 'the command is held to with this secret of ours';
const open: Environment = { GOTRUE_MAILER_AUTOCONFIRM: 'true' };
const headerOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString());

let command: Command;
beforeAll(async () => {
  command = await Command.install();
});
afterAll(() => command.remove());

const stopping: Served[] = [];
const serve = async (env: Environment = {}): Promise<Served> => {
  const served = await command.serve(env);
  stopping.push(served);
  return served;
};
afterEach(async () => {
  for (const served of stopping.splice(0)) await served.stop();
});

describe('nest-guardian', () => {
  it('tells what it can do when it is asked, and ends well', async () => {
    for (const flag of ['--help', '-h']) {
      expect(await command.run([flag])).toMatchObject({ code: 0, err: '' });
    }
    const { out } = await command.run(['--help']);
    for (const name of [
      'serve',
      'migrate',
      'keys generate',
      'keys rotate',
      'keys list',
      'mail dead',
      'sweep',
    ]) {
      expect(out).toContain(`  ${name} `);
    }
  });

  it.each([[[]], [['help']], [['keys']], [['serve', 'now']]])(
    'answers %j with its usage and 1',
    async (args) => {
      const { code, out, err } = await command.run(args);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^Usage: nest-guardian/);
    },
  );

  it('refuses an unknown flag in one line', async () => {
    const { code, err } = await command.run(['migrate', '--force']);
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(/--force/);
  });
});

describe('serve, on the embedded database', () => {
  const embedded = (): Environment => ({ ...open, GUARDIAN_DATA: join(command.folder, 'accounts') });

  it('answers under auth/v1, and keeps accounts and its secret over a restart', async () => {
    const first = await serve(embedded());
    const { status, body } = await ask(`${first.url}/auth/v1/signup`, { body: person() });
    expect(status).toBe(200);
    const place = `Accounts are in the embedded database ${join(command.folder, 'accounts')}`;
    expect(first.log.map(({ message }) => message)).toContain(place);
    await first.stop();
    const { url } = await serve(embedded());
    const known = await ask(`${url}/auth/v1/user`, { bearer: body.access_token });
    expect(known).toMatchObject({ status: 200, body: { email: body.user.email } });
  });

  it.each(['express', 'fastify'])('stands on %s, whose name no answer tells', async (http) => {
    const { url } = await serve({ ...embedded(), GUARDIAN_HTTP: http });
    const health = await ask(`${url}/auth/v1/health`);
    expect(health).toMatchObject({ status: 200, body: { name: 'nest-guardian' } });
    const elsewhere = await ask(`${url}/users`);
    expect(elsewhere).toMatchObject({ status: 404, body: '404 page not found\n' });
    for (const { headers } of [health, elsewhere]) expect(headers.has('x-powered-by')).toBe(false);
  });

  it.each(['express', 'fastify'])(
    'S-32: answers on %s what was asked before SIGTERM, takes nothing new, and ends with 0',
    async (http) => {
      const served = await serve({ ...embedded(), GUARDIAN_HTTP: http });
      const { port, hostname } = new URL(served.url);
      const asking = connect(Number(port), hostname);
      let answer = '';
      asking.on('data', (chunk) => (answer += chunk.toString()));
      const body = JSON.stringify(person());
      asking.write(
        `POST /auth/v1/signup HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n` +
          `connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
      );
      // What came before this on its way is under way now.
      await ask(`${served.url}/auth/v1/health`);
      served.signal('SIGTERM');
      await served.logged('Stopping on SIGTERM');
      await expect(fetch(served.url)).rejects.toThrow('fetch failed');
      asking.write(body.slice(5));
      await once(asking, 'close');
      expect(answer).toMatch(/^HTTP\/1\.1 200 .*access_token/s);
      expect(await served.ended).toMatchObject({ code: 0, err: '' });
    },
  );

  it('is swept by `sweep`, be it as new as it can be', async () => {
    const env = { ...open, GUARDIAN_DATA: join(command.folder, 'swept') };
    const { code, out, err } = await command.run(['sweep'], env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^0 rows had expired and are deleted\.\n/);
    expect(out).toContain('swept');
  });

  it('writes its log as JSON, one warning among it for what GoTrue knows and it does not', async () => {
    const unserved = { GOTRUE_SMS_TWILIO_ACCOUNT_SID: 'ann', GOTRUE_SMS_TWILIO_AUTH_TOKEN: 'hunter2' };
    const served = await serve({ ...embedded(), ...unserved });
    const warnings = served.log.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message }) => message)).toEqual([
      'Set, but without effect here: GOTRUE_SMS_TWILIO_ACCOUNT_SID, GOTRUE_SMS_TWILIO_AUTH_TOKEN',
    ]);
    expect(JSON.stringify(served.log)).not.toContain('hunter2');
  });

  it('signs with the key that GOTRUE_JWT_KEYS holds, made by `keys generate`', async () => {
    const { code, out } = await command.run(['keys', 'generate', '--alg', 'EdDSA']);
    expect(code).toBe(0);
    const { kid, x, d } = JSON.parse(out);
    const { url } = await serve({ ...embedded(), GOTRUE_JWT_KEYS: `[${out}]` });
    const { body } = await ask(`${url}/auth/v1/signup`, { body: person() });
    expect(headerOf(body.access_token)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid });
    const { body: published } = await ask(`${url}/auth/v1/.well-known/jwks.json`);
    expect(published.keys).toMatchObject([{ kid, x, alg: 'EdDSA' }]);
    expect(JSON.stringify(published)).not.toContain(d);
  });

  it('lets another server of its kind answer, under GUARDIAN_PROVIDER=gotrue', async () => {
    const behind = await serve(embedded());
    const front = await serve({ GUARDIAN_PROVIDER: 'gotrue', GUARDIAN_GOTRUE_URL: `${behind.url}/auth/v1` });
    const { status, body } = await ask(`${front.url}/auth/v1/signup`, { body: person() });
    expect(status).toBe(200);
    expect((await ask(`${behind.url}/auth/v1/user`, { bearer: body.access_token })).status).toBe(200);
  });
});

describe('a start that fails says why in words, and ends with 1:', () => {
  const failed = async (env: Environment): Promise<string> => {
    const { code, out, err } = await command.run(['serve'], env);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    return err;
  };

  it('every mistake at once by the names of variables, and no secret', async () => {
    const err = await failed({
      DATABASE_URL: 'mysql://ann:hunter2@localhost/x',
      GOTRUE_JWT_SECRET: 'hunter2',
      GOTRUE_JWT_EXP: 'soon',
      GUARDIAN_HTTP: 'hapi',
      GUARDIAN_PREFX: '/',
      PORT: '65536',
    });
    const [head, ...lines] = err.trim().split('\n');
    expect(head).toBe('nest-guardian cannot start with these options:');
    const names = lines.map((line) => /^ {2}- ([A-Z_]+): /.exec(line)?.[1]);
    expect(names.toSorted()).toEqual([
      'DATABASE_URL',
      'GOTRUE_JWT_EXP',
      'GOTRUE_JWT_SECRET',
      'GUARDIAN_HTTP',
      'GUARDIAN_PREFX',
      'PORT',
    ]);
    expect(err).not.toContain('hunter2');
  });

  it('S-38: production without a secret', async () => {
    const err = await failed({ NODE_ENV: 'production' });
    expect(err).toMatch(/\n {2}- GOTRUE_JWT_SECRET: is missing/);
  });

  it('a database that does not answer, its password unsaid', async () => {
    const err = await failed({ DATABASE_URL: 'postgres://ann:hunter2@127.0.0.1:1/x' });
    expect(err.trim()).toBe('The account database cannot be reached: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const env = { GOTRUE_API_HOST: '127.0.0.1', PORT: String(port) };
    const err = await failed({ ...env, GUARDIAN_DATA: join(command.folder, 'accounts') });
    other.close();
    expect(err.trim()).toBe(`listen EADDRINUSE: address already in use 127.0.0.1:${port}`);
  });
});

onPostgres('on PostgreSQL', () => {
  let url: string;
  let drop: () => Promise<void>;
  beforeEach(async () => {
    ({ url, drop } = await createPostgresDatabase());
  });
  afterEach(() => drop());

  it('production begins to serve when `migrate` has run, and not before; both say where, and not as whom', async () => {
    const whole = new URL(url);
    whole.password ||= 'hunter2';
    const production = { NODE_ENV: 'production', DATABASE_URL: whole.href, GOTRUE_JWT_SECRET: secret };
    const place = `Accounts are in PostgreSQL ${whole.hostname}:${whole.port || 5432}${whole.pathname}`;
    const before = await command.run(['serve'], production);
    expect(before.code).toBe(1);
    expect(before.err).toMatch(/not up to date.*nest-guardian migrate/);
    for (const _ of ['made', 'there already']) {
      const { code, out } = await command.run(['migrate'], production);
      expect({ code, out }).toEqual({
        code: 0,
        out: `The tables of schema auth are up to date.\n${place}\n`,
      });
    }
    const served = await serve(production);
    expect(served.log.map(({ message }) => message)).toContain(place);
    expect((await ask(`${served.url}/auth/v1/health`)).status).toBe(200);
    await served.stop();
  });

  it('keys are kept, listed and rotated, one standing by at a time', async () => {
    const kept = { ...open, DATABASE_URL: url, GUARDIAN_TOKENS_SIGN_WITH: 'kept' };
    const served = await serve(kept);
    const { body } = await ask(`${served.url}/auth/v1/signup`, { body: person() });
    const { kid } = headerOf(body.access_token);
    expect((await command.run(['keys', 'list'], kept)).out).toMatch(new RegExp(`^${kid}  ES256  current `));
    const rotated = await command.run(['keys', 'rotate', '--alg', 'RS256'], kept);
    expect(rotated).toMatchObject({ code: 0, err: '' });
    const [, next] = /^Key (\S+) \(RS256\) signs from /.exec(rotated.out) ?? [];
    const { out } = await command.run(['keys', 'list'], kept);
    expect(out).toMatch(new RegExp(`^${next}  RS256  standby .*\n${kid}  ES256  current `));
    const again = await command.run(['keys', 'rotate'], kept);
    expect(again).toMatchObject({ code: 1, out: '' });
    expect(again.err).toMatch(new RegExp(`^The key ${next} stands by already`));
    await served.stop();
  });

  it('S-38: production keeps no signing key in the clear, whichever command would write it', async () => {
    await command.run(['migrate'], { DATABASE_URL: url });
    const production = { NODE_ENV: 'production', DATABASE_URL: url };
    const refused = await command.run(['keys', 'rotate'], production);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPT: is off, and production would keep/);
    expect((await command.run(['keys', 'list'], production)).out).toBe('No key is kept in the database.\n');
  });

  it('`keys` leaves the tables alone where GUARDIAN_MIGRATIONS says so', async () => {
    const { code, err } = await command.run(['keys', 'list'], {
      DATABASE_URL: url,
      GUARDIAN_MIGRATIONS: 'check',
    });
    expect(code).toBe(1);
    expect(err).toMatch(/^The tables of schema auth are not up to date/);
  });

  it.each(['keys list', 'keys rotate', 'mail dead', 'migrate'])(
    '`%s` has nothing to do where a GoTrue server has the accounts',
    async (name) => {
      const delegating = { GUARDIAN_PROVIDER: 'gotrue', DATABASE_URL: url };
      const { code, err } = await command.run(name.split(' '), delegating);
      expect(code).toBe(1);
      expect(err).toMatch(/GUARDIAN_PROVIDER/);
    },
  );
});
