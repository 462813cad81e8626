import { type Challenge, FactorStore, type FactorWithSecret, type NewFactor } from '../core/ports/factors.js';
import type { Factor } from '../core/records.js';
import type { ColumnEncryption } from '../tokens/column-encryption.js';
import * as statements from './factor-statements.js';
import { toInet } from './session-row.js';
import type { Row, UnitTransaction } from './unit-transaction.js';
import { toDate, toFactor, toText } from './user-row.js';

/** What the table holds where the address is not known. */
const unknownAddress = '0.0.0.0';

/** How often another microsecond is tried before the time of a challenge is left as it was. */
const tries = 3;

/** Second factors where a GoTrue server looks for them; recovery codes and accepted steps in tables of ours. */
export class TypeormFactorStore extends FactorStore {
  constructor(
    private readonly transaction: UnitTransaction,
    private readonly encryption: ColumnEncryption,
  ) {
    super();
  }

  override async insert(factor: NewFactor): Promise<Factor | null> {
    const { id, userId, friendlyName, factorType, secret, at } = factor;
    const held = await this.transaction.write(statements.holding, [userId]);
    if (held.length === 0) return null;
    const values = [id, userId, friendlyName, factorType, this.encryption.seal(id, secret), at];
    return first(await this.transaction.write(statements.insertion, values), toFactor);
  }

  override async find(userId: string, factorId: string): Promise<FactorWithSecret | null> {
    const rows = await this.transaction.read(statements.byId, [userId, factorId]);
    return first(rows, (row) => {
      const sealed = toText(row.secret);
      return { ...toFactor(row), secret: sealed === null ? null : this.encryption.open(factorId, sealed) };
    });
  }

  override async purgeUnverified(before: Date): Promise<void> {
    await this.transaction.write(statements.purging, [before]);
  }

  override async update(
    userId: string,
    factorId: string,
    { friendlyName, phone, at }: Parameters<FactorStore['update']>[2],
  ): Promise<Factor | null> {
    const values = [userId, factorId, at, friendlyName ?? null, phone ?? null];
    return first((await this.transaction.tryWrite(statements.change, values)) ?? [], toFactor);
  }

  override async confirm({ userId, id }: Factor, at: Date): Promise<void> {
    await this.transaction.write(statements.confirmation, [userId, id, at]);
  }

  override async delete(userId: string, factorId: string): Promise<Factor | null> {
    return first(await this.transaction.write(statements.removal, [userId, factorId]), toFactor);
  }

  override async challenge(challenge: Omit<Challenge, 'verifiedAt'>): Promise<boolean> {
    const { id, factorId, createdAt, ip } = challenge;
    const values = [id, factorId, createdAt, toInet(ip)];
    if ((await this.transaction.write(statements.challenging, values)).length === 0) return false;
    for (let count = 0; count < tries; count++) {
      if ((await this.transaction.tryWrite(statements.noting, [factorId, createdAt])) !== null) break;
    }
    return true;
  }

  override async findChallenge(factorId: string, challengeId: string): Promise<Challenge | null> {
    const rows = await this.transaction.read(statements.challengeById, [factorId, challengeId]);
    return first(rows, (row) => ({
      id: row.id as string,
      factorId: row.factor_id as string,
      createdAt: toDate(row.created_at) ?? new Date(0),
      verifiedAt: toDate(row.verified_at),
      ip: row.ip === unknownAddress ? null : (row.ip as string),
    }));
  }

  override async useChallenge(challengeId: string, at: Date): Promise<boolean> {
    return (await this.transaction.write(statements.using, [challengeId, at])).length > 0;
  }

  override async acceptStep(factorId: string, step: number): Promise<boolean> {
    const [row] = await this.transaction.write(statements.accepting, [factorId, step]);
    if (!row) return false;
    await this.#resealIfStale(factorId, toText(row.secret));
    return true;
  }

  override async replaceRecoveryCodes(userId: string, hashes: readonly string[], at: Date): Promise<void> {
    await this.transaction.write(statements.holding, [userId]);
    await this.transaction.write(statements.forgettingCodes, [userId]);
    await this.transaction.write(statements.writingCodes, [userId, hashes, at]);
  }

  override async countRecoveryCodes(userId: string): Promise<number> {
    const [row] = await this.transaction.read(statements.countingCodes, [userId]);
    return row?.count as number;
  }

  override async takeRecoveryCode(userId: string, hash: string): Promise<boolean> {
    return (await this.transaction.write(statements.takingCode, [userId, hash])).length > 0;
  }

  /** GoTrue: a seed that is not encrypted, or with an older key, is brought to the key of today when it is used. */
  async #resealIfStale(factorId: string, stored: string | null): Promise<void> {
    if (stored === null || !this.encryption.isStale(stored)) return;
    const sealed = this.encryption.seal(factorId, this.encryption.open(factorId, stored));
    await this.transaction.write(statements.resealing, [factorId, sealed]);
  }
}

const first = <T>([row]: readonly Row[], read: (row: Row) => T): T | null => (row ? read(row) : null);
