import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { allLaws, type Bench, type Configuration, holdToLaws, type Subject } from 'nest-guardian/testing';
import { DataSource } from 'typeorm';
import { benchOf } from '../conformance/real-gotrue.js';
import { Command, type Served } from '../support/command.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';

const secret = 'conformance is held to with this secret of ours';

/** What configures a GoTrue server. */
const environment = {
  GOTRUE_API_HOST: '127.0.0.1',
  GOTRUE_API_PORT: '0',
  GOTRUE_DB_DRIVER: 'postgres',
  DB_NAMESPACE: 'auth',
  API_EXTERNAL_URL: 'http://localhost:9999',
  GOTRUE_SITE_URL: 'http://localhost:3000',
  GOTRUE_JWT_SECRET: secret,
  GOTRUE_JWT_AUD: 'authenticated',
  GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
  GOTRUE_JWT_ADMIN_ROLES: 'supabase_admin,service_role',
  GOTRUE_JWT_EXP: '3600',
  GOTRUE_EXTERNAL_EMAIL_ENABLED: 'true',
  GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL: '10',
};
/** One stands at the root, as a GoTrue server does; for the others there is nothing of ours. */
const configurations: Partial<Record<Configuration, Readonly<Record<string, string>>>> = {
  open: { GOTRUE_MAILER_AUTOCONFIRM: 'true', GUARDIAN_PREFIX: '/' },
  confirm: { GOTRUE_MAILER_AUTOCONFIRM: 'false' },
  closed: { GOTRUE_DISABLE_SIGNUP: 'true', GOTRUE_EXTERNAL_EMAIL_ENABLED: 'false' },
};

/** The command as a server that is known by its URL alone; only who is banned is said to its database. */
class ServedSubject implements Subject {
  readonly name = '`nest-guardian serve` with the variables of a GoTrue server';
  readonly can = ['sign tokens', 'ban and delete'] as const;
  readonly configurations = ['open', 'confirm', 'closed'] as const;
  command!: Command;
  url = '';
  readonly #running: Served[] = [];
  #database: DataSource | undefined;

  async open(configuration: Configuration): Promise<Bench> {
    const variables = {
      ...environment,
      ...configurations[configuration],
      GOTRUE_DB_DATABASE_URL: `${this.url}?search_path=auth&sslmode=disable`,
    };
    const served = await this.command.serve(variables);
    this.#running.push(served);
    const database = (this.#database ??= await new DataSource({
      type: 'postgres',
      url: this.url,
    }).initialize());
    return {
      ...benchOf(configuration === 'open' ? served.url : `${served.url}/auth/v1`, secret),
      async remove(userId, how) {
        const ban = `UPDATE auth.users SET banned_until = now() + interval '1 hour' WHERE id = $1`;
        await database.query(how === 'ban' ? ban : 'DELETE FROM auth.users WHERE id = $1', [userId]);
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map((served) => served.stop()));
    await this.#database?.destroy();
  }
}

onPostgres('the conformance suite, against a foreign server', () => {
  const subject = new ServedSubject();
  let drop: () => Promise<void>;
  beforeAll(async () => {
    ({ url: subject.url, drop } = await createPostgresDatabase());
    subject.command = await Command.install();
  }, 300_000);
  afterAll(async () => {
    await subject.command.remove();
    await drop();
  });

  holdToLaws(subject, { suites: allLaws, differences: [] }, { describe, it, afterAll });
});
