import { databaseFromEnvironment } from '../module/environment.js';
import { openDatabase } from '../persistence/database.js';
import { sweep } from '../persistence/sweep.js';
import { placeOfAccounts } from './place-of-accounts.js';

export async function sweepAll(): Promise<void> {
  const { database, migrations } = databaseFromEnvironment();
  const { dataSource, close } = await openDatabase(database, migrations);
  try {
    const count = await sweep(dataSource, new Date());
    console.log(`${count} rows had expired and are deleted.`);
    console.log(placeOfAccounts(database));
  } finally {
    await close();
  }
}
