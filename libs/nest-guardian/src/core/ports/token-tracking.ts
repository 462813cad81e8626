/** A token that has a row. */
export interface TrackedToken {
  /** The `jti` claim, a UUID. */
  readonly id: string;
  readonly profile: string;
  /** The first token of the line that this one comes of; its own id for the first. */
  readonly familyId: string;
  readonly parentId: string | null;
  /** The session of a person that it dies with. */
  readonly sessionId: string | null;
  readonly subject: string;
  readonly type: string;
  /** When it can be neither shown nor refreshed any more. */
  readonly expiresAt: Date;
}

/** `missing` has no row; `orphaned` has lost the session that it is bound to. */
export type TokenState =
  | { readonly kind: 'active' | 'revoked' | 'missing' | 'orphaned' }
  | { readonly kind: 'used'; readonly at: Date };

/** Which token is meant. The subject orders those who change what it has. */
export interface TokenName {
  readonly id: string;
  readonly profile: string;
  readonly subject: string;
}

export interface Derivation {
  readonly from: TokenName;
  /** Null where the new token has no row. */
  readonly next: TrackedToken | null;
  /** Whether `from` is good for nothing afterwards. */
  readonly spends: boolean;
  readonly at: Date;
}

/** Everything that a subject has of a profile. */
export interface AllOf {
  readonly profile: string;
  readonly subject: string;
  /** Only tokens of this type; left out, tokens of every type and one-time tokens. */
  readonly type?: string;
  /** A token, or a family, that stays. */
  readonly except?: string;
  readonly at: Date;
}

export interface OneTimeToken {
  readonly hash: string;
  readonly profile: string;
  readonly purpose: string;
  readonly subject: string;
  /** JSON. */
  readonly data: unknown;
  readonly expiresAt: Date;
}

/** Remembers tokens of an application's own, so that they can be taken back. Every call stays when it returns. */
export abstract class TokenTracking {
  /** Writes a row; false when the session it is bound to is not open. */
  abstract add(token: TrackedToken, at: Date): Promise<boolean>;
  abstract stateOf(token: Pick<TokenName, 'id' | 'profile'>, at: Date): Promise<TokenState>;
  /**
   * Makes a token of another that is active, or does nothing. Of many who spend one at the same moment, one does; and
   * no token is made of one that is being revoked at the same moment.
   */
  abstract derive(derivation: Derivation): Promise<boolean>;
  /** Revokes the token and what was made of it, at the same moment too; not what it was made of. */
  abstract revoke(token: TokenName, at: Date): Promise<void>;
  /** Revokes the token's whole line, those made at the same moment among them. */
  abstract revokeFamily(
    token: Omit<TokenName, 'id'> & { readonly familyId: string },
    at: Date,
  ): Promise<void>;
  /** @returns how many there were */
  abstract revokeAll(all: AllOf): Promise<number>;
  abstract putOneTime(token: OneTimeToken): Promise<void>;
  /** Takes it out, or null. Of many at the same moment, one gets it. */
  abstract takeOneTime(
    wanted: Pick<OneTimeToken, 'hash' | 'profile' | 'purpose'>,
    at: Date,
  ): Promise<Pick<OneTimeToken, 'subject' | 'data'> | null>;
}
