import type { UnitOfWork } from '../../libs/nest-guardian/src/core/ports/persistence.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';

/** Does the work in a unit of its own and keeps what was written, unless it throws. */
export async function inUnit<T>(
  { persistence }: Database,
  work: (unit: UnitOfWork) => Promise<T>,
): Promise<T> {
  const unit = persistence.begin();
  try {
    const result = await work(unit);
    await unit.commit();
    return result;
  } finally {
    await unit.rollback();
  }
}
