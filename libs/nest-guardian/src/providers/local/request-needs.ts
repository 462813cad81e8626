import type { Caller } from '../../core/caller.js';
import type { Announce } from '../../core/event.js';
import type { Persistence, UnitOfWork } from '../../core/ports/persistence.js';
import type { Principal } from '../../core/principal.js';
import type { LocalNeeds } from '../../steps/needs.js';

/** What lives as long as the provider. */
export type LocalParts = Pick<LocalNeeds, 'hasher' | 'tokens' | 'clock' | 'settings'> & {
  readonly persistence: Persistence;
};

/** The needs of one request. Stores are reached through its unit of work, which opens at the first write. */
export class RequestNeeds implements LocalNeeds {
  readonly unit: UnitOfWork;
  readonly #told: (() => void)[] = [];

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

  /** Tells what was announced, once the unit of work has ended. */
  tellAll(): void {
    for (const tell of this.#told) tell();
  }
}
