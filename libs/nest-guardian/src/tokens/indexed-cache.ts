import { LRUCache } from 'lru-cache';

interface Entry<V> {
  readonly value: V;
  /** Unix seconds between which the entry is trusted, the second excluded. */
  readonly from: number;
  readonly until: number;
}

export interface Remembering {
  readonly now: number;
  readonly until: number;
  /** The version when whoever knows better was asked. */
  readonly version?: number;
}

/**
 * Remembers what a token proved, synchronously and for so many tokens at most. The key is the whole token, so that no
 * other text finds the entry; entries are forgotten by what they belong to.
 */
export class IndexedCache<V> {
  readonly #entries: LRUCache<string, Entry<V>>;
  /** The tokens of each key; it grows and shrinks with the entries. */
  readonly #tokensOf = new Map<string, Set<string>>();
  #version = 0;

  constructor(
    maxEntries: number,
    private readonly keysOf: (value: V) => readonly string[],
  ) {
    this.#entries = new LRUCache<string, Entry<V>>({
      max: maxEntries,
      dispose: ({ value }, token) => this.#unlink(token, value),
    });
  }

  /**
   * Changes whenever something is forgotten. Race: read it before asking a store, and give it to `set`; an answer that
   * was overtaken by a revocation is then not remembered.
   */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many keys have entries. */
  get indexed(): number {
    return this.#tokensOf.size;
  }

  /** @param now Unix seconds */
  get(token: string, now: number): V | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    if (now >= entry.from && now < entry.until) return entry.value;
    this.#entries.delete(token);
    return undefined;
  }

  set(token: string, value: V, { now, until, version = this.#version }: Remembering): void {
    if (until <= now || version !== this.#version) return;
    this.#entries.set(token, { value, from: now, until });
    for (const key of this.keysOf(value)) {
      const tokens = this.#tokensOf.get(key);
      if (tokens) tokens.add(token);
      else this.#tokensOf.set(key, new Set([token]));
    }
  }

  forget(key: string, isMeant: (value: V) => boolean = () => true): void {
    this.#version++;
    for (const token of this.#tokensOf.get(key) ?? []) {
      const entry = this.#entries.peek(token);
      if (entry && isMeant(entry.value)) this.#entries.delete(token);
    }
  }

  clear(): void {
    this.#version++;
    this.#entries.clear();
  }

  #unlink(token: string, value: V): void {
    for (const key of this.keysOf(value)) {
      const tokens = this.#tokensOf.get(key);
      tokens?.delete(token);
      if (tokens?.size === 0) this.#tokensOf.delete(key);
    }
  }
}
