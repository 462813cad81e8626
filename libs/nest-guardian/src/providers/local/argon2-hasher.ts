import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { PasswordHasher } from '../../core/ports/password-hasher.js';

// OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** How many may wait for a core before the next is told to come back later. */
const longestQueue = 256;

/** argon2id on the thread pool, at most one hash per core at a time, behind a bounded queue. */
export class Argon2Hasher extends PasswordHasher {
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #dummy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, cost));
  }

  async verify(password: string, passwordHash: string | null): Promise<boolean> {
    // Timing: nobody's password is compared with a real hash of the same cost, and never fits.
    this.#dummy ??= hash('nobody knows this one', cost);
    const against = passwordHash ?? (await this.#dummy);
    const fits = await this.#inTurn(() => verify(against, password).catch(() => false));
    return fits && passwordHash !== null;
  }

  isOutdated(passwordHash: string): boolean {
    try {
      const made = parseOptions(passwordHash);
      return (
        made.algorithm !== cost.algorithm ||
        (made.memoryCost ?? 0) < cost.memoryCost ||
        (made.timeCost ?? 0) < cost.timeCost
      );
    } catch {
      // Not argon2's form at all, so certainly not today's.
      return true;
    }
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= availableParallelism()) {
      if (this.#waiting.length >= longestQueue) deny(common.overloaded);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      // The place passes straight to the next in line, or is given up.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
