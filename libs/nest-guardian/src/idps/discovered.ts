import { allowInsecureRequests, customFetch, discovery, type ServerMetadata } from 'openid-client';
import type { Clock } from '../core/ports/clock.js';
import type { Outbound, OutboundInit } from './outbound.js';

/** GoTrue: `GOTRUE_EXTERNAL_OIDC_PROVIDER_CACHE_TTL`, whose default this is. */
const freshFor = 3_600_000;
const retryAfter = 10_000;
/** Between attempts while nothing is known at all: whoever can ask for a sign-in can ask often. */
const retryAfterNothing = 1_000;

/**
 * The discovery document of one issuer. Fetched once at a time, taken as current for an hour, and after that nobody waits
 * for the next: while the issuer is down or slow the one last seen stays good. One that names another issuer is none.
 */
export class Discovered {
  #last: ServerMetadata | null = null;
  #failure: unknown = null;
  #dueAt = -Infinity;
  #underway: Promise<ServerMetadata> | null = null;

  constructor(
    readonly issuer: string,
    private readonly parts: { readonly outbound: Outbound; readonly clock: Clock },
  ) {}

  /** Throws what was wrong, where nothing is known yet. */
  async read(): Promise<ServerMetadata> {
    const isDue = this.#now() >= this.#dueAt;
    if (this.#last === null) {
      if (!isDue) throw this.#failure;
      return this.#refresh();
    }
    // Why it failed is no matter: what was true an hour ago is better than nobody signing in.
    if (isDue) void this.#refresh().catch(() => undefined);
    return this.#last;
  }

  #now(): number {
    return this.parts.clock.now().getTime();
  }

  /** Race: whoever comes while an answer is awaited waits for the same one. */
  #refresh(): Promise<ServerMetadata> {
    this.#underway ??= this.#fetch()
      .then(
        (metadata) => {
          this.#dueAt = this.#now() + freshFor;
          return (this.#last = metadata);
        },
        (cause: unknown) => {
          this.#dueAt = this.#now() + (this.#last === null ? retryAfterNothing : retryAfter);
          this.#failure = cause;
          throw cause;
        },
      )
      .finally(() => {
        this.#underway = null;
      });
    return this.#underway;
  }

  async #fetch(): Promise<ServerMetadata> {
    const { outbound } = this.parts;
    const signal = outbound.startDeadline();
    const found = await discovery(new URL(this.issuer), 'anybody', undefined, undefined, {
      [customFetch]: (url, init) => outbound.fetch(url, { ...(init as OutboundInit), signal }),
      execute: outbound.allowsHttp ? [allowInsecureRequests] : [],
    });
    const metadata = found.serverMetadata();
    // The library lets issuers of Microsoft's answer for each other.
    if (new URL(metadata.issuer).href !== new URL(this.issuer).href) throw new Error('It is another issuer');
    const { authorization_endpoint: door } = metadata;
    // A page follows it without looking, and `javascript:` would be run in it.
    if (door !== undefined && !outbound.mayAsk(door)) throw new Error('It sends browsers to no such address');
    return metadata;
  }
}
