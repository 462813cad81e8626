import type { InputOf, OutputOf } from '../core/operation.js';
import { challengeFactor, enrollFactor, unenrollFactor, verifyFactor } from '../features/mfa/mfa.contract.js';
import {
  countRecoveryCodes,
  makeRecoveryCodes,
  verifyRecoveryCode,
} from '../features/mfa/recovery-codes.contract.js';
import type { Connection } from './connection.js';

type Answer<Op> = Promise<OutputOf<Op>>;

/** A person's second factors, in the name of whoever has the access token. */
export class GoTrueFactors {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Begins to set one up. Seed and picture are told this once. */
  enroll(bearer: string, factor: InputOf<typeof enrollFactor>): Answer<typeof enrollFactor> {
    return this.#connection.request(enrollFactor, factor, { bearer });
  }

  challenge(bearer: string, factor_id: string): Answer<typeof challengeFactor> {
    return this.#connection.request(challengeFactor, { factor_id }, { bearer });
  }

  /** A session at `aal2`, with new tokens. */
  verify(bearer: string, proof: InputOf<typeof verifyFactor>): Answer<typeof verifyFactor> {
    return this.#connection.request(verifyFactor, proof, { bearer });
  }

  unenroll(bearer: string, factor_id: string): Answer<typeof unenrollFactor> {
    return this.#connection.request(unenrollFactor, { factor_id }, { bearer });
  }

  /** Told this once. Not known to a GoTrue server 2.196, like what follows. */
  makeRecoveryCodes(bearer: string): Answer<typeof makeRecoveryCodes> {
    return this.#connection.request(makeRecoveryCodes, {}, { bearer });
  }

  countRecoveryCodes(bearer: string): Answer<typeof countRecoveryCodes> {
    return this.#connection.request(countRecoveryCodes, {}, { bearer });
  }

  verifyRecoveryCode(bearer: string, code: string): Answer<typeof verifyRecoveryCode> {
    return this.#connection.request(verifyRecoveryCode, { code }, { bearer });
  }
}
