import type { DataSource, EntityManager } from 'typeorm';
import { Persistence, UnitOfWork } from '../core/ports/persistence.js';
import { ColumnEncryption } from '../tokens/column-encryption.js';
import { TypeormAuditStore } from './typeorm-audit.store.js';
import { TypeormFactorStore } from './typeorm-factor.store.js';
import { TypeormFlowStateStore } from './typeorm-flow-state.store.js';
import { TypeormGotrueSecretStore } from './typeorm-gotrue-secret.store.js';
import { TypeormIdpTokenStore } from './typeorm-idp-token.store.js';
import { TypeormLimitStore } from './typeorm-limit.store.js';
import { TypeormOutboxStore } from './typeorm-outbox.store.js';
import { TypeormSecretStore } from './typeorm-secret.store.js';
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
  override readonly factors: TypeormFactorStore;
  override readonly secrets: TypeormSecretStore;
  override readonly gotrueSecrets: TypeormGotrueSecretStore;
  override readonly flowStates: TypeormFlowStateStore;
  override readonly idpTokens: TypeormIdpTokenStore;
  override readonly limits: TypeormLimitStore;
  override readonly outbox: TypeormOutboxStore;

  constructor(dataSource: DataSource, encryption: ColumnEncryption) {
    super();
    this.#transaction = new UnitTransaction(dataSource);
    this.users = new TypeormUserStore(this.#transaction);
    this.sessions = new TypeormSessionStore(this.#transaction, encryption);
    this.audit = new TypeormAuditStore(this.#transaction);
    this.factors = new TypeormFactorStore(this.#transaction, encryption);
    this.secrets = new TypeormSecretStore(this.#transaction);
    this.gotrueSecrets = new TypeormGotrueSecretStore(this.#transaction);
    this.flowStates = new TypeormFlowStateStore(this.#transaction, encryption);
    this.idpTokens = new TypeormIdpTokenStore(this.#transaction, encryption);
    this.limits = new TypeormLimitStore(this.#transaction);
    this.outbox = new TypeormOutboxStore(this.#transaction, encryption);
  }

  override manager(): Promise<EntityManager> {
    return this.#transaction.manager();
  }

  override commit(): Promise<void> {
    return this.#transaction.commit();
  }

  override rollback(): Promise<void> {
    return this.#transaction.rollback();
  }
}
