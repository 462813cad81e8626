import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type AuthSchema, readAuthSchema } from '../../../../test/contract/read-auth-schema.js';
import { ownTables } from '../../../../test/support/own-tables.js';
import { createPostgresDatabase, onPostgres } from '../../../../test/support/test-databases.js';
import { runMigrations } from './run-migrations.js';

it('mode off does not even connect', async () => {
  await runMigrations({ type: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' }, 'off');
});

it('a database that is not PostgreSQL is refused by name', async () => {
  await expect(runMigrations({ type: 'sqljs' }, 'run')).rejects.toThrow(/'sqljs'/);
});

onPostgres('migrations', () => {
  let options: DataSourceOptions;
  let source: DataSource;
  let drop: () => Promise<void>;

  beforeEach(async () => {
    const made = await createPostgresDatabase();
    drop = made.drop;
    options = { type: 'postgres', url: made.url };
    source = await new DataSource(options).initialize();
  });
  afterEach(async () => {
    await source.destroy();
    await drop();
  });

  const all = [
    'GotrueSchema1790000000000',
    'GuardianSigningKeys1790000001000',
    'GuardianMessages1790000002000',
    'GuardianSecondFactors1790000003000',
    'GuardianTokens1790000004000',
    'GuardianIdpTokens1790000005000',
  ];
  const names = async (): Promise<string[]> => {
    const rows = await source.query('SELECT name FROM auth.guardian_migrations ORDER BY id');
    return rows.map(({ name }: { name: string }) => name);
  };
  const schema = (): Promise<AuthSchema> => readAuthSchema((sql) => source.query(sql));
  const hasAuth = async (): Promise<boolean> =>
    (await source.query(`SELECT to_regnamespace('auth') IS NOT NULL AS found`))[0].found;

  it('run once however often they are asked for', async () => {
    await runMigrations(options, 'run');
    const before = await schema();
    await runMigrations(options, 'run');
    expect(await names()).toEqual(all);
    expect(await schema()).toEqual(before);
  });

  it('of processes that boot together run once, and none fails', async () => {
    await Promise.all([1, 2, 3, 4].map(() => runMigrations(options, 'run')));
    expect(await names()).toEqual(all);
  });

  it('leave a database that GoTrue has migrated as it was, newer things included', async () => {
    await runMigrations(options, 'run');
    await source.query(`DROP TABLE ${ownTables.map((table) => `auth.${table}`).join(', ')};
      ALTER TABLE auth.users ADD COLUMN nickname text; CREATE TABLE auth.newer (id uuid);
      INSERT INTO auth.schema_migrations VALUES ('29990101000000')`);
    const before = await schema();
    await expect(runMigrations(options, 'check')).rejects.toThrow(/GotrueSchema1790000000000/);
    await runMigrations(options, 'run');
    const { tables } = await schema();
    expect(tables).toEqual({
      ...before.tables,
      ...Object.fromEntries(ownTables.map((table) => [table, expect.anything()])),
    });
    await runMigrations(options, 'check');
  });

  it('refuse a GoTrue database that is older, in both modes, naming what it lacks', async () => {
    await runMigrations(options, 'run');
    await source.query(
      `DELETE FROM auth.schema_migrations WHERE version IN ('20260302000000', '20260625000000')`,
    );
    for (const mode of ['run', 'check'] as const) {
      await expect(runMigrations(options, mode)).rejects.toThrow(/lacks 20260302000000, 20260625000000\./);
    }
  });

  it('that are only checked refuse an empty database with the remedy, and make nothing', async () => {
    await expect(runMigrations(options, 'check')).rejects.toThrow(
      /GotrueSchema1790000000000.*nest-guardian migrate/,
    );
    expect(await hasAuth()).toBe(false);
    await runMigrations(options, 'run');
    await runMigrations(options, 'check');
  });

  it('that fail leave nothing behind', async () => {
    await source.query('CREATE SCHEMA auth; CREATE TABLE auth.sso_domains (id int)');
    await expect(runMigrations(options, 'run')).rejects.toThrow(/sso_domains/);
    expect(Object.keys((await schema()).tables)).toEqual(['sso_domains']);
  });

  it('take as long as they take, however short the patience of the application is', async () => {
    const patience = { statement_timeout: 1, query_timeout: 1, idle_in_transaction_session_timeout: 1 };
    await runMigrations({ ...options, extra: patience } as DataSourceOptions, 'run');
    expect(await names()).toEqual(all);
  });

  it('neither run nor note what belongs to the application', async () => {
    const theirs = {
      ...options,
      migrations: [
        class Theirs1600000000000 {
          name = 'Theirs1600000000000';
          async up(): Promise<void> {
            throw new Error('not ours to run');
          }
          async down(): Promise<void> {}
        },
      ],
      migrationsRun: true,
      synchronize: true,
    };
    await runMigrations(theirs, 'run');
    expect(await names()).toEqual(all);
  });
});
