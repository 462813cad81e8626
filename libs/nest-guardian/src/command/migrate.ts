import { databaseFromEnvironment } from '../module/environment.js';
import { openDatabase } from '../persistence/database.js';
import { placeOfAccounts } from './place-of-accounts.js';

export async function migrate(): Promise<void> {
  const { database } = databaseFromEnvironment();
  const { close } = await openDatabase(database, 'run');
  await close();
  console.log('The tables of schema auth are up to date.');
  console.log(placeOfAccounts(database));
}
