import type { Clock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import type { ClaimRules } from './claims.js';
import { parseJws } from './jws.js';
import { readPrincipal } from './principal.js';
import { RemoteKeySet } from './remote-key-set.js';

export interface RemoteKeysOptions {
  /** The GoTrue server's address; the set lies below it at `/.well-known/jwks.json`. */
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly rules: ClaimRules;
  /** Milliseconds. @default 5000 */
  readonly timeout?: number;
}

/** Verifies access tokens with the public keys that another GoTrue server publishes. */
export class RemoteKeys {
  readonly #keys: RemoteKeySet;

  constructor(private readonly options: RemoteKeysOptions) {
    const url = `${options.url.replace(/\/+$/, '')}/.well-known/jwks.json`;
    this.#keys = new RemoteKeySet({ ...options, url });
  }

  /**
   * Says who signed this token; a promise only while keys must be fetched.
   * @throws badJwt, and providerUnavailable when the key may exist but cannot be fetched
   */
  verify(token: string): Principal | Promise<Principal> {
    const payload = this.#keys.open(parseJws(token));
    return payload instanceof Promise ? payload.then(this.#judge) : this.#judge(payload);
  }

  /**
   * Fetches the keys unless they are known, and says how many can be used. A GoTrue that signs with a shared
   * secret has none.
   * @throws providerUnavailable
   */
  count(): Promise<number> {
    return this.#keys.count();
  }

  readonly #judge = (payload: Buffer): Principal =>
    readPrincipal(payload, this.options.rules, Math.floor(this.options.clock.now().getTime() / 1000));
}
