/** Where GoTrue keeps a secret: a user has one of each at most, and a newer one takes the older one's place. */
export type SecretSlot =
  | 'confirmation'
  | 'recovery'
  | 'email_change_new'
  | 'email_change_current'
  | 'phone_change'
  | 'reauthentication';

/** What a secret is good for. GoTrue tells only slots apart; so does its form of keeping them. */
export type SecretKind =
  | 'signup'
  | 'invite'
  | 'sms'
  | 'recovery'
  | 'magiclink'
  | 'email_change_new'
  | 'email_change_current'
  | 'phone_change'
  | 'reauthentication';

export interface NewSecret {
  readonly userId: string;
  readonly slot: SecretSlot;
  readonly kind: SecretKind;
  /** Where it is sent: an e-mail address in lower case, or a number without the plus. */
  readonly address: string;
  /** Hash of what the link carries; as the row will hold it. */
  readonly linkHash: string;
  /** Hash of address and code. */
  readonly codeHash: string;
  /**
   * Whether somebody else may have chosen what is in the account that this proves the address of. Stays true in the
   * slot until it is taken or cleared, whatever is sent again. GoTrue's form keeps nothing of it.
   */
  readonly isContested?: boolean;
  readonly at: Date;
  /** Left out, nothing is too soon; else nothing is written when one was sent to this user's slot after this time. */
  readonly unlessSentAfter?: Date;
}

export interface TakenSecret {
  readonly userId: string;
  readonly slot: SecretSlot;
  /** Where it had been sent, which is all that it proves. */
  readonly address: string;
  readonly isContested?: boolean;
}

interface Wanted {
  /** Any of these hashes; several keys may be in use. */
  readonly hashes: readonly string[];
  readonly slots: readonly SecretSlot[];
  readonly kinds: readonly SecretKind[];
  /** Older ones have expired. */
  readonly issuedAfter: Date;
}

/** Keeps hashes of codes and of what links carry. */
export abstract class OneTimeSecretStore {
  /**
   * Writes the secret in its slot and the time of sending on its user, in one statement.
   * @returns false when one was sent too recently, or the user is gone: of two at once, one is sent
   */
  abstract put(secret: NewSecret): Promise<boolean>;
  /** Looks without taking: it may be gone the moment after. */
  abstract findByLink(wanted: Wanted): Promise<Pick<TakenSecret, 'userId'> | null>;
  /** Takes it out, or null. Of two callers at the same moment, one gets it. */
  abstract takeByLink(wanted: Wanted): Promise<TakenSecret | null>;
  /**
   * Takes it out, or null. A miss counts against what is kept for the address, and after `maxAttempts` of them
   * that can no longer be taken by its code: a caller that denies has to keep what was written. GoTrue's form
   * counts nothing.
   */
  abstract takeByCode(
    wanted: Wanted & { readonly address: string; readonly maxAttempts: number },
  ): Promise<TakenSecret | null>;
  /** Takes out all that a user has, so that nothing mailed before opens anything. */
  abstract clear(userId: string): Promise<void>;
}
