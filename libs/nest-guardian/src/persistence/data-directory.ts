import { join, resolve } from 'node:path';

/**
 * The directory that holds everything kept on disk, whether it exists yet or not: the given one, that of the
 * environment's GUARDIAN_DATA, or `.data/guardian` under the working directory.
 */
export const dataDirectory = (given?: string): string =>
  resolve(given ?? process.env.GUARDIAN_DATA ?? join('.data', 'guardian'));
