import { EventEmitter } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { dataDirectory } from './data-directory.js';
import { lockDirectory } from './directory-lock.js';
import { importPackage } from './import-package.js';
import { PgliteStream } from './pglite-stream.js';
import { type MigrationMode, runMigrations } from './run-migrations.js';

export interface EmbeddedChoice {
  /**
   * Where the data lives, or `':memory:'`.
   * @default GUARDIAN_DATA, or `.data/guardian` under the working directory
   */
  readonly directory?: string;
  /** @default 'run' */
  readonly migrations?: MigrationMode;
}

/**
 * Options of a TypeORM DataSource on the embedded database, for an application that keeps its own entities
 * there too: `new DataSource({ ...embeddedDataSourceOptions(), entities: [...authEntities, Note] })`. The
 * database is opened and its `auth` tables are made when the first source made from these options is
 * initialized, and it is closed when the last one is destroyed. There is one connection: inside a transaction
 * use the transaction's own manager, or the query waits until it is refused.
 */
export function embeddedDataSourceOptions(choice: EmbeddedChoice = {}): PostgresDataSourceOptions {
  const database = new EmbeddedDatabase(choice);
  return optionsFor(
    () => database.join(),
    () => database.leave(),
  );
}

/** One embedded database, shared by the sources made from the same options. */
class EmbeddedDatabase {
  #shares = 0;
  #opening: Promise<Opened> | null = null;
  #closing: Promise<void> = Promise.resolve();

  constructor(private readonly choice: EmbeddedChoice) {}

  async join(): Promise<Pool> {
    this.#shares += 1;
    this.#opening ??= this.#closing.then(() => open(this.choice));
    try {
      return (await this.#opening).pool;
    } catch (error) {
      this.#shares -= 1;
      this.#opening = null;
      throw error;
    }
  }

  async leave(): Promise<void> {
    this.#shares -= 1;
    if (this.#shares > 0 || this.#opening === null) return;
    this.#closing = this.#opening.then(({ close }) => close());
    this.#opening = null;
    await this.#closing;
  }
}

interface Opened {
  readonly pool: Pool;
  readonly close: () => Promise<void>;
}

async function open({ directory, migrations = 'run' }: EmbeddedChoice): Promise<Opened> {
  const { PGlite } = await importPackage('@electric-sql/pglite', () => import('@electric-sql/pglite'));
  const { Pool } = await importPackage('pg', () => import('pg'));
  const place = directory === ':memory:' ? null : await takeDirectory(dataDirectory(directory));
  const pglite = await PGlite.create(place?.path ?? 'memory://').catch((error: unknown) => {
    place?.release();
    throw error;
  });
  const pool = new Pool({
    // Timing: a query beside an open transaction would wait for ever on the only connection; so it is refused.
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 0,
    max: 1,
    stream: () => new PgliteStream(pglite) as never,
    host: 'embedded',
    user: 'postgres',
    database: 'postgres',
    password: '',
    ssl: false,
  });
  // A connection that breaks while idle is replaced at its next use.
  pool.on('error', () => undefined);
  const close = async (): Promise<void> => {
    await pool.end();
    await pglite.close();
    place?.release();
  };
  try {
    await runMigrations(
      optionsFor(
        async () => pool,
        async () => undefined,
      ),
      migrations,
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { pool, close };
}

async function takeDirectory(directory: string): Promise<{ path: string; release: () => void }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'database');
  return { path, release: await lockDirectory(path) };
}

function optionsFor(enter: () => Promise<Pool>, leave: () => Promise<void>): PostgresDataSourceOptions {
  /** Stands where TypeORM expects the `Pool` of `pg`; all of them lead to the one real pool. */
  class SharedPool extends EventEmitter {
    #pool: Promise<Pool> | null = null;

    connect(done: (error: Error | undefined, ...connection: unknown[]) => void): void {
      this.#pool ??= enter();
      this.#pool.then((pool) => pool.connect(done as never), done);
    }

    end(done: (error?: Error) => void): void {
      leave().then(() => done(), done);
    }
  }
  return {
    type: 'postgres',
    driver: { Pool: SharedPool },
    poolSize: 1,
    // The built-in gen_random_uuid, since the extension that TypeORM would install is not there.
    uuidExtension: 'pgcrypto',
    installExtensions: false,
  };
}
