import type { Factor, Identity, Metadata, Session, User } from '../records.js';

export type NewUser = Pick<
  User,
  | 'id'
  | 'audience'
  | 'role'
  | 'email'
  | 'phone'
  | 'passwordHash'
  | 'appMetadata'
  | 'userMetadata'
  | 'isAnonymous'
> & { readonly emailConfirmedAt?: Date | null; readonly phoneConfirmedAt?: Date | null; readonly at: Date };

export type UserChange = Partial<
  Pick<
    User,
    | 'email'
    | 'phone'
    | 'role'
    | 'passwordHash'
    | 'emailConfirmedAt'
    | 'phoneConfirmedAt'
    | 'appMetadata'
    | 'isAnonymous'
    | 'bannedUntil'
    | 'invitedAt'
    | 'newEmail'
    | 'emailChangeStatus'
    | 'newPhone'
    | 'confirmationSentAt'
    | 'recoverySentAt'
    | 'emailChangeSentAt'
    | 'phoneChangeSentAt'
    | 'reauthenticationSentAt'
  >
> & {
  /** Goes into what is there, one level deep; a null takes the key away. Several may write at once. */
  readonly userMetadataMerge?: Metadata;
};

export interface UserWithSession {
  readonly user: User;
  /** Null when it was not asked for, or is gone. */
  readonly session: Session | null;
}

/** Which users, and which page of them. */
export interface UserQuery {
  readonly audience: string;
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
  readonly newestFirst: boolean;
  /** GoTrue: part of an address, or of `user_metadata.full_name` in any case. */
  readonly filter?: string;
  /** The whole address, in lower case. */
  readonly email?: string;
  readonly status?: 'confirmed' | 'unconfirmed' | 'banned' | 'anonymous' | 'deleted';
  readonly now: Date;
}

export interface UserPage {
  readonly users: readonly User[];
  /** How many there are on all pages. */
  readonly total: number;
}

