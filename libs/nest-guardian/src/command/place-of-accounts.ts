import { DriverUtils } from 'typeorm/driver/DriverUtils.js';
import { dataDirectory } from '../persistence/data-directory.js';
import type { DatabaseChoice } from '../persistence/database.js';

/** Where accounts are, for an operator to read; who signs in there, and with what, is not said. */
export function placeOfAccounts(database: DatabaseChoice): string {
  if (typeof database === 'string') {
    // Read as it is when connecting: another reading could take a part of the password for the host.
    const { host, port = 5432, database: name = '' } = DriverUtils.buildDriverOptions({ url: database });
    return `Accounts are in PostgreSQL ${host}:${port}/${name}`;
  }
  const directory = database !== undefined && 'directory' in database ? database.directory : undefined;
  const place = directory === ':memory:' ? directory : dataDirectory(directory);
  return `Accounts are in the embedded database ${place}`;
}
