import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { embeddedDataSourceOptions } from './embedded-database.js';
import { defaultMigrationMode, type MigrationMode, runMigrations } from './run-migrations.js';

export interface DatabasePlace {
  /** A `postgres://` URL. Without one, the embedded database. */
  readonly url?: string;
  /**
   * Where the embedded database lives, or `':memory:'`.
   * @default GUARDIAN_DATA, or `.data/guardian` under the working directory
   */
  readonly directory?: string;
  /**
   * What happens to the tables of schema `auth`; `'off'` for an application whose accounts are elsewhere.
   * @default 'run', in production 'check'
   */
  readonly migrations?: MigrationMode;
}

/**
 * Options of a DataSource in which the tables of schema `auth` are there before the application's own are
 * synchronized or migrated, so that those can refer to `auth.users`:
 * `new DataSource({ ...(await prepareDatabase({ url })), entities: [...authEntities, Note] })`.
 * The embedded database is opened, and its tables made, when the source is initialized. On a server nothing waits
 * for ever: 5 s for a connection, 8 s for a statement, 30 s for a transaction in which nothing is asked. Put other
 * times into `extra` for an application that needs longer ones.
 */
export async function prepareDatabase(place: DatabasePlace = {}): Promise<PostgresDataSourceOptions> {
  const { url, directory, migrations = defaultMigrationMode() } = place;
  if (url === undefined) return embeddedDataSourceOptions({ directory, migrations });
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new TypeError('The URL of a database must begin with postgres://');
  }
  const server: PostgresDataSourceOptions = {
    type: 'postgres',
    url,
    applicationName: 'nest-guardian',
    connectTimeoutMS: 5_000,
    // The built-in gen_random_uuid: no extension has to be installed, which needs rights.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
    extra: {
      keepAlive: true,
      statement_timeout: 8_000,
      // For a server that does not even say that it took too long.
      query_timeout: 9_000,
      // A process that froze, or whose machine is gone, must not keep its locks.
      idle_in_transaction_session_timeout: 30_000,
    },
  };
  await runMigrations(server, migrations);
  return server;
}
