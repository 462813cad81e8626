import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Session, User } from '../core/records.js';
import { requireSubject } from '../tokens/principal.js';
import type { LocalNeeds } from './needs.js';

/**
 * Looks up the user and session that the bearer token names, in one statement: both must still be there and
 * the user not banned. A token without a session is a person without a session, as in GoTrue.
 * @throws subjectMissing, subjectNotUuid, userOfTokenNotFound, sessionNotFound, userBanned
 */
export async function requireCaller(
  needs: Pick<LocalNeeds, 'users' | 'principal' | 'clock'>,
): Promise<{ readonly user: User; readonly session: Session | null }> {
  const { principal } = needs;
  requireSubject(principal);
  const found = await needs.users.findWithSession(principal.id, principal.sessionId);
  if (found === null || found.user.deletedAt !== null) deny(common.userOfTokenNotFound);
  const { user, session } = found;
  if (principal.sessionId !== null && session?.userId !== user.id) deny(common.sessionNotFound);
  requireNotBanned(user, needs.clock.now());
  return { user, session };
}

/** @throws userBanned */
export function requireNotBanned(user: User, now: Date, condition = common.userBanned): void {
  if (isBanned(user, now)) deny(condition);
}

export const isBanned = ({ bannedUntil }: User, now: Date): boolean =>
  bannedUntil !== null && bannedUntil > now;
