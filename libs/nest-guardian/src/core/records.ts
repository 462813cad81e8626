import type { AssuranceLevel } from './principal.js';

export type Metadata = Record<string, unknown>;

/** A row of `auth.users` with what hangs on it. Times are `Date`s, unset text is null. */
export interface User {
  readonly id: string;
  readonly audience: string;
  readonly role: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly passwordHash: string | null;
  readonly emailConfirmedAt: Date | null;
  readonly phoneConfirmedAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly invitedAt: Date | null;
  readonly confirmationSentAt: Date | null;
  readonly recoverySentAt: Date | null;
  readonly newEmail: string | null;
  readonly emailChangeSentAt: Date | null;
  /** GoTrue: 1 when one of the two mails of a change of address was confirmed. */
  readonly emailChangeStatus: number;
  readonly newPhone: string | null;
  readonly phoneChangeSentAt: Date | null;
  readonly reauthenticationSentAt: Date | null;
  readonly lastSignInAt: Date | null;
  readonly appMetadata: Metadata;
  readonly userMetadata: Metadata;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly bannedUntil: Date | null;
  readonly deletedAt: Date | null;
  readonly isAnonymous: boolean;
  readonly isSsoUser: boolean;
  readonly identities: readonly Identity[];
  readonly factors: readonly Factor[];
}

export interface Identity {
  readonly id: string;
  readonly userId: string;
  readonly provider: string;
  /** The subject at the provider; for `email` and `phone` the user's own id. */
  readonly providerId: string;
  readonly identityData: Metadata;
  readonly email: string | null;
  readonly lastSignInAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Factor {
  readonly id: string;
  readonly userId: string;
  readonly friendlyName: string | null;
  readonly factorType: 'totp' | 'phone' | 'webauthn';
  readonly status: 'unverified' | 'verified';
  readonly phone: string | null;
  readonly lastChallengedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A row of `auth.sessions` with its `amr` claims, newest first. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly refreshedAt: Date | null;
  readonly notAfter: Date | null;
  readonly aal: AssuranceLevel;
  readonly factorId: string | null;
  readonly userAgent: string | null;
  readonly ip: string | null;
  readonly tag: string | null;
  /** The client of our OAuth server that the session was opened for; null for an ordinary one. */
  readonly oauthClientId: string | null;
  /**
   * Base64url of 32 bytes, already decrypted. Null where refresh tokens are of version 1, and in sessions that
   * were not looked up by `SessionStore`.
   */
  readonly refreshTokenHmacKey: string | null;
  readonly refreshTokenCounter: number | null;
  readonly amr: readonly { readonly method: string; readonly at: Date }[];
}
