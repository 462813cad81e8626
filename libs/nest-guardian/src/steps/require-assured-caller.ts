import type { Session, User } from '../core/records.js';
import type { LocalNeeds } from './needs.js';
import { requireFactorShown, requireNotLowered } from './require-assurance.js';
import { requireCaller } from './require-caller.js';

export type AssuredNeeds = Pick<LocalNeeds, 'users' | 'principal' | 'clock'> & {
  readonly settings: { readonly mfa: { readonly askAlways: boolean } };
};

/**
 * Looks up the user and session that the bearer token names. The token claims no more than the session has shown, and
 * whoever has a second factor has shown it, where that is asked on every way in.
 * @throws assuranceWithdrawn, secondFactorNeeded, and before them what `requireCaller` throws
 */
export async function requireAssuredCaller(
  needs: AssuredNeeds,
): Promise<{ readonly user: User; readonly session: Session | null }> {
  const { principal, settings } = needs;
  const { user, session } = await requireCaller(needs);
  // A token without a session is as good as whoever signed it says.
  const assured = session ?? principal;
  requireNotLowered(principal, assured);
  if (settings.mfa.askAlways) requireFactorShown(user, assured);
  return { user, session };
}
