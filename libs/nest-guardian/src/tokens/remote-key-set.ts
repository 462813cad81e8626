import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Clock } from '../core/ports/clock.js';
import { isAsymmetric } from './algorithms.js';
import { openJws, type Jws } from './jws.js';
import { KeySet } from './key-set.js';
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

export interface RemoteKeySetOptions {
  /** Where the set lies. */
  readonly url: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  /** Milliseconds. @default 5000 */
  readonly timeout?: number;
}

/**
 * The public keys that another server publishes. Asks it once at a time, and at most every 30 seconds for the sake of
 * an unknown `kid`; while it is down, the keys last seen stay good.
 */
export class RemoteKeySet {
  #keys: KeySet | null = null;
  #fetchedAt = -Infinity;
  #notBefore = -Infinity;
  #hasFailed = false;
  #underway: Promise<void> | null = null;

  constructor(private readonly options: RemoteKeySetOptions) {}

  /**
   * The payload, if one of the published keys has signed it; a promise only while keys must be fetched.
   * @throws badJwt, and providerUnavailable when the key may exist but cannot be fetched
   */
  open(jws: Jws): Buffer | Promise<Buffer> {
    // Only what a published key could have signed is a reason to ask for keys.
    if (!isAsymmetric(jws.algorithm)) return openJws(jws, this.#keys ?? new KeySet([]));
    if (this.#keys?.find(jws.algorithm, jws.kid)) {
      if (this.#now() >= this.#fetchedAt + freshFor) void this.#refresh();
      return openJws(jws, this.#keys);
    }
    return this.#refresh().then(() => {
      if (this.#keys?.find(jws.algorithm, jws.kid)) return openJws(jws, this.#keys);
      if (this.#keys === null || this.#hasFailed) deny(common.providerUnavailable);
      return openJws(jws, this.#keys);
    });
  }

  /**
   * Fetches the keys unless they are known, and says how many can be used.
   * @throws providerUnavailable
   */
  async count(): Promise<number> {
    if (this.#keys === null) await this.#refresh();
    return this.#keys?.keys.length ?? deny(common.providerUnavailable);
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
    const response = await fetch(url, {
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
