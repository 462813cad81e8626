import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../core/ports/clock.js';
import type { TokenTracking } from '../../core/ports/token-tracking.js';
import { secondsOf } from './seconds.js';
import { requireSubject } from './token-claims.js';

export interface OneTimeIssued {
  /** It is a secret: not for logs. */
  readonly token: string;
  readonly expiresAt: Date;
}

export interface OneTimeTaken {
  readonly subject: string;
  /** What was given with it, or null. */
  readonly data: unknown;
}

interface OneTimeParts {
  readonly profile: string;
  /** Seconds by purpose. */
  readonly purposes: ReadonlyMap<string, number>;
  readonly tracking: () => TokenTracking;
  readonly clock: Clock;
}

/** Tokens that are good once, for one purpose. 256 random bits; rows hold hashes only. */
export class OneTimeTokens<Purpose extends string = string> {
  constructor(private readonly parts: OneTimeParts) {}

  /**
   * @param given `lifetime` as `'10m'`, never longer than the purpose's; `data` is JSON
   * @throws badRequest for text that PostgreSQL cannot hold: NUL, half of a surrogate pair
   */
  async issue(
    purpose: Purpose,
    subject: string,
    given: { readonly lifetime?: string; readonly data?: unknown } = {},
  ): Promise<OneTimeIssued> {
    requireSubject(subject);
    const { data = null } = given;
    // Functions and symbols would be kept as nothing.
    if (JSON.stringify(data) === undefined) throw new TypeError('The data of a one-time token is JSON');
    const longest = this.#requirePurpose(purpose);
    const lifetime = Math.min(longest, secondsOf(given.lifetime) ?? longest);
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(this.parts.clock.now().getTime() + lifetime * 1000);
    await this.parts.tracking().putOneTime({ ...this.#row(purpose, token), subject, data, expiresAt });
    return { token, expiresAt };
  }

  /** Takes the token out of the store, or returns null. Of many callers at the same moment, one gets it. */
  async take(purpose: Purpose, token: string): Promise<OneTimeTaken | null> {
    this.#requirePurpose(purpose);
    if (typeof token !== 'string' || !/^[\w-]{43}$/.test(token)) return null;
    return this.parts.tracking().takeOneTime(this.#row(purpose, token), this.parts.clock.now());
  }

  #requirePurpose(purpose: string): number {
    const { purposes, profile } = this.parts;
    const longest = purposes.get(purpose);
    if (longest === undefined)
      throw new TypeError(`Profile ${profile} has no one-time tokens of that purpose`);
    return longest;
  }

  /** The purpose is part of what is hashed: shown for another, a token is not even found. */
  #row(purpose: string, token: string) {
    const { profile } = this.parts;
    const hash = createHash('sha256').update(`${profile}\0${purpose}\0${token}`).digest('base64url');
    return { hash, profile, purpose };
  }
}
