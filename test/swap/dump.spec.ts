import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { local, type LocalOptions } from 'nest-guardian/local';
import { Api, MovableClock, type Person } from 'nest-guardian/testing';
import { DataSource } from 'typeorm';
import { type AuthSchema, readAuthSchema, sorted } from '../contract/read-auth-schema.js';
import { type RunningApplication, startApplication } from '../support/start-application.js';
import { createPostgresDatabase } from '../support/test-databases.js';

const run = promisify(execFile);
const contract = JSON.parse(readFileSync('test/contract/gotrue-schema.json', 'utf8')) as AuthSchema;

/** How the accounts were made; the server that goes on with them is configured alike. */
const ways: Readonly<Record<string, LocalOptions>> = {
  'refresh tokens of version 2': {},
  'refresh tokens of version 1': { session: { refreshTokenVersion: 1 } },
  'encrypted keys': {
    encryption: { keyId: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64url') } },
  },
  'the strict mode': { compatibility: 'strict' },
};

const missing = process.env.TEST_POSTGRES_URL ? lackOfTools() : 'TEST_POSTGRES_URL';

function lackOfTools(): string | null {
  try {
    for (const tool of ['pg_dump', 'psql']) execFileSync(tool, ['--version']);
    return null;
  } catch {
    // That it cannot be run is the answer.
    return 'pg_dump and psql';
  }
}

class Place {
  private constructor(
    readonly url: string,
    readonly database: DataSource,
    private readonly drop: () => Promise<void>,
  ) {}

  static async make(): Promise<Place> {
    const { url, drop } = await createPostgresDatabase();
    return new Place(url, await new DataSource({ type: 'postgres', url }).initialize(), drop);
  }

  async remove(): Promise<void> {
    await this.database.destroy();
    await this.drop();
  }

  async schema(): Promise<AuthSchema> {
    const runner = this.database.createQueryRunner();
    await runner.query(`SELECT set_config('search_path', '', false)`);
    const found = await readAuthSchema((sql) => runner.query(sql));
    await runner.query('RESET search_path');
    await runner.release();
    return found;
  }

  /** How many rows each table has, and what stands in them; our own tables apart. */
  async rows(): Promise<Readonly<Record<string, unknown>>> {
    const tables = Object.keys((await this.schema()).tables).filter((name) => !name.startsWith('guardian_'));
    const found = tables.map(async (table) => {
      const sum = `md5(string_agg(t::text, '' ORDER BY t::text))`;
      return [table, await this.database.query(`SELECT count(*), ${sum} FROM auth.${table} t`)];
    });
    return Object.fromEntries(await Promise.all(found));
  }
}

const suite = missing === null ? describe : describe.skip;
suite(`accounts that are dumped and restored${missing === null ? '' : ` (no ${missing})`}`, () => {
  const clock = new MovableClock();
  const running: RunningApplication[] = [];
  const people = new Map<string, Person>();
  let folder: string;
  let from: Place;

  const serve = async (place: Place, options: LocalOptions): Promise<Api> => {
    const provider = local({
      compatibility: 'gotrue',
      tokens: { secret: 'this secret goes with the accounts from server to server' },
      password: { autoconfirm: true },
      database: place.url,
      ...options,
    });
    const application = await startApplication({ provider, clock, adapter: 'Express' });
    running.push(application);
    return new Api(application.base);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dump-'));
    from = await Place.make();
    for (const [way, options] of Object.entries(ways)) {
      const api = await serve(from, options);
      const person = await api.newPerson({ name: 'Ann Ω', nested: { list: [1, null] } });
      const { body } = await api.refresh(person.session.refresh_token);
      people.set(way, { ...person, session: body as unknown as Person['session'] });
    }
  });
  afterAll(async () => {
    for (const application of running) await application.close();
    await from.remove();
    await rm(folder, { recursive: true });
  });

  const copyTo = async (place: Place, ...choice: string[]): Promise<void> => {
    const file = join(folder, 'auth.sql');
    await run('pg_dump', ['--schema=auth', '--no-owner', '--no-privileges', ...choice, '-f', file, from.url]);
    await run('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', '-f', file, place.url]);
  };

  /** Everybody is known by their password, their access token and their refresh token, and new people can come. */
  const goesOn = async (place: Place, options: LocalOptions): Promise<void> => {
    for (const [way, more] of Object.entries(ways)) {
      const api = await serve(place, { ...more, ...options });
      const { email, password, session } = people.get(way) as Person;
      const known = await api.user(session.access_token);
      expect([way, known.body.user_metadata]).toEqual([
        way,
        expect.objectContaining({ name: 'Ann Ω', nested: { list: [1, null] } }),
      ]);
      const refreshed = await api.refresh(session.refresh_token);
      expect([way, refreshed.status]).toEqual([way, 200]);
      expect((await api.refresh(refreshed.body.refresh_token)).status).toBe(200);
      expect((await api.signIn(email, password)).status).toBe(200);
      expect((await api.signUp({ email, password })).body.code).toBe('user_already_exists');
      await api.newPerson();
    }
  };

  it('whole are the same tables and rows, pass the check at boot, and everybody goes on', async () => {
    const to = await Place.make();
    await copyTo(to);
    expect(await to.schema()).toEqual(await from.schema());
    expect(await to.rows()).toEqual(await from.rows());
    await goesOn(to, { migrations: 'check' });
    await Promise.all(running.splice(0).map((application) => application.close()));
    await to.remove();
  });

  it('without our own tables are a GoTrue database, and everybody goes on in it', async () => {
    const to = await Place.make();
    await copyTo(to, '--exclude-table=auth.guardian_*');
    const { tables, enums, functions } = sorted(contract);
    expect(await to.schema()).toEqual({ tables, enums, functions });
    expect(await to.rows()).toEqual(await from.rows());
    await goesOn(to, { migrations: 'run' });
    await Promise.all(running.splice(0).map((application) => application.close()));
    await to.remove();
  });
});
