import {
  type NewSecret,
  OneTimeSecretStore,
  type SecretSlot,
  type TakenSecret,
} from '../core/ports/one-time-secrets.js';
import { isSameText } from '../tokens/same-text.js';
import {
  clearing,
  counting,
  emptying,
  findingByLink,
  putting,
  takingByLink,
  takingCounted,
} from './secret-statements.js';
import type { Row, UnitTransaction } from './unit-transaction.js';

type Wanted = Parameters<OneTimeSecretStore['takeByLink']>[0];
type WantedByCode = Parameters<OneTimeSecretStore['takeByCode']>[0];

/** One-time secrets in `auth.guardian_one_time_secrets`. */
export class TypeormSecretStore extends OneTimeSecretStore {
  constructor(private readonly transaction: UnitTransaction) {
    super();
  }

  override async put(secret: NewSecret): Promise<boolean> {
    const { userId, slot, kind, address, linkHash, codeHash, at } = secret;
    const { unlessSentAfter = null, isContested = false } = secret;
    const values = [userId, at, unlessSentAfter, kind, address, linkHash, codeHash, isContested];
    return (await this.transaction.write(putting[slot], values)).length > 0;
  }

  override async findByLink({ hashes, slots, kinds, issuedAfter }: Wanted) {
    const [row] = await this.transaction.read(findingByLink, [hashes, slots, kinds, issuedAfter]);
    return row ? { userId: row.user_id as string } : null;
  }

  override async takeByLink({ hashes, slots, kinds, issuedAfter }: Wanted): Promise<TakenSecret | null> {
    const [row] = await this.transaction.write(takingByLink, [hashes, slots, kinds, issuedAfter]);
    return row ? toTaken(row) : null;
  }

  override async takeByCode(wanted: WantedByCode): Promise<TakenSecret | null> {
    const { address, slots, kinds, issuedAfter, maxAttempts } = wanted;
    const values = [address, slots, kinds, issuedAfter, maxAttempts];
    const counted = await this.transaction.write(counting, values);
    // Two people may be about to take over one address, and a code for tests is the same for both.
    const [fitting] = counted
      .filter(({ code_hash: kept }) => wanted.hashes.some((hash) => isSameText(hash, kept as string)))
      .toSorted((one, other) => Number(other.created_at) - Number(one.created_at));
    if (!fitting) return null;
    const [row] = await this.transaction.write(takingCounted, [fitting.user_id, fitting.slot]);
    return toTaken(row as Row);
  }

  override async clear(userId: string): Promise<void> {
    await this.transaction.write(emptying, [userId]);
    await this.transaction.write(clearing, [userId]);
  }
}

const toTaken = (row: Row): TakenSecret => ({
  userId: row.user_id as string,
  slot: row.slot as SecretSlot,
  address: row.address as string,
  ...(row.is_contested === true && { isContested: true }),
});
