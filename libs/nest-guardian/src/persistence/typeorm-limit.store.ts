import { type Limit, LimitStore } from '../core/ports/limits.js';
import type { Statement, UnitTransaction } from './unit-transaction.js';

/** One more than $2 says that it is full, and is where counting ends; what is full does not end later for it. */
const counting: Statement = {
  name: 'guardian-limit-take',
  text: `INSERT INTO auth.guardian_limits AS l (key, count, window_ends_at) VALUES ($1, 1, $3)
    ON CONFLICT (key) DO UPDATE SET
      count = CASE WHEN l.window_ends_at <= $4 THEN 1 WHEN l.count > $2 THEN l.count ELSE l.count + 1 END,
      window_ends_at = CASE WHEN l.window_ends_at <= $4 THEN excluded.window_ends_at ELSE l.window_ends_at END
    RETURNING count > $2 AS is_full, window_ends_at`,
};

const givingBack: Statement = {
  name: 'guardian-limit-give-back',
  text: 'UPDATE auth.guardian_limits SET count = count - 1 WHERE key = $1 AND count > 0',
};

/** The table `auth.guardian_limits`. */
export class TypeormLimitStore extends LimitStore {
  constructor(private readonly transaction: UnitTransaction) {
    super();
  }

  override async take({ key, max, window, at }: Limit): Promise<Date | null> {
    const endsAt = new Date(at.getTime() + window);
    const [row] = await this.transaction.write(counting, [key, max, endsAt, at]);
    return row?.is_full ? (row.window_ends_at as Date) : null;
  }

  override async giveBack(key: string): Promise<void> {
    await this.transaction.write(givingBack, [key]);
  }
}
