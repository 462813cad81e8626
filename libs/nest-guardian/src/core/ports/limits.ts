/** How often something may be done. */
export interface Limit {
  /** What is counted. Never an address as it is: rows may be read by others, so it is hashed with a key. */
  readonly key: string;
  readonly max: number;
  /** Milliseconds. */
  readonly window: number;
  readonly at: Date;
}

/** Counts in the database, for all processes together. */
export abstract class LimitStore {
  /**
   * Counts one and returns null, or when the window ends because it is full. One statement: of many at once no
   * more than `max` are let through. What it counted stays only if the unit of work is committed.
   */
  abstract take(limit: Limit): Promise<Date | null>;
  /** Takes back what the same unit of work has counted. */
  abstract giveBack(key: string): Promise<void>;
}
