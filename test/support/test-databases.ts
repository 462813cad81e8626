import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { Client } from 'pg';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';

const server = process.env.TEST_POSTGRES_URL;

/** Makes an empty database on the test server and says how to drop it. */
export async function createPostgresDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `guardian_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server as string);
  url.pathname = `/${name}`;
  await onServer(`CREATE DATABASE ${name}`);
  return { url: url.href, drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Runs the laws where there is a PostgreSQL server to hold them against, and says so where there is none. */
export function onPostgres(name: string, laws: () => void): void {
  const run = server ? describe : describe.skip;
  run(server ? name : `${name} (no TEST_POSTGRES_URL)`, laws);
}

/** Runs the same laws on a migrated PGlite in memory and on a migrated PostgreSQL. */
export function onBothDatabases(name: string, laws: (open: () => Database) => void): void {
  describe(`${name}, on PGlite`, () => {
    let database: Database;
    beforeAll(async () => {
      database = await openDatabase(':memory:', 'run');
    });
    afterAll(() => database.close());
    laws(() => database);
  });
  onPostgres(`${name}, on PostgreSQL`, () => {
    let database: Database;
    let drop: () => Promise<void>;
    beforeAll(async () => {
      const made = await createPostgresDatabase();
      drop = made.drop;
      database = await openDatabase(made.url, 'run');
    });
    afterAll(async () => {
      await database.close();
      await drop();
    });
    laws(() => database);
  });
}
