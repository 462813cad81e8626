import { assuranceChanged } from '../core/event.js';
import type { Factor } from '../core/records.js';
import type { LocalNeeds } from './needs.js';

/** GoTrue's names of the kinds in `amr`. */
const methodOf = { totp: 'totp', phone: 'mfa/phone', webauthn: 'mfa/webauthn' } as const;

/**
 * Takes a factor away. Sessions that it raised fall back to aal1 at once, and with the last verified factor the
 * recovery codes go, which would otherwise be waiting for the next one.
 * @returns the factor that is gone now, or null where it was gone already
 */
export async function removeFactor(
  { id, userId }: Pick<Factor, 'id' | 'userId'>,
  needs: Pick<LocalNeeds, 'users' | 'sessions' | 'factors' | 'clock' | 'announce'>,
): Promise<Factor | null> {
  const removed = await needs.factors.delete(userId, id);
  if (removed === null) return null;
  await needs.sessions.lower(removed, methodOf[removed.factorType]);
  const user = await needs.users.findById(userId);
  const isProtected = user?.factors.some(({ status }) => status === 'verified') ?? false;
  if (!isProtected) await needs.factors.replaceRecoveryCodes(userId, [], needs.clock.now());
  needs.announce(assuranceChanged, { userId });
  return removed;
}
