import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireCaller } from '../../steps/require-caller.js';
import { userBody } from '../../wire/user.js';
import { getUser as operation, userConditions } from './user.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'principal' | 'clock' | 'caller'>;

export const getUser: Flow<typeof operation, Needs> = async (_, needs) => {
  requireSameAudience(needs);
  const { user } = await requireCaller(needs);
  return userBody(user);
};

/** GoTrue: an `X-JWT-AUD` header may repeat the token's audience, not choose another. */
export function requireSameAudience({ caller, principal }: Pick<LocalNeeds, 'caller' | 'principal'>): void {
  if (caller.audience !== null && caller.audience !== principal.audience)
    deny(userConditions.audienceMismatch);
}
