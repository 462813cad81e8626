import { DataSource } from 'typeorm';
import { authEntities } from './auth-entities.js';
import { prepareDatabase } from './prepare-database.js';
import { type MigrationMode, runMigrations } from './run-migrations.js';
import { TypeormPersistence } from './typeorm-persistence.js';

/**
 * Nothing: embedded, in `dataDirectory()`. `':memory:'`: embedded and gone at the end. A `postgres://` URL.
 * Or the application's own DataSource.
 */
export type DatabaseChoice = string | DataSource | undefined;

export interface Database {
  readonly dataSource: DataSource;
  readonly persistence: TypeormPersistence;
  /** Closes what was opened here; an application's own DataSource stays open. */
  close(): Promise<void>;
}

/** Opens the account database, its tables made or checked as `migrations` says. */
export async function openDatabase(choice: DatabaseChoice, migrations: MigrationMode): Promise<Database> {
  if (typeof choice === 'object') return adopt(choice, migrations);
  const place = choice === ':memory:' ? { directory: choice } : { url: choice };
  const options = await prepareDatabase({ ...place, migrations });
  return own(new DataSource({ ...options, entities: authEntities }));
}

async function adopt(dataSource: DataSource, migrations: MigrationMode): Promise<Database> {
  await runMigrations(dataSource, migrations);
  if (!dataSource.isInitialized) await dataSource.initialize();
  return database(dataSource, async () => undefined);
}

async function own(dataSource: DataSource): Promise<Database> {
  await dataSource.initialize();
  return database(dataSource, async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
}

function database(dataSource: DataSource, close: () => Promise<void>): Database {
  return { dataSource, persistence: new TypeormPersistence(dataSource, close), close };
}