/** Reads and writes users. Writing opens the unit of work; reading alone never does. */
export abstract class UserStore {
  abstract findById(id: string): Promise<User | null>;
  /** Among users who do not come from single sign-on, as GoTrue looks people up. The address is in lower case. */
  abstract findByEmail(email: string, audience: string): Promise<User | null>;
  abstract findByPhone(phone: string, audience: string): Promise<User | null>;
  abstract list(query: UserQuery): Promise<UserPage>;
  /** With all that hangs on it. @returns whether there was one */
  abstract delete(id: string): Promise<boolean>;
  /**
   * Keeps the row and takes away all that says who it was, as GoTrue does: addresses and identities become hashes,
   * metadata, factors, sessions and secrets go.
   */
  abstract softDelete(user: User, at: Date): Promise<void>;
  /** As `findById`, and holds the user until the unit of work ends: whoever links or unlinks waits. */
  abstract hold(id: string): Promise<User | null>;
  /**
   * As `hold`, the one who has this identity at the provider. Of those who come with the same identity at once, whether
   * anybody has it or not, one goes on, and the others when its unit of work has ended.
   */
  abstract holdByIdentity(provider: string, providerId: string): Promise<User | null>;
  /**
   * Those who may say that this address, in lower case, is theirs: whose own it is, confirmed or not, and confirmed people
   * with an identity that has it and whose provider has verified it. Nobody from single sign-on.
   */
  abstract findAllByEmail(email: string): Promise<readonly User[]>;
  /** What the identity's provider says of the person now takes the place of what it said. */
  abstract replaceIdentityData(
    identity: Pick<Identity, 'id' | 'userId'>,
    change: { readonly data: Metadata; readonly at: Date },
  ): Promise<void>;
  /** Takes an identity from its user. */
  abstract deleteIdentity(identity: Pick<Identity, 'id' | 'userId'>): Promise<void>;
  /** User and session in one statement. */
  abstract findWithSession(userId: string, sessionId: string | null): Promise<UserWithSession | null>;
  /** @returns null when the address or number is taken; of two at once, one gets it. */
  abstract insert(user: NewUser): Promise<User | null>;
  /** @returns null when somebody has it already; of two at once, one gets it. */
  abstract insertIdentity(identity: {
    readonly userId: string;
    readonly provider: string;
    readonly providerId: string;
    readonly identityData: Metadata;
    readonly at: Date;
  }): Promise<Identity | null>;
  /** Merges into the data of the user's identity at this provider, one level deep. @returns null where there is none */
  abstract mergeIdentityData(
    userId: string,
    provider: string,
    change: { readonly data: Metadata; readonly at: Date },
  ): Promise<Identity | null>;
  /** Says of the user's identities with this address, in lower case, that it is verified. */
  abstract verifyIdentities(userId: string, email: string, at: Date): Promise<void>;
  /**
   * Takes from a user what somebody may have put there before the address was theirs: password, factors, passkeys,
   * identities, the number, changes under way. Sessions and one-time secrets are for others to end. What is given
   * as metadata takes the place of theirs; `keptIdentityId` is the one that has just been proved.
   */
  abstract clearUnproved(
    userId: string,
    left: { readonly userMetadata: Metadata; readonly keptIdentityId?: string; readonly at: Date },
  ): Promise<void>;
  /** The one who has asked to have this number from now on; of several, the one who asked last. */
  abstract findByNewPhone(phone: string, audience: string): Promise<User | null>;
  /** @returns the user as it is now, or null when the address or number is taken or the user is gone. */
  abstract update(id: string, change: UserChange, at: Date): Promise<User | null>;
  /**
   * Writes `to` where the user's hash still is `from`. A password changed meanwhile stays as it is.
   * @returns whether it was written
   */
  abstract replacePasswordHash(id: string, from: string, to: string): Promise<boolean>;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly at: Date;
  readonly userAgent: string | null;
  readonly ip: string | null;
  /** For refresh tokens of version 2. Encrypted at rest where the store has a key. */
  readonly refreshTokenHmacKey: string | null;
  /** The first refresh token of version 1, which gets a row. */
  readonly refreshToken?: string;
  /** The way the person proved who they are, which becomes the first `amr` row. */
  readonly method: string;
  /** The hash that the person's password was compared with; nobody who has another one now gets the session. */
  readonly passwordHash?: string | null;
}

export interface Rotation {
  readonly sessionId: string;
  /** The counter that the presented token carries; rotation happens only if it is the newest. */
  readonly counter: number;
  readonly at: Date;
  readonly userAgent: string | null;
  readonly ip: string | null;
  /** The id of the audit row; null for no row, left out for an id that the database makes. */
  readonly auditId?: string | null;
}

export interface SessionAndUser {
  readonly session: Session;
  readonly user: User;
}

export interface RotatedSession extends SessionAndUser {
  /** When the session was refreshed before this time. */
  readonly refreshedBefore: Date | null;
}

export interface SessionOfRefreshToken extends SessionAndUser {
  /** What the row of the token says. */
  readonly presented: { readonly token: string; readonly isRevoked: boolean; readonly updatedAt: Date };
  /** The session's newest token that is not revoked, and whether it is what the presented one was traded for. */
  readonly newest: { readonly token: string; readonly isChild: boolean } | null;
}

export interface Exchange {
  readonly sessionId: string;
  readonly spent: string;
  /** What replaces the token: its child of version 1, or a key, with which the session goes over to version 2. */
  readonly successor: { readonly refreshToken: string } | { readonly refreshTokenHmacKey: string };
  readonly at: Date;
  readonly userAgent: string | null;
  readonly ip: string | null;
}

