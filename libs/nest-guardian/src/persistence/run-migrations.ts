import { DataSource, type DataSourceOptions, MigrationExecutor, type QueryRunner } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { GotrueSchema1790000000000 } from './migrations/1790000000000-gotrue-schema.migration.js';
import { GuardianSigningKeys1790000001000 } from './migrations/1790000001000-guardian-signing-keys.migration.js';
import { GuardianMessages1790000002000 } from './migrations/1790000002000-guardian-messages.migration.js';
import { GuardianSecondFactors1790000003000 } from './migrations/1790000003000-guardian-second-factors.migration.js';
import { GuardianTokens1790000004000 } from './migrations/1790000004000-guardian-tokens.migration.js';
import { GuardianIdpTokens1790000005000 } from './migrations/1790000005000-guardian-idp-tokens.migration.js';
import { gotrueVersions } from './migrations/gotrue-schema/versions.migration.js';

/** `run` brings the tables up to date, `check` refuses when they are not, `off` does not look. */
export type MigrationMode = 'run' | 'check' | 'off';

/** Production's tables change when its operators say so, everybody else's at boot. */
export const defaultMigrationMode = (): MigrationMode =>
  process.env.NODE_ENV === 'production' ? 'check' : 'run';

const migrations = [
  GotrueSchema1790000000000,
  GuardianSigningKeys1790000001000,
  GuardianMessages1790000002000,
  GuardianSecondFactors1790000003000,
  GuardianTokens1790000004000,
  GuardianIdpTokens1790000005000,
];

/** Any number, as long as every process takes the same and no other program does. */
const bootLock = 1_790_000_000;

/**
 * Makes or checks the tables of schema `auth` through a connection of its own, noting what was run in
 * `auth.guardian_migrations`. The source's entities and its own migrations are not looked at, so it may be
 * called before the application's source is initialized, which one that synchronizes needs. Processes that
 * call it at the same moment take turns.
 */
export async function runMigrations(
  source: DataSource | DataSourceOptions,
  mode: MigrationMode,
): Promise<void> {
  if (mode === 'off') return;
  const own = new DataSource(ownOptions('isInitialized' in source ? source.options : source));
  await own.initialize();
  try {
    await (mode === 'run' ? migrate(own) : check(own));
  } finally {
    await own.destroy();
  }
}

function ownOptions(options: DataSourceOptions): PostgresDataSourceOptions {
  if (options.type !== 'postgres') {
    throw new TypeError(`Accounts need a DataSource of type 'postgres', and this one is '${options.type}'.`);
  }
  return {
    ...options,
    schema: 'auth',
    entities: [],
    subscribers: [],
    migrations,
    migrationsTableName: 'guardian_migrations',
    migrationsRun: false,
    synchronize: false,
    dropSchema: false,
    installExtensions: false,
    cache: false,
    logging: false,
    poolSize: 1,
    // A migration takes as long as it takes, and waits for the other processes' turns.
    extra: { ...options.extra, ...untimed },
  };
}

const untimed = { statement_timeout: 0, query_timeout: 0, idle_in_transaction_session_timeout: 0 };

async function migrate(own: DataSource): Promise<void> {
  const runner = own.createQueryRunner();
  try {
    await runner.startTransaction('READ COMMITTED');
    // Race: processes that boot together take turns; the lock ends with the transaction.
    await runner.query('SELECT pg_advisory_xact_lock($1)', [bootLock]);
    await refuseOlderGotrue(runner);
    const [{ schema }] = await runner.query(`SELECT to_regnamespace('auth') AS schema`);
    if (schema === null) await runner.query('CREATE SCHEMA auth');
    const executor = new MigrationExecutor(own, runner);
    executor.transaction = 'all';
    await executor.executePendingMigrations();
    await runner.commitTransaction();
  } catch (error) {
    // The first error is the one to tell; a connection that cannot roll back is gone with its transaction.
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.release();
  }
}

async function check(own: DataSource): Promise<void> {
  const runner = own.createQueryRunner();
  try {
    await refuseOlderGotrue(runner);
    const pending = await new MigrationExecutor(own, runner).getPendingMigrations();
    if (pending.length === 0) return;
    const names = pending.map(({ name }) => name).join(', ');
    throw new Error(
      `The tables of schema auth are not up to date; missing: ${names}. ` +
        `Run \`nest-guardian migrate\`, or set migrations: 'run' (GUARDIAN_MIGRATIONS=run).`,
    );
  } finally {
    await runner.release();
  }
}

async function refuseOlderGotrue(runner: QueryRunner): Promise<void> {
  if (!(await runner.hasTable('auth.schema_migrations'))) return;
  const rows: { version: string }[] = await runner.query('SELECT version FROM auth.schema_migrations');
  const present = new Set(rows.map(({ version }) => version));
  const missing = gotrueVersions.filter((version) => !present.has(version));
  if (missing.length === 0) return;
  throw new Error(
    `Schema auth of this database was made by a GoTrue server older than the one this package knows; ` +
      `auth.schema_migrations lacks ${missing.join(', ')}. Let a current GoTrue server migrate it first.`,
  );
}
