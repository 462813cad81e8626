import { DataSource } from 'typeorm';
import { ColumnEncryption } from '../tokens/column-encryption.js';
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
export async function openDatabase(
  choice: DatabaseChoice,
  migrations: MigrationMode,
  encryption = ColumnEncryption.none,
): Promise<Database> {
  const { dataSource, close } = await (typeof choice === 'object'
    ? adopt(choice, migrations)
    : open(choice, migrations));
  return { dataSource, persistence: new TypeormPersistence(dataSource, close, encryption), close };
}

type Opened = Omit<Database, 'persistence'>;

async function adopt(dataSource: DataSource, migrations: MigrationMode): Promise<Opened> {
  await runMigrations(dataSource, migrations);
  if (!dataSource.isInitialized) await dataSource.initialize();
  return { dataSource, close: async () => undefined };
}

async function open(choice: string | undefined, migrations: MigrationMode): Promise<Opened> {
  const place = choice === ':memory:' ? { directory: choice } : { url: choice };
  const options = await prepareDatabase({ ...place, migrations });
  const dataSource = await new DataSource({ ...options, entities: authEntities }).initialize();
  const close = async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  };
  return { dataSource, close };
}
