import { randomUUID } from 'node:crypto';
import { isAuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import type { Operation } from '../../libs/nest-guardian/src/core/operation.js';
import {
  challengeFactor,
  enrollFactor,
  type EnrollmentBody,
  verifyFactor,
} from '../../libs/nest-guardian/src/features/mfa/mfa.contract.js';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import type { SessionBody } from '../../libs/nest-guardian/src/wire/session.js';
import { claimsOf, type SessionBench } from './session-bench.js';

export type Totp = NonNullable<EnrollmentBody['totp']>;

export interface TotpFactor extends Totp {
  readonly id: string;
}

/** Somebody with a session, and what they do with second factors. */
export class FactorPerson {
  constructor(
    private readonly bench: SessionBench,
    public session: SessionBody,
    private readonly address = '127.0.0.1',
  ) {}

  ask<I, O>(operation: Operation<I, O>, input: I): Promise<O> {
    const { access_token: bearer } = this.session;
    return this.bench.ask(operation, input, { ...this.bench.caller, bearer, address: this.address });
  }

  /** `'422 mfa_verification_failed'`, or `'done'`. */
  async said<I, O>(operation: Operation<I, O>, input: I): Promise<string> {
    try {
      await this.ask(operation, input);
      return 'done';
    } catch (error) {
      if (!isAuthError(error)) throw error;
      return `${error.status} ${error.code}`;
    }
  }

  from(address: string): FactorPerson {
    return new FactorPerson(this.bench, this.session, address);
  }

  async enroll(friendly_name: string = randomUUID()): Promise<TotpFactor> {
    const { id, totp } = await this.ask(enrollFactor, { factor_type: 'totp', friendly_name });
    return { id, ...(totp as Totp) };
  }

  async challenge({ id: factor_id }: Pick<TotpFactor, 'id'>): Promise<string> {
    return (await this.ask(challengeFactor, { factor_id })).id;
  }

  code({ secret }: TotpFactor): string {
    return totpAt(secret, this.bench.clock.now());
  }

  /** Gives this code, or the right one, to a new challenge. */
  async give(factor: TotpFactor, code = this.code(factor)): Promise<string> {
    const challenge_id = await this.challenge(factor);
    return this.said(verifyFactor, { factor_id: factor.id, challenge_id, code });
  }

  async verify(factor: TotpFactor, code = this.code(factor)): Promise<void> {
    const challenge_id = await this.challenge(factor);
    this.session = await this.ask(verifyFactor, { factor_id: factor.id, challenge_id, code });
  }

  /** Enrols and verifies; a moment later, so that the next code is another one. */
  async protect(): Promise<TotpFactor> {
    const factor = await this.enroll();
    await this.verify(factor);
    this.bench.clock.advance('30s');
    return factor;
  }

  get claims() {
    return claimsOf(this.session) as unknown as {
      aal: string;
      amr: { method: string }[];
      session_id: string;
    };
  }
}

export const person = async (bench: SessionBench): Promise<FactorPerson> =>
  new FactorPerson(bench, await bench.signUp());

/** One more session of the same person. */
export const elsewhere = async (bench: SessionBench, { session }: FactorPerson): Promise<FactorPerson> =>
  new FactorPerson(bench, await bench.signIn(session));

/** A code of six digits that is none of those that are good now, but for one case in a hundred thousand. */
export const wrong = (right: string): string =>
  String((Number(right) + 500_000) % 1_000_000).padStart(6, '0');
