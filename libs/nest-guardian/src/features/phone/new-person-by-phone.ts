import type { Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { newAccount } from '../password/new-person.js';

/** Who somebody says they are, who signs up by text. */
export interface NamedByPhone {
  /** E.164 without the plus. */
  readonly phone: string;
  /** Null where they have not chosen a password, so that none fits. */
  readonly passwordHash: string | null;
  readonly data?: Metadata;
  /** Whether the number counts as confirmed without a text. */
  readonly isConfirmed: boolean;
}

/**
 * The account that somebody would get, with its identity. Nothing is written. GoTrue: the number does not stand in
 * the identity before it is changed, and confirming it is not said in the metadata.
 */
export function newPersonByPhone(
  { phone, passwordHash, data, isConfirmed }: NamedByPhone,
  needs: Pick<LocalNeeds, 'tokens' | 'clock'>,
): User {
  const account = newAccount(
    { provider: 'phone', claims: {}, passwordHash, data: withoutEmail(data) },
    needs,
  );
  return { ...account, phone, phoneConfirmedAt: isConfirmed ? account.createdAt : null };
}

/** The address of an identity is one that somebody has proved, and accounts are linked by it. GoTrue takes anybody's. */
function withoutEmail(data: Metadata = {}): Metadata {
  const { email: _, ...rest } = data;
  return rest;
}
