import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { PasswordHasher } from '../../core/ports/password-hasher.js';
import { cost, readStoredHash } from './stored-hash.js';

/** How many may wait for a core before the next is told to come back later. */
const longestQueue = 256;

/** What is needed of a bcrypt package. */
export interface Bcrypt {
  verify(password: string, hash: string): Promise<boolean>;
}

/**
 * argon2id on the thread pool, at most one hash per core at a time, behind a bounded queue. Hashes that another
 * server made with bcrypt or argon2i are verified too; the package for bcrypt is asked for by the first of them.
 */
export class Argon2Hasher extends PasswordHasher {
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #dummy: Promise<string> | undefined;

  constructor(private readonly importBcrypt: () => Promise<Bcrypt>) {
    super();
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, cost));
  }

  async verify(password: string, passwordHash: string | null): Promise<boolean> {
    const kind = passwordHash === null ? undefined : readStoredHash(passwordHash)?.kind;
    if (passwordHash === null || kind === undefined) return this.#verifyNobody(password);
    if (kind === 'argon2') return this.#inTurn(() => verify(passwordHash, password).catch(() => false));
    if (isBeyondBcrypt(password)) return this.#verifyNobody(password);
    const bcrypt = await this.importBcrypt();
    return this.#inTurn(() => bcrypt.verify(password, passwordHash).catch(() => false));
  }

  canVerify(passwordHash: string): boolean {
    return readStoredHash(passwordHash) !== null;
  }

  isOutdated(passwordHash: string): boolean {
    return readStoredHash(passwordHash)?.isCurrent !== true;
  }

  /** Timing: nobody's password is compared with a real hash of today's cost, and never fits. */
  async #verifyNobody(password: string): Promise<false> {
    this.#dummy ??= hash('nobody knows this one', cost);
    const against = await this.#dummy;
    await this.#inTurn(() => verify(against, password));
    return false;
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

/** bcrypt reads 72 bytes and takes a NUL for the end, so that other passwords would fit as well. */
const isBeyondBcrypt = (password: string): boolean =>
  Buffer.byteLength(password) > 72 || password.includes('\0');