/** Reads and writes sessions. */
export abstract class SessionStore {
  /**
   * Writes the session and, on its user, when they signed in. One statement.
   * @returns null when the user is gone, or has another password by now
   */
  abstract open(session: NewSession): Promise<SessionAndUser | null>;
  /** The session with its user in one statement; `lock` holds the session's row until the unit of work ends. */
  abstract findWithUser(sessionId: string, lock: boolean): Promise<SessionAndUser | null>;
  /** Raises the session to aal2: a further method, a refresh token whose forerunner is no good any more. */
  abstract raise(proof: {
    readonly sessionId: string;
    readonly factorId: string;
    /** GoTrue's name of the factor: `totp`. */
    readonly method: string;
    readonly at: Date;
    /** The new refresh token of version 1; a session that has those of version 2 needs none and passes it by. */
    readonly refreshToken?: string;
    /**
     * A new key for refresh tokens of version 2. With it, no refresh token from before is known any more, of neither
     * version; without it, they are merely spent.
     */
    readonly refreshTokenHmacKey?: string;
  }): Promise<SessionAndUser | null>;
  /**
   * Sessions that this factor raised fall back to aal1. Comes after the factor is deleted: of those who raise theirs
   * at the same moment, none is missed.
   */
  abstract lower(factor: Pick<Factor, 'id' | 'userId'>, method: string): Promise<void>;
  /** Every session of the user. */
  abstract findAll(userId: string): Promise<Session[]>;
  /**
   * Counts up and returns session and user, if the counter was the newest; null otherwise. One statement,
   * the audit row included. The caller verifies the token's MAC with the returned key and denies if it is bad,
   * which undoes this.
   */
  abstract rotate(rotation: Rotation): Promise<RotatedSession | null>;
  /**
   * The session that a refresh token of version 1 belongs to. Its row is held until the unit of work ends: of
   * those who come with tokens of one session, one after another reads.
   */
  abstract lockByRefreshToken(token: string): Promise<SessionOfRefreshToken | null>;
  /** Revokes the spent token and writes its successor. A session that goes over to version 2 keeps no other. */
  abstract exchange(exchange: Exchange): Promise<Session>;
  /** Revokes the session's tokens of version 1; the session stays. */
  abstract revokeRefreshTokens(sessionId: string, at: Date): Promise<void>;
  /** Ends one session, tokens and all. @returns whether there was one */
  abstract end(sessionId: string): Promise<boolean>;
  /**
   * Ends every session of the user but `except`, and what is under way to open another: ways to an identity provider by
   * which they would get one more way in, and codes from there that nobody has traded yet.
   * @returns the ended ones' ids
   */
  abstract endAll(userId: string, except?: string): Promise<string[]>;
}

/** Who did it: a user, or an administrator, who may be nobody in the tables. */
export type Actor = Pick<User, 'id' | 'email' | 'phone' | 'userMetadata' | 'isSsoUser'>;

export interface AuditEntry {
  /** Of the row; left out, one is made. */
  readonly id?: string;
  readonly actor: Actor;
  readonly action: string;
  readonly logType: 'account' | 'team' | 'token' | 'user' | 'factor';
  readonly traits?: Metadata;
  readonly at: Date;
  /** The caller's address, which GoTrue notes for what is done to factors. */
  readonly ip?: string | null;
}

/** A row of `auth.audit_log_entries` as GoTrue's API shows it. */
export interface AuditRow {
  readonly id: string;
  readonly payload: Metadata;
  readonly createdAt: Date;
  readonly ip: string;
}

export interface AuditQuery {
  readonly page: number;
  readonly perPage: number;
  /** Part of the actor's name or address, of the action, or of the type, in any case. */
  readonly search?: { readonly field: 'author' | 'action' | 'type'; readonly text: string };
}

/** Writes `auth.audit_log_entries`, inside the unit of work, with GoTrue's payloads. */
export abstract class AuditStore {
  abstract record(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  abstract list(query: AuditQuery): Promise<{ readonly rows: readonly AuditRow[]; readonly total: number }>;
}
