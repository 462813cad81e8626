import type { Principal } from '../core/principal.js';
import { IndexedCache } from './indexed-cache.js';

export interface CacheLimits {
  /** @default 10000 */
  readonly maxEntries?: number;
  /** Seconds that an entry is trusted for. @default 60 */
  readonly maxAge?: number;
}

/**
 * Remembers who signed a token, synchronously. An entry dies when its token expires, after `maxAge`, or when
 * its session or user is forgotten.
 */
export class PrincipalCache {
  readonly #maxAge: number;
  readonly #entries: IndexedCache<Principal>;

  constructor({ maxEntries = 10_000, maxAge = 60 }: CacheLimits = {}) {
    this.#maxAge = maxAge;
    this.#entries = new IndexedCache(maxEntries, idsOf);
  }

  /** Changes whenever something is forgotten; to be given to `set`, as `IndexedCache.version`. */
  get version(): number {
    return this.#entries.version;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many sessions and users are known to have entries. */
  get indexed(): number {
    return this.#entries.indexed;
  }

  /** @param now Unix seconds */
  get(token: string, now: number): Principal | undefined {
    return this.#entries.get(token, now);
  }

  /** Remembers a token that was verified at `now`, in Unix seconds. */
  set(token: string, principal: Principal, { now, version }: { now: number; version?: number }): void {
    const until = Math.min(principal.expiresAt, now + this.#maxAge);
    this.#entries.set(token, principal, { now, until, version });
  }

  forgetSession(sessionId: string): void {
    this.#entries.forget(sessionId);
  }

  /** Forgets every session of the user but one. */
  forgetUser(userId: string, exceptSessionId?: string): void {
    this.#entries.forget(
      userId,
      ({ sessionId }) => exceptSessionId === undefined || sessionId !== exceptSessionId,
    );
  }

  clear(): void {
    this.#entries.clear();
  }
}

const idsOf = ({ id, sessionId }: Principal): string[] => (sessionId === null ? [id] : [id, sessionId]);
