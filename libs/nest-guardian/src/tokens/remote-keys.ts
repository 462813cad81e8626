import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Clock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import { isAsymmetric } from './algorithms.js';
import type { ClaimRules } from './claims.js';
import { openJws, parseJws, type Jws } from './jws.js';
import { KeySet } from './key-set.js';
import { readPrincipal } from './principal.js';
import { parseStrictObject } from './strict-json.js';
import { importKey, type JwkGiven, type TokenKey } from './token-key.js';

const maxBytes = 64 * 1024;
const maxKeys = 20;
const defaultTimeout = 5_000;
/** How long a set is taken as current; GoTrue lets it be cached for as long. */
const freshFor = 600_000;
const coolDown = 30_000;
/** Between attempts while nothing is known at all. */
const retryAfter = 1_000;

export interface RemoteKeysOptions {
  /** The GoTrue server's address; the set lies below it at `/.well-known/jwks.json`. */
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly rules: ClaimRules;
  /** Milliseconds. @default 5000 */
  readonly timeout?: number;
}

/**
 * Verifies tokens with the public keys that another server publishes. Asks it once at a time, and at most
 * every 30 seconds for the sake of an unknown `kid`; while it is down, the keys last seen stay good.
 */
export class RemoteKeys {
  #keys: KeySet | null = null;
  #fetchedAt = -Infinity;
  #notBefore = -Infinity;
  #hasFailed = false;
  #underway: Promise<void> | null = null;

  constructor(private readonly options: RemoteKeysOptions) {}

  /**
   * Says who signed this token; a promise only while keys must be fetched.
   * @throws badJwt, and providerUnavailable when the key may exist but cannot be fetched
   */
  verify(token: string): Principal | Promise<Principal> {
    const jws = parseJws(token);
    // Only what a published key could have signed is a reason to ask for keys.
    if (!isAsymmetric(jws.algorithm)) return this.#judge(jws, this.#keys ?? new KeySet([]));
    if (this.#keys?.find(jws.algorithm, jws.kid)) {
      if (this.#now() >= this.#fetchedAt + freshFor) void this.#refresh();
      return this.#judge(jws, this.#keys);
    }
    return this.#refresh().then(() => {
      if (this.#keys?.find(jws.algorithm, jws.kid)) return this.#judge(jws, this.#keys);
      if (this.#keys === null || this.#hasFailed) deny(common.providerUnavailable);
      return this.#judge(jws, this.#keys);
    });
  }

  /**
   * Fetches the keys unless they are known, and says how many can be used. A GoTrue that signs with a shared
   * secret has none.
   * @throws providerUnavailable
   */
  async count(): Promise<number> {
    if (this.#keys === null) await this.#refresh();
    return this.#keys?.keys.length ?? deny(common.providerUnavailable);
  }

  #judge(jws: Jws, keys: KeySet): Principal {
    return readPrincipal(openJws(jws, keys), this.options.rules, Math.floor(this.#now() / 1000));
  }

  #now(): number {
    return this.options.clock.now().getTime();
  }

  /** Never rejects. Race: whoever comes while an answer is awaited waits for the same one. */
  #refresh(): Promise<void> {
    if (this.#underway) return this.#underway;
    if (this.#now() < this.#notBefore) return Promise.resolve();
    this.#underway = this.#fetch()
      .then(
        (keys) => {
          this.#keys = keys;
          this.#fetchedAt = this.#now();
          this.#hasFailed = false;
        },
        // Unreachable, late or unreadable: the keys last seen stay, and `#hasFailed` turns into a 503.
        () => {
          this.#hasFailed = true;
        },
      )
      .finally(() => {
        this.#notBefore = this.#now() + (this.#keys === null ? retryAfter : coolDown);
        this.#underway = null;
      });
    return this.#underway;
  }

  async #fetch(): Promise<KeySet> {
    const { url, fetch, timeout = defaultTimeout } = this.options;
    const response = await fetch(`${url.replace(/\/+$/, '')}/.well-known/jwks.json`, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    if (response.status !== 200 || response.redirected) throw new Error(`Answered ${response.status}`);
    return new KeySet(readKeySet(await readBody(response)));
  }
}

async function readBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error('Answered too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function readKeySet(body: Buffer): TokenKey[] {
  const keys = parseStrictObject(body)?.keys;
  if (!Array.isArray(keys) || keys.length > maxKeys) throw new Error('Answered no key set');
  return keys.flatMap((jwk: unknown) => readPublishedKey(jwk) ?? []);
}

/** A secret or a private half that was published is no longer one; such a key is ignored, the others stand. */
function readPublishedKey(jwk: unknown): TokenKey | null {
  if (typeof jwk !== 'object' || jwk === null) return null;
  const given = jwk as JwkGiven;
  if ('d' in given || 'k' in given) return null;
  const imported = importKey(given);
  return 'algorithm' in imported && imported.signing === null ? imported : null;
}
