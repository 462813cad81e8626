import { Logger } from '@nestjs/common';
import type { Clock } from '../core/ports/clock.js';
import type { Database } from '../persistence/database.js';
import { TypeormSigningKeyStore } from '../persistence/typeorm-signing-key.store.js';
import type { AccessTokens } from '../tokens/access-tokens.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import { importKept, type KeptKey, reloadInterval, rotation, withRoles } from '../tokens/kept-keys.js';

export interface KeyKeeperParts {
  readonly store: Pick<TypeormSigningKeyStore, 'all' | 'change'>;
  readonly tokens: Pick<AccessTokens, 'keep'>;
  readonly clock: Clock;
  /** Hears why keys could not be read; those that were read last stay in use. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Keeps this process's keys those of the table: a key is verified with from the moment it is seen there, at most
 * `reloadInterval` after it was written, and signs from its own time on.
 */
export class KeyKeeper {
  #timer: NodeJS.Timeout | null = null;
  #inUse = '';

  constructor(private readonly parts: KeyKeeperParts) {}

  /** Takes the keys there are; at the very first start, the one that it makes. */
  async start(): Promise<void> {
    const { store, clock } = this.parts;
    const now = clock.now();
    const all = await store.all();
    const make = (keys: readonly KeptKey[]) => (signs(keys, now) ? {} : rotation(keys, now));
    this.#use(signs(all, now) ? all : await store.change(make));
    this.#timer = setInterval(() => void this.reload(), reloadInterval);
    this.#timer.unref();
  }

  async reload(): Promise<void> {
    try {
      this.#use(await this.parts.store.all());
    } catch (error) {
      this.parts.onFailure(error);
    }
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #use(keys: readonly KeptKey[]): void {
    const ranked = withRoles(keys, this.parts.clock.now());
    const current = ranked.find(({ role }) => role === 'current');
    if (current === undefined) throw new Error('No key of auth.guardian_signing_keys signs yet');
    const fingerprint = [current, ...ranked].map(({ kid }) => kid).join();
    if (fingerprint === this.#inUse) return;
    const imported = ranked.map(importKept);
    const signing = imported.find(({ kid }) => kid === current.kid);
    if (!signing?.signing) throw new Error(`The signing key ${current.kid} cannot sign`);
    this.parts.tokens.keep(imported, signing);
    this.#inUse = fingerprint;
  }
}

const signs = (keys: readonly KeptKey[], now: Date): boolean =>
  withRoles(keys, now).some(({ role }) => role === 'current');

export interface KeyPlace {
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  /** Null where the application brought its own `Persistence`. */
  readonly opened: Database | null;
  readonly encryption: ColumnEncryption;
}

/** Signs with the keys of the table, where the options say so; null where they do not. */
export async function keepKeys({ tokens, clock, opened, encryption }: KeyPlace): Promise<KeyKeeper | null> {
  if (tokens.settings.signWith !== 'kept') return null;
  if (opened === null) throw new TypeError("signWith: 'kept' needs the module's own Persistence");
  const logger = new Logger('Auth');
  const store = new TypeormSigningKeyStore(opened.dataSource, encryption);
  const onFailure = (error: unknown): void => logger.error('The signing keys could not be read', error);
  const keeper = new KeyKeeper({ store, tokens, clock, onFailure });
  try {
    await keeper.start();
    return keeper;
  } catch (error) {
    await opened.close();
    throw error;
  }
}
