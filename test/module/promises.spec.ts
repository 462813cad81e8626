import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import { Auth, AuthModule, PasswordHasher } from 'nest-guardian';
import { authEntities, local, prepareDatabase } from 'nest-guardian/local';
import { DataSource } from 'typeorm';
import { ask } from '../support/ask.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { Argon2Hasher } from '../../libs/nest-guardian/src/providers/local/argon2-hasher.js';

const secret = 'a secret of more than thirty-two bytes, for the specs';
const password = 'canary-password-7f3a';

/** Asks the database on each hash. On one connection that succeeds only while no transaction is open. */
class WatchfulHasher extends Argon2Hasher {
  asked = 0;
  source: DataSource | undefined;

  override async hash(text: string): Promise<string> {
    await this.#requireFreeConnection();
    return super.hash(text);
  }
  override async verify(text: string, hash: string | null): Promise<boolean> {
    await this.#requireFreeConnection();
    return super.verify(text, hash);
  }
  async #requireFreeConnection(): Promise<void> {
    await this.source?.query('SELECT 1');
    this.asked += 1;
  }
}

describe('promises that cannot be seen', () => {
  const hasher = new WatchfulHasher(() => import('@node-rs/bcrypt'));
  const said: string[] = [];
  let database: DataSource;
  let running: RunningApp;
  const at = (path: string, rest: Parameters<typeof ask>[1]) => ask(`${running.url}/auth/v1${path}`, rest);

  beforeAll(async () => {
    const options = await prepareDatabase({ directory: ':memory:' });
    database = await new DataSource({ ...options, entities: authEntities }).initialize();
    hasher.source = database;
    const provider = local({ database, tokens: { secret }, password: { autoconfirm: true } });
    @Module({ imports: [AuthModule.forRoot({ provider, fallback: { everything: true } })] })
    class App {}
    running = await startApp(App, 'express', (builder) =>
      builder.overrideProvider(PasswordHasher).useValue(hasher),
    );
    const hear = (...told: unknown[]) => void said.push(told.map(String).join(' '));
    Logger.overrideLogger({ log: hear, warn: hear, error: hear, debug: hear, verbose: hear, fatal: hear });
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await running.close();
    await database.destroy();
  });

  it('nothing hashes inside a transaction: not sign-up, sign-in, nor a new password', async () => {
    const email = 'hash@example.com';
    await at('/signup', { body: { email, password } });
    const { body } = await at('/token?grant_type=password', { body: { email, password } });
    const changed = await at('/user', {
      method: 'PUT',
      body: { password: `${password}-new` },
      bearer: body.access_token,
    });
    expect(changed.status).toBe(200);
    expect(hasher.asked).toBeGreaterThanOrEqual(4);
  });

  it('no password, token or key stands in a log line or an error body, whatever goes wrong', async () => {
    const email = 'quiet@example.com';
    const { body } = await at('/signup', { body: { email, password } });
    const secrets = [password, body.refresh_token, body.access_token, secret];
    const answers = [
      await at('/signup', { body: `{"email":"${email}","password":"${password}"` }),
      await at('/signup', { body: { email, password: [password] } }),
      await at('/signup', { body: { email, password: `${password}\0` } }),
      await at('/token?grant_type=password', { body: { email: `${password}@example.com`, password } }),
      await at('/token?grant_type=refresh_token', { body: { refresh_token: `${body.refresh_token}x` } }),
      await at('/user', { bearer: `${body.access_token}x` }),
    ];
    await database.query('ALTER TABLE auth.users RENAME TO users_away');
    answers.push(await at('/token?grant_type=password', { body: { email, password } }));
    answers.push(await at('/user', { bearer: body.access_token }));
    const auth = running.app.get(Auth);
    await auth.signIn({ email, password }).catch((error: unknown) => said.push(String(error)));
    await database.query('ALTER TABLE auth.users_away RENAME TO users');
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 403, 500, 500]);
    const heard = [...said, ...answers.map((answer) => JSON.stringify(answer.body))].join('\n');
    expect(said.join('\n')).toContain('unexpected_failure');
    for (const canary of secrets) expect(heard).not.toContain(canary);
  });
});
