import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { openDatabase } from './database.js';
import { embeddedDataSourceOptions } from './embedded-database.js';

describe('the embedded database', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'guardian-data-'));
  });
  afterEach(async () => {
    delete process.env.GUARDIAN_DATA;
    await rm(root, { recursive: true, force: true });
  });

  it("lives where GUARDIAN_DATA says, is its owner's alone, and is there again the next time", async () => {
    process.env.GUARDIAN_DATA = join(root, 'deep', 'data');
    const first = await openDatabase(undefined, 'run');
    await first.dataSource.query('CREATE TABLE note AS SELECT 1 AS id');
    await expect(openDatabase(undefined, 'run')).rejects.toThrow(/open in another process/);
    await first.close();
    expect((await stat(process.env.GUARDIAN_DATA)).mode & 0o077).toBe(0);
    expect(existsSync(join(process.env.GUARDIAN_DATA, 'database.lock'))).toBe(false);
    const second = await openDatabase(undefined, 'check');
    expect(await second.dataSource.query('SELECT id FROM note')).toEqual([{ id: 1 }]);
    await second.close();
  });

  it('is given back when its tables are refused', async () => {
    process.env.GUARDIAN_DATA = root;
    await expect(openDatabase(undefined, 'check')).rejects.toThrow(/not up to date/);
    expect(existsSync(join(root, 'database.lock'))).toBe(false);
  });

  it('is one database for all sources made from the same options, closed with the last of them', async () => {
    const options = embeddedDataSourceOptions({ directory: join(root, 'shared') });
    const [one, two] = await Promise.all([
      new DataSource(options).initialize(),
      new DataSource(options).initialize(),
    ]);
    await one.query('CREATE TABLE note AS SELECT 1 AS id');
    const { persistence, close } = await openDatabase(one, 'run');
    await close();
    await persistence.ping();
    await one.destroy();
    expect(await two.query('SELECT id FROM note')).toEqual([{ id: 1 }]);
    await two.destroy();
    expect(existsSync(join(root, 'shared', 'database.lock'))).toBe(false);
    await expect(persistence.ping()).rejects.toMatchObject({ code: 'database_unavailable' });
    const again = await new DataSource(options).initialize();
    expect(await again.query('SELECT id FROM note')).toEqual([{ id: 1 }]);
    await again.destroy();
  });

  it('answers each query with its own answer after one whose parameter was refused', async () => {
    const { dataSource, close } = await openDatabase(':memory:', 'off');
    const ask = (n: number): Promise<unknown> =>
      n % 3 === 0
        ? dataSource.query('SELECT $1::jsonb AS n', ['{"a":"\\u0000"}']).catch(() => 'refused')
        : dataSource.query('SELECT $1::int AS n', [n]).then(([row]) => row.n);
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map((n) => (n % 3 === 0 ? 'refused' : n)));
    await close();
  });
});

it('text that is no postgres URL is refused without quoting it, since it may hold a password', async () => {
  const opened = openDatabase('mysql://root:s3cret@host/db', 'run');
  await expect(opened).rejects.toThrow(TypeError);
  await expect(opened).rejects.not.toThrow(/s3cret/);
});
