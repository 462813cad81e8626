import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../core/caller.js';
import type { Announce } from '../../core/event.js';
import type { Persistence, UnitOfWork } from '../../core/ports/persistence.js';
import type { Principal } from '../../core/principal.js';
import type { LocalNeeds } from '../../steps/needs.js';

/** What lives as long as the provider. */
export type LocalParts = Pick<
  LocalNeeds,
  'hasher' | 'tokens' | 'clock' | 'secretForm' | 'places' | 'mailbox' | 'canText'
> & {
  readonly persistence: Persistence;
  readonly settings: { readonly links: { readonly uniformAnswerTime: number } };
  /** Whether one-time secrets are kept where GoTrue keeps them. */
  readonly keepsGotrueSecrets: boolean;
};

/** The needs of one request. Stores are reached through its unit of work, which opens at the first write. */
export class RequestNeeds implements LocalNeeds {
  readonly unit: UnitOfWork;
  readonly #told: (() => void)[] = [];
  #hasMessages = false;
  #notBefore = 0;

  constructor(
    private readonly parts: LocalParts & { readonly tell: Announce },
    readonly caller: Caller,
    private readonly proved: Principal | null,
  ) {
    this.unit = parts.persistence.begin();
  }

  get users() {
    return this.unit.users;
  }
  get sessions() {
    return this.unit.sessions;
  }
  get audit() {
    return this.unit.audit;
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
