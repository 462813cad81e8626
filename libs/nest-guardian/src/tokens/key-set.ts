import type { TokenKey } from './token-key.js';

/** The keys that may have signed a token, found by what the token's header says. Never tries several. */
export class KeySet {
  readonly algorithms: ReadonlySet<string>;
  readonly #byId = new Map<string, TokenKey | null>();
  readonly #byAlgorithm = new Map<string, TokenKey | null>();

  /** @param fallback the secret that answers for HS256 tokens whose `kid` is unknown, as GoTrue does */
  constructor(
    readonly keys: readonly TokenKey[],
    private readonly fallback: TokenKey | null = null,
  ) {
    this.algorithms = new Set(keys.map(({ algorithm }) => algorithm));
    for (const key of keys) {
      // Two of a kind are null: which of them is meant cannot be known.
      if (key.kid !== null) this.#byId.set(key.kid, this.#byId.has(key.kid) ? null : key);
      this.#byAlgorithm.set(key.algorithm, this.#byAlgorithm.has(key.algorithm) ? null : key);
    }
  }

  /** The one key that is meant, or null. A key answers for its own algorithm only. */
  find(algorithm: string, kid: string | undefined): TokenKey | null {
    const found = kid === undefined ? this.#byAlgorithm.get(algorithm) : this.#byId.get(kid);
    const key = found ?? (kid === undefined || !this.#byId.has(kid) ? this.fallback : null);
    return key?.algorithm === algorithm ? key : null;
  }
}
