import { isAuthError } from '../core/auth-error.js';
import type { AuthProvider } from '../core/auth-provider.js';
import type { Clock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import { assuranceConditions } from '../steps/require-assurance.js';
import type { PrincipalCache } from '../tokens/principal-cache.js';

/**
 * Turns a bearer token into a principal whose session was open within the last minute. A token seen before is
 * answered synchronously from memory: no promise, no crypto, no I/O.
 */
export class Gate {
  /** Look-ups under way, so that a crowd with one new token asks the provider once. */
  readonly #asking = new Map<string, Promise<Principal>>();

  constructor(
    private readonly provider: AuthProvider,
    private readonly cache: PrincipalCache,
    private readonly clock: Clock,
  ) {}

  /** Roles whose bearers are no signed-in people, as the provider has them. */
  get adminRoles(): readonly string[] {
    return this.provider.adminRoles;
  }

  /** @throws whatever the provider throws of a bad token or an ended session */
  admit(bearer: string): Principal | Promise<Principal> {
    return this.cache.get(bearer, this.#now()) ?? this.#asking.get(bearer) ?? this.#ask(bearer);
  }

  /** The same, asking the provider now, whatever memory says. */
  async admitLive(bearer: string): Promise<Principal> {
    const asked = { now: this.#now(), version: this.cache.version };
    const principal = await this.provider.verify(bearer);
    await this.provider.confirmSession(principal);
    this.cache.set(bearer, principal, asked);
    return principal;
  }

  /**
   * Who was refused, where all that is missing is a second factor; that is what comes last of what the provider asks.
   * Not remembered, so that no other route takes it for an admission.
   * @throws the refusal, where it is another one
   */
  async forgive(bearer: string, refusal: unknown): Promise<Principal> {
    // By name: a provider of one's own may have loaded another copy of this package.
    const isForgivable =
      isAuthError(refusal) && refusal.condition.name === assuranceConditions.secondFactorNeeded.name;
    if (!isForgivable) throw refusal;
    return this.provider.verify(bearer);
  }

  /** Forgets what it knows of these sessions, or of all of the user's but `except`. */
  forget(ended: {
    readonly userId: string;
    readonly sessionIds: readonly string[] | 'all';
    readonly except?: string;
  }) {
    // Race: who asks from now on must not be given an answer that was under way before.
    this.#asking.clear();
    if (ended.sessionIds === 'all') this.cache.forgetUser(ended.userId, ended.except);
    else for (const id of ended.sessionIds) this.cache.forgetSession(id);
  }

  #ask(bearer: string): Promise<Principal> {
    const asked = this.admitLive(bearer).finally(() => {
      if (this.#asking.get(bearer) === asked) this.#asking.delete(bearer);
    });
    this.#asking.set(bearer, asked);
    return asked;
  }

  /** Unix seconds, with a fraction. */
  #now(): number {
    return this.clock.now().getTime() / 1000;
  }
}
