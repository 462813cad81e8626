import { LRUCache } from 'lru-cache';
import type { Principal } from '../core/principal.js';

interface Entry {
  readonly principal: Principal;
  /** Unix seconds between which the entry is trusted, the second excluded. */
  readonly from: number;
  readonly until: number;
}

export interface CacheLimits {
  /** @default 10000 */
  readonly maxEntries?: number;
  /** Seconds that an entry is trusted for. @default 60 */
  readonly maxAge?: number;
}

/**
 * Remembers who signed a token, synchronously. An entry dies when its token expires, after `maxAge`, or when
 * its session or user is forgotten. The key is the whole token, so that no other text finds the entry.
 */
export class PrincipalCache {
  readonly #maxAge: number;
  readonly #entries: LRUCache<string, Entry>;
  /** The tokens of each session and of each user; it grows and shrinks with the entries. */
  readonly #tokensOf = new Map<string, Set<string>>();
  #version = 0;

  constructor({ maxEntries = 10_000, maxAge = 60 }: CacheLimits = {}) {
    this.#maxAge = maxAge;
    this.#entries = new LRUCache<string, Entry>({
      max: maxEntries,
      dispose: ({ principal }, token) => this.#unlink(token, principal),
    });
  }

  /**
   * Changes whenever something is forgotten. Race: read it before asking a store whether a session is open,
   * and give it to `set`; an answer that was overtaken by a revocation is then not remembered.
   */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many sessions and users are known to have entries. */
  get indexed(): number {
    return this.#tokensOf.size;
  }

  /** @param now Unix seconds */
  get(token: string, now: number): Principal | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    if (now >= entry.from && now < entry.until) return entry.principal;
    this.#entries.delete(token);
    return undefined;
  }

  /** Remembers a token that was verified at `now`, in Unix seconds. */
  set(
    token: string,
    principal: Principal,
    { now, version = this.#version }: { now: number; version?: number },
  ): void {
    const until = Math.min(principal.expiresAt, now + this.#maxAge);
    if (until <= now || version !== this.#version) return;
    this.#entries.set(token, { principal, from: now, until });
    for (const id of idsOf(principal)) {
      const tokens = this.#tokensOf.get(id);
      if (tokens) tokens.add(token);
      else this.#tokensOf.set(id, new Set([token]));
    }
  }

  forgetSession(sessionId: string): void {
    this.#forget(sessionId, () => true);
  }

  /** Forgets every session of the user but one. */
  forgetUser(userId: string, exceptSessionId?: string): void {
    this.#forget(userId, ({ sessionId }) => exceptSessionId === undefined || sessionId !== exceptSessionId);
  }

  clear(): void {
    this.#version++;
    this.#entries.clear();
  }

  #forget(id: string, isMeant: (principal: Principal) => boolean): void {
    this.#version++;
    for (const token of this.#tokensOf.get(id) ?? []) {
      const entry = this.#entries.peek(token);
      if (entry && isMeant(entry.principal)) this.#entries.delete(token);
    }
  }

  #unlink(token: string, principal: Principal): void {
    for (const id of idsOf(principal)) {
      const tokens = this.#tokensOf.get(id);
      tokens?.delete(token);
      if (tokens?.size === 0) this.#tokensOf.delete(id);
    }
  }
}

const idsOf = ({ id, sessionId }: Principal): string[] => (sessionId === null ? [id] : [id, sessionId]);
