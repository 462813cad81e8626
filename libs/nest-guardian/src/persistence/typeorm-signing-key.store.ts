import type { DataSource } from 'typeorm';
import type { PublicAlgorithm } from '../tokens/algorithms.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import type { KeptKey, KeyChange } from '../tokens/kept-keys.js';
import type { JwkGiven } from '../tokens/token-key.js';

/** Any number, as long as every process takes the same and no other program does. */
const keysLock = 1_790_000_001;

interface KeyRow {
  readonly kid: string;
  readonly algorithm: PublicAlgorithm;
  readonly jwk: string;
  readonly created_at: Date;
  readonly signs_from: Date;
}

type Ask = <T>(text: string, values?: unknown[]) => Promise<T[]>;

/** The table `auth.guardian_signing_keys`. Keys are encrypted where there is an encryption key. */
export class TypeormSigningKeyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly encryption: ColumnEncryption,
  ) {}

  /** @throws when a key cannot be decrypted, naming its `kid` only */
  all(): Promise<KeptKey[]> {
    return this.#read((text, values) => this.dataSource.query(text, values));
  }

  /**
   * Changes the keys as `decide` says and returns those there are now. Race: of two processes at the same
   * moment, one decides when the other has written.
   */
  change(decide: (keys: readonly KeptKey[]) => KeyChange): Promise<KeptKey[]> {
    return this.dataSource.transaction(async (manager) => {
      const ask: Ask = (text, values) => manager.query(text, values);
      await ask('SELECT pg_advisory_xact_lock($1)', [keysLock]);
      const { add, remove = [] } = decide(await this.#read(ask));
      await ask('DELETE FROM auth.guardian_signing_keys WHERE kid = ANY($1)', [remove]);
      if (add) {
        const sealed = this.encryption.seal(add.kid, JSON.stringify(add.jwk));
        await ask(
          `INSERT INTO auth.guardian_signing_keys (kid, algorithm, jwk, created_at, signs_from)
           VALUES ($1, $2, $3, $4, $5)`,
          [add.kid, add.algorithm, sealed, add.createdAt, add.signsFrom],
        );
      }
      return this.#read(ask);
    });
  }

  async #read(ask: Ask): Promise<KeptKey[]> {
    const rows = await ask<KeyRow>(
      'SELECT kid, algorithm, jwk, created_at, signs_from FROM auth.guardian_signing_keys ORDER BY signs_from',
    );
    return rows.map(({ kid, algorithm, jwk, created_at: createdAt, signs_from: signsFrom }) => ({
      kid,
      algorithm,
      jwk: this.#open(kid, jwk),
      createdAt,
      signsFrom,
    }));
  }

  #open(kid: string, stored: string): JwkGiven {
    const plain = this.encryption.open(kid, stored);
    try {
      return JSON.parse(plain) as JwkGiven;
    } catch {
      // The parser's words would quote the key.
      throw new Error(`The signing key ${kid} of auth.guardian_signing_keys cannot be read`);
    }
  }
}
