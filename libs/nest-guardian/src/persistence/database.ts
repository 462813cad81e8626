import { DataSource } from 'typeorm';
import { ColumnEncryption } from '../tokens/column-encryption.js';
import { authEntities } from './auth-entities.js';
import { type DatabasePlace, prepareDatabase } from './prepare-database.js';
import { type MigrationMode, runMigrations } from './run-migrations.js';
import { TypeormPersistence } from './typeorm-persistence.js';

/**
 * Nothing: embedded, in `dataDirectory()`; `{ directory }`: embedded, there; `':memory:'`: embedded and gone at
 * the end. A `postgres://` URL. Or the application's own DataSource.
 */
export type DatabaseChoice = string | { readonly directory: string } | DataSource | undefined;

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
  const { dataSource, close } = await (isDataSource(choice)
    ? adopt(choice, migrations)
    : open(choice, migrations));
  return { dataSource, persistence: new TypeormPersistence(dataSource, close, encryption), close };
}

export const isDataSource = (choice: unknown): choice is DataSource =>
  typeof choice === 'object' && choice !== null && 'isInitialized' in choice;

type Opened = Omit<Database, 'persistence'>;

async function adopt(dataSource: DataSource, migrations: MigrationMode): Promise<Opened> {
  await runMigrations(dataSource, migrations);
  if (!dataSource.isInitialized) await dataSource.initialize();
  return { dataSource, close: async () => undefined };
}

async function open(choice: Exclude<DatabaseChoice, DataSource>, migrations: MigrationMode): Promise<Opened> {
  const options = await prepareDatabase({ ...placeOf(choice), migrations });
  const dataSource = await new DataSource({ ...options, entities: authEntities }).initialize();
  const close = async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  };
  return { dataSource, close };
}

function placeOf(choice: Exclude<DatabaseChoice, DataSource>): DatabasePlace {
  if (typeof choice === 'object') return choice;
  return choice === ':memory:' ? { directory: choice } : { url: choice };
}
