import { deny } from '../core/auth-error.js';
import { conditions } from '../core/condition.js';
import type { AssuranceLevel, Principal } from '../core/principal.js';
import type { Factor, Session } from '../core/records.js';

/** What is said to those who have proved too little, or too long ago. */
export const assuranceConditions = conditions({
  secondFactorNeeded: {
    code: 'insufficient_aal',
    status: 403,
    message: 'A second factor is set up and has not been shown in this session',
  },
  assuranceTooLow: {
    code: 'insufficient_aal',
    status: 403,
    message: (level) => `This action needs a session at ${level}`,
  },
  assuranceWithdrawn: {
    code: 'bad_jwt',
    status: 403,
    applicationStatus: 401,
    message: 'invalid claim: aal is higher than that of the session',
  },
  freshProofNeeded: {
    code: 'reauthentication_needed',
    status: 403,
    message: 'This action needs a sign-in, or a second factor, of a moment ago',
  },
});

const levels: readonly AssuranceLevel[] = ['aal1', 'aal2', 'aal3'];

export const isAssuranceLevel = (name: unknown): name is AssuranceLevel =>
  levels.includes(name as AssuranceLevel);

const isBelow = (one: AssuranceLevel, other: AssuranceLevel): boolean =>
  levels.indexOf(one) < levels.indexOf(other);

/** Of a session, as far as it is judged here. */
type Assured = Pick<Session, 'aal'>;

/** Whoever has a second factor has shown it in this session. @throws secondFactorNeeded */
export function requireFactorShown(
  { factors }: { readonly factors: readonly Pick<Factor, 'status'>[] },
  { aal }: Assured,
): void {
  const hasFactor = factors.some(({ status }) => status === 'verified');
  if (hasFactor && aal === 'aal1') deny(assuranceConditions.secondFactorNeeded);
}

/**
 * The token claims no more than the session has: the factor that raised it may be gone since. @throws assuranceWithdrawn
 */
export function requireNotLowered({ aal }: Principal, session: Assured): void {
  if (isBelow(session.aal, aal)) deny(assuranceConditions.assuranceWithdrawn);
}

/** @throws assuranceTooLow */
export function requireAal({ aal }: Principal, level: AssuranceLevel): void {
  if (isBelow(aal, level)) deny(assuranceConditions.assuranceTooLow, { value: level });
}

/** The newest proof is at most so old, in milliseconds; where no proof is known, none is new. @throws freshProofNeeded */
export function requireFresh({ amr }: Principal, age: number, now: Date): void {
  const provedAt = Math.max(...amr.map(({ timestamp }) => timestamp));
  if (!(Math.floor(now.getTime() / 1000) - provedAt <= age / 1000))
    deny(assuranceConditions.freshProofNeeded);
}
