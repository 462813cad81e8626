import { databaseFromEnvironment } from '../module/environment.js';
import { openDatabase } from '../persistence/database.js';
import { TypeormMessageQueue } from '../persistence/typeorm-message-queue.js';

/** More than a person reads. */
const most = 1_000;

/** Lists what was given up, the newest first. */
export async function listDeadMessages(): Promise<void> {
  const { database, migrations, encryption } = databaseFromEnvironment();
  const { dataSource, close } = await openDatabase(database, migrations);
  try {
    const dead = await new TypeormMessageQueue(dataSource, encryption).listDead(most);
    if (dead.length === 0) console.log('Nothing was given up.');
    for (const { diedAt, channel, kind, recipient, attempts, error } of dead) {
      console.log(
        `${diedAt.toISOString()}  ${channel} ${kind}  to ${recipient}  ${attempts} attempts: ${error}`,
      );
    }
  } finally {
    await close();
  }
}
