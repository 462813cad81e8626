import type { DataSource } from 'typeorm';
import { Persistence, UnitOfWork } from '../core/ports/persistence.js';
import { ColumnEncryption } from '../tokens/column-encryption.js';
import { TypeormAuditStore } from './typeorm-audit.store.js';
import { TypeormSessionStore } from './typeorm-session.store.js';
import { TypeormUserStore } from './typeorm-user.store.js';
import { UnitTransaction } from './unit-transaction.js';

/** The account database behind a TypeORM DataSource that is initialized already. */
export class TypeormPersistence extends Persistence {
  constructor(
    private readonly dataSource: DataSource,
    private readonly release: () => Promise<void>,
    private readonly encryption: ColumnEncryption = ColumnEncryption.none,
  ) {
    super();
  }

  override begin(): TypeormUnitOfWork {
    return new TypeormUnitOfWork(this.dataSource, this.encryption);
  }

  override async ping(): Promise<void> {
    await new UnitTransaction(this.dataSource).read({ text: 'SELECT 1' }, []);
  }

  override close(): Promise<void> {
    return this.release();
  }
}

export class TypeormUnitOfWork extends UnitOfWork {
  readonly #transaction: UnitTransaction;
  override readonly users: TypeormUserStore;
  override readonly sessions: TypeormSessionStore;
  override readonly audit: TypeormAuditStore;

  constructor(dataSource: DataSource, encryption: ColumnEncryption) {
    super();
    this.#transaction = new UnitTransaction(dataSource);
    this.users = new TypeormUserStore(this.#transaction);
    this.sessions = new TypeormSessionStore(this.#transaction, encryption);
    this.audit = new TypeormAuditStore(this.#transaction);
  }

  override commit(): Promise<void> {
    return this.#transaction.commit();
  }

  override rollback(): Promise<void> {
    return this.#transaction.rollback();
  }
}
