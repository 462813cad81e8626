import type { Factor } from '../records.js';

/** A factor with what proves it. */
export interface FactorWithSecret extends Factor {
  /** The seed in base32, already decrypted; null where the factor has none. */
  readonly secret: string | null;
}

export interface NewFactor {
  readonly id: string;
  readonly userId: string;
  readonly friendlyName: string;
  readonly factorType: 'totp';
  /** In base32; encrypted at rest where the store has a key. */
  readonly secret: string;
  readonly at: Date;
}

/** A row of `auth.mfa_challenges`. */
export interface Challenge {
  readonly id: string;
  readonly factorId: string;
  readonly createdAt: Date;
  readonly verifiedAt: Date | null;
  readonly ip: string | null;
}

/** Second factors, their challenges, and the codes for those who have lost theirs. */
export abstract class FactorStore {
  /** @returns null when the person has one of this name; of two at once, one gets it */
  abstract insert(factor: NewFactor): Promise<Factor | null>;
  abstract find(userId: string, factorId: string): Promise<FactorWithSecret | null>;
  /** Takes away unverified factors of everybody that are older and were never challenged. GoTrue does so at each enrolment. */
  abstract purgeUnverified(before: Date): Promise<void>;
  /** @returns the factor as it is now, or null where the user has none of this id, or another of this name or number */
  abstract update(
    userId: string,
    factorId: string,
    change: { readonly friendlyName?: string; readonly phone?: string; readonly at: Date },
  ): Promise<Factor | null>;
  /** Marks it as verified and takes away the person's other unverified ones of its kind. */
  abstract confirm(factor: Factor, at: Date): Promise<void>;
  /** @returns the factor that is gone now, or null */
  abstract delete(userId: string, factorId: string): Promise<Factor | null>;

  /** @returns false where the factor is gone */
  abstract challenge(challenge: Omit<Challenge, 'verifiedAt'>): Promise<boolean>;
  abstract findChallenge(factorId: string, challengeId: string): Promise<Challenge | null>;
  /** Marks it as used, once. @returns whether it was not yet: of two at the same moment, one gets true */
  abstract useChallenge(challengeId: string, at: Date): Promise<boolean>;

  /**
   * Notes that this time step of the factor was accepted. RFC 6238 5.2: a code is accepted once.
   * @returns false when this or a later one was accepted before; of many at once, one gets true
   */
  abstract acceptStep(factorId: string, step: number): Promise<boolean>;

  /** Replaces the person's recovery codes by these hashes. */
  abstract replaceRecoveryCodes(userId: string, hashes: readonly string[], at: Date): Promise<void>;
  /** How many are left. */
  abstract countRecoveryCodes(userId: string): Promise<number>;
  /** Takes one out. Of two callers with the same code at the same moment, one gets true. */
  abstract takeRecoveryCode(userId: string, hash: string): Promise<boolean>;
}
