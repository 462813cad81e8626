import type { FactorStore } from './factors.js';
import type { FlowStateStore } from './flow-states.js';
import type { IdpTokenStore } from './idp-tokens.js';
import type { LimitStore } from './limits.js';
import type { OneTimeSecretStore } from './one-time-secrets.js';
import type { OutboxStore } from './outbox.js';
import type { AuditStore, SessionStore, UserStore } from './stores.js';

/**
 * One request's dealings with the database. Nothing is opened by making it; the transaction begins at the
 * first write or lock, and reads after that see it.
 */
export abstract class UnitOfWork {
  abstract readonly users: UserStore;
  abstract readonly sessions: SessionStore;
  abstract readonly audit: AuditStore;
  abstract readonly factors: FactorStore;
  /** One-time secrets in a table of ours. */
  abstract readonly secrets: OneTimeSecretStore;
  /** One-time secrets in GoTrue's columns and table. */
  abstract readonly gotrueSecrets: OneTimeSecretStore;
  abstract readonly flowStates: FlowStateStore;
  abstract readonly idpTokens: IdpTokenStore;
  abstract readonly limits: LimitStore;
  abstract readonly outbox: OutboxStore;
  /** What `AccountWork` writes with, in the same transaction, which it opens: TypeORM's `EntityManager`. */
  abstract manager(): Promise<unknown>;
  /** Makes what was written stay. Without a write it does nothing. */
  abstract commit(): Promise<void>;
  /** Undoes what was written. Never throws. */
  abstract rollback(): Promise<void>;
}

/** The account database. */
export abstract class Persistence {
  abstract begin(): UnitOfWork;
  /** Returns if the database answers. @throws databaseUnavailable */
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}
