import { type NewSecret, OneTimeSecretStore, type TakenSecret } from '../core/ports/one-time-secrets.js';
import {
  clearing,
  emptying,
  findingGotrue,
  puttingGotrue,
  slotOfTokenType,
  takingGotrue,
  tokenTypeOf,
} from './secret-statements.js';
import type { UnitTransaction } from './unit-transaction.js';

type Wanted = Parameters<OneTimeSecretStore['takeByLink']>[0];
type WantedByCode = Parameters<OneTimeSecretStore['takeByCode']>[0];

/** One-time secrets where a GoTrue server looks for them. It knows slots only, and counts no misses. */
export class TypeormGotrueSecretStore extends OneTimeSecretStore {
  constructor(private readonly transaction: UnitTransaction) {
    super();
  }

  override async put(secret: NewSecret): Promise<boolean> {
    const { userId, slot, address, linkHash, at, unlessSentAfter = null } = secret;
    const values = [userId, at, unlessSentAfter, linkHash, address];
    return (await this.transaction.write(puttingGotrue[slot], values)).length > 0;
  }

  override async findByLink({ hashes, slots, issuedAfter }: Wanted) {
    const values = [hashes, slots.map(tokenTypeOf), issuedAfter];
    const [row] = await this.transaction.read(findingGotrue, values);
    return row ? { userId: row.user_id as string } : null;
  }

  override takeByLink(wanted: Wanted): Promise<TakenSecret | null> {
    return this.#take(wanted, null);
  }

  override takeByCode(wanted: WantedByCode): Promise<TakenSecret | null> {
    return this.#take(wanted, wanted.address);
  }

  override async clear(userId: string): Promise<void> {
    await this.transaction.write(emptying, [userId]);
    await this.transaction.write(clearing, [userId]);
  }

  async #take(
    { hashes, slots, issuedAfter }: Omit<Wanted, 'kinds'>,
    address: string | null,
  ): Promise<TakenSecret | null> {
    const values = [hashes, slots.map(tokenTypeOf), issuedAfter, address];
    const [row] = await this.transaction.write(takingGotrue, values);
    if (!row) return null;
    return {
      userId: row.user_id as string,
      slot: slotOfTokenType(row.token_type as string),
      address: row.relates_to as string,
    };
  }
}
