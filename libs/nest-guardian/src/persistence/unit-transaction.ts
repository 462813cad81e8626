import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { codeOf, databaseError, isUnanswered } from './database-error.js';

export type Row = Record<string, unknown>;

export interface Statement {
  /** A statement with a name is planned once per connection. */
  readonly name?: string;
  readonly text: string;
}

/**
 * A transaction that begins at the first write. Until then reads use the pool; afterwards they see what was
 * written. Errors come out as `databaseError` says.
 */
export class UnitTransaction {
  #opening: Promise<QueryRunner> | null = null;
  #isBroken = false;
  #isShared = false;

  constructor(private readonly dataSource: DataSource) {}

  async read(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    if (this.#opening !== null) return this.write(statement, values);
    const runner = this.dataSource.createQueryRunner();
    try {
      return await ask(runner, statement, values);
    } catch (error) {
      throw await failed(runner, error);
    } finally {
      await runner.release();
    }
  }

  /** Writes what stays whatever becomes of the rest. Before anything else is written. */
  async writeForGood(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    if (this.#opening !== null)
      throw new TypeError('The transaction has begun, so this would be undone with it');
    return this.read(statement, values);
  }

  /** Also for reads that lock. */
  async write(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const runner = await this.#open();
    try {
      return await ask(runner, statement, values);
    } catch (error) {
      this.#isBroken = true;
      throw await failed(runner, error);
    }
  }

  /** As `write`, but null when a unique value is taken, and the transaction goes on. */
  async tryWrite(statement: Statement, values: readonly unknown[]): Promise<Row[] | null> {
    const runner = await this.#open();
    try {
      await runner.startTransaction();
      const rows = await ask(runner, statement, values).catch((error: unknown) => {
        if (codeOf(error) !== '23505') throw error;
        return null;
      });
      await (rows === null ? runner.rollbackTransaction() : runner.commitTransaction());
      return rows;
    } catch (error) {
      this.#isBroken = true;
      throw await failed(runner, error);
    }
  }

  /** What others write with, who want it to stay if this does. Opens the transaction. */
  async manager(): Promise<EntityManager> {
    const runner = await this.#open();
    this.#isShared = true;
    return runner.manager;
  }

  async commit(): Promise<void> {
    if (this.#opening === null) return;
    // Of a statement that failed in others' hands, and that they made nothing of, nothing else would tell.
    if (this.#isShared) await this.#prove();
    // PostgreSQL answers COMMIT after a failed statement by rolling back, and calls it a success.
    if (this.#isBroken) {
      await this.rollback();
      throw new Error('A statement of this unit of work has failed, so nothing of it can be kept.');
    }
    const runner = await this.#open();
    try {
      await runner.commitTransaction();
    } catch (error) {
      throw await failed(runner, error);
    } finally {
      await this.#close(runner);
    }
  }

  async rollback(): Promise<void> {
    // One that could not be opened has nothing to undo.
    const runner = await this.#opening?.catch(() => null);
    if (!runner) return;
    try {
      while (runner.isTransactionActive) await runner.rollbackTransaction();
    } catch (error) {
      // The connection is gone, and what was not committed went with it.
      await failed(runner, error);
    } finally {
      await this.#close(runner);
    }
  }

  async #prove(): Promise<void> {
    try {
      await ask(await this.#open(), { text: 'SELECT 1' }, []);
    } catch {
      // Said by the commit that follows.
      this.#isBroken = true;
    }
  }

  #open(): Promise<QueryRunner> {
    this.#opening ??= this.#begin();
    return this.#opening;
  }

  async #begin(): Promise<QueryRunner> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      return runner;
    } catch (error) {
      const told = await failed(runner, error);
      await runner.release();
      throw told;
    }
  }

  async #close(runner: QueryRunner): Promise<void> {
    this.#opening = null;
    this.#isBroken = false;
    this.#isShared = false;
    // A connection that is already gone needs no giving back.
    await runner.release().catch(() => undefined);
  }
}

/** The error to throw. A connection that was not heard of is closed: whoever took it next would wait behind us. */
async function failed(runner: QueryRunner, error: unknown): Promise<unknown> {
  if (isUnanswered(error)) {
    const client = (await runner.connect()) as Client;
    // Nobody waits for it to say goodbye.
    void client.end().catch(() => undefined);
  }
  return databaseError(error);
}

interface Client {
  end(): Promise<void>;
  query(question: { name?: string; text: string; values: readonly unknown[] }): Promise<{ rows: Row[] }>;
}

/** TypeORM's `query` cannot name a statement, so the connection is asked itself; the logger hears of it all the same. */
async function ask(runner: QueryRunner, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
  const client = (await runner.connect()) as Client;
  const { logger } = runner.dataSource;
  logger.logQuery(statement.text, [...values], runner);
  try {
    return (await client.query({ ...statement, values })).rows;
  } catch (error) {
    logger.logQueryError(error as Error, statement.text, [...values], runner);
    throw error;
  }
}
