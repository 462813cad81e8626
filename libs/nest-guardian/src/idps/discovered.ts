import { allowInsecureRequests, customFetch, discovery, type ServerMetadata } from 'openid-client';
import type { Clock } from '../core/ports/clock.js';
import type { Outbound, OutboundInit } from './outbound.js';

/** GoTrue: `GOTRUE_EXTERNAL_OIDC_PROVIDER_CACHE_TTL`, whose default this is. */
const freshFor = 3_600_000;
const retryAfter = 10_000;
/** Between attempts while nothing is known at all: whoever can ask for a sign-in can ask often. */
const retryAfterNothing = 1_000;

/**
 * The discovery document of one issuer. Fetched once at a time, taken as current for an hour, and while the issuer is
 * down the one last seen stays good. One that names another issuer is none.
 */
export class Discovered {
  #last: ServerMetadata | null = null;
  #fetchedAt = -Infinity;
  #notBefore = -Infinity;
  #underway: Promise<ServerMetadata> | null = null;
  #failure: { readonly cause: unknown; readonly until: number } | null = null;

  constructor(
    readonly issuer: string,
    private readonly parts: { readonly outbound: Outbound; readonly clock: Clock },
  ) {}

  /** Throws what was wrong, where nothing is known yet. */
  async read(): Promise<ServerMetadata> {
    const now = this.parts.clock.now().getTime();
    if (this.#last !== null && now < Math.max(this.#fetchedAt + freshFor, this.#notBefore)) return this.#last;
    if (this.#last === null && this.#failure !== null && now < this.#failure.until) throw this.#failure.cause;
    this.#underway ??= this.#fetch().finally(() => {
      this.#underway = null;
    });
    try {
      return await this.#underway;
    } catch (cause) {
      // What was true an hour ago is better than nobody signing in.
      if (this.#last !== null) return this.#last;
      this.#failure = { cause, until: this.parts.clock.now().getTime() + retryAfterNothing };
      throw cause;
    }
  }

  async #fetch(): Promise<ServerMetadata> {
    const { outbound, clock } = this.parts;
    this.#notBefore = clock.now().getTime() + retryAfter;
    const signal = outbound.startDeadline();
    const found = await discovery(new URL(this.issuer), 'anybody', undefined, undefined, {
      [customFetch]: (url, init) => outbound.fetch(url, { ...(init as OutboundInit), signal }),
      execute: outbound.allowsHttp ? [allowInsecureRequests] : [],
    });
    const metadata = found.serverMetadata();
    // The library lets issuers of Microsoft's answer for each other.
    if (new URL(metadata.issuer).href !== new URL(this.issuer).href) throw new Error('It is another issuer');
    this.#last = metadata;
    this.#fetchedAt = clock.now().getTime();
    return metadata;
  }
}
