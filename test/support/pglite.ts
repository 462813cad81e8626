import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite as Real } from '../../node_modules/@electric-sql/pglite/dist/index.js';

// In PGlite's own folder: another version brings another folder, and makes its new database anew.
const kept = fileURLToPath(
  new URL('../../node_modules/@electric-sql/pglite/new-database.tar', import.meta.url),
);

/**
 * PGlite as Jest's specs find it. `initdb` is most of what a new database costs, so it runs once; the others are
 * copies of what it made. In the processes that specs start it runs each time, as everywhere else.
 */
export const PGlite = {
  async create(dataDir: string): Promise<Real> {
    const isNew = !existsSync(join(dataDir, 'PG_VERSION'));
    return Real.create({ dataDir, ...(isNew && { loadDataDir: await newDatabase() }) });
  },
};

async function newDatabase(): Promise<Blob> {
  if (!existsSync(kept)) await keepNewDatabase();
  return new Blob([await readFile(kept)]);
}

async function keepNewDatabase(): Promise<void> {
  const made = await Real.create('memory://');
  const dump = await made.dumpDataDir('none');
  await made.close();
  // Race: two workers may make it at once; what bears its name is always whole.
  const own = `${kept}.${process.pid}`;
  await writeFile(own, Buffer.from(await dump.arrayBuffer()));
  await rename(own, kept);
}
