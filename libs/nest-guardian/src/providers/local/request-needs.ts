import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../core/caller.js';
import { withinDeadline } from '../../core/deadline.js';
import type { Announce } from '../../core/event.js';
import type { ApplicationParts } from '../../core/ports/application-parts.js';
import type { Persistence, UnitOfWork } from '../../core/ports/persistence.js';
import type { AuditStore, SessionStore, UserStore } from '../../core/ports/stores.js';
import type { Principal } from '../../core/principal.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { AccountChanges } from './account-changes.js';
import type { AuditShipping } from './audit-shipping.js';
import { AuditTrail } from './audit-trail.js';

/** What lives as long as the provider. */
export type LocalParts = Pick<
  LocalNeeds,
  'hasher' | 'tokens' | 'clock' | 'secretForm' | 'places' | 'mailbox' | 'canText' | 'idps'
> & {
  readonly persistence: Persistence;
  readonly settings: { readonly links: { readonly uniformAnswerTime: number } };
  /** Whether one-time secrets are kept where GoTrue keeps them. */
  readonly keepsGotrueSecrets: boolean;
  /** Whether the audit trail is kept in its table. */
  readonly keepsAudit: boolean;
  /** Null where nobody else gets the audit trail. */
  readonly shipping: AuditShipping | null;
  readonly accountWork: ApplicationParts['accountWork'];
};

/** The needs of one request. Stores are reached through its unit of work, which opens at the first write. */
export class RequestNeeds implements LocalNeeds {
  readonly unit: UnitOfWork;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly #changes: AccountChanges | null;
  readonly #trail: AuditTrail | null;
  readonly #told: (() => void)[] = [];
  #hasMessages = false;
  #notBefore = 0;

  constructor(
    private readonly parts: LocalParts & { readonly tell: Announce },
    readonly caller: Caller,
    private readonly proved: Principal | null,
  ) {
    const { accountWork, keepsAudit, shipping } = parts;
    const unit = parts.persistence.begin();
    this.unit = unit;
    this.#changes = accountWork && new AccountChanges(accountWork);
    this.#trail = keepsAudit && shipping === null ? null : new AuditTrail(keepsAudit);
    this.users = this.#changes?.watch(unit.users) ?? unit.users;
    this.sessions = this.#trail?.watchSessions(unit.sessions) ?? unit.sessions;
    this.audit = this.#trail?.watchAudit(unit.audit) ?? unit.audit;
  }

  get factors() {
    return this.unit.factors;
  }
  get secrets() {
    return this.parts.keepsGotrueSecrets ? this.unit.gotrueSecrets : this.unit.secrets;
  }
  get secretForm() {
    return this.parts.secretForm;
  }
  get flowStates() {
    return this.unit.flowStates;
  }
  get idpTokens() {
    return this.unit.idpTokens;
  }
  get limits() {
    return this.unit.limits;
  }
  get outbox() {
    this.#hasMessages = true;
    return this.unit.outbox;
  }
  get places() {
    return this.parts.places;
  }
  get mailbox() {
    return this.parts.mailbox;
  }
  get canText() {
    return this.parts.canText;
  }
  get idps() {
    return this.parts.idps;
  }
  get hasher() {
    return this.parts.hasher;
  }
  get tokens() {
    return this.parts.tokens;
  }
  get clock() {
    return this.parts.clock;
  }
  get settings() {
    return this.parts.settings;
  }
  get principal(): Principal {
    if (this.proved === null)
      throw new TypeError('This operation demands no bearer token, so there is no principal');
    return this.proved;
  }
  readonly ping = () => this.parts.persistence.ping();
  readonly announce: Announce = (event, payload) => {
    this.#told.push(() => this.parts.tell(event, payload));
  };

  /**
   * Has the application do its part in the unit of work. Whatever it throws is thrown, and has to undo all of it.
   * Timing: a transaction that waits for work which never ends would hold its locks, and the embedded database's one
   * connection, for ever.
   */
  async doAccountWork(): Promise<void> {
    if (this.#changes === null) return;
    const { until } = this.caller;
    const work = this.#changes.doWork(this.unit);
    await (until === undefined ? work : withinDeadline(until - performance.now(), () => work, 'AccountWork'));
  }

  /** Makes what was written stay, and hands on what the audit trail says of it. */
  async commit(): Promise<void> {
    await this.unit.commit();
    this.parts.shipping?.ship(this.#trail?.take() ?? []);
  }

  /** Whether something may wait in the outbox. */
  get hasMessages(): boolean {
    return this.#hasMessages;
  }

  readonly hideDuration = () => {
    this.#notBefore = performance.now() + this.parts.settings.links.uniformAnswerTime;
  };

  /** Returns when the answer may leave. */
  async untilHidden(): Promise<void> {
    const left = this.#notBefore - performance.now();
    if (left > 0) await sleep(left);
  }

  /** Tells what was announced, once the unit of work has ended. */
  tellAll(): void {
    for (const tell of this.#told) tell();
  }
}
