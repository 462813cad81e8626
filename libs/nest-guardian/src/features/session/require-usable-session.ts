import { deny } from '../../core/auth-error.js';
import type { Condition } from '../../core/condition.js';
import type { SessionAndUser } from '../../core/ports/stores.js';
import { requireNotBanned } from '../../steps/require-caller.js';
import { lacksSecondFactor } from '../../steps/session-answer.js';
import type { RefreshNeeds } from './refresh-needs.js';
import { sessionConditions } from './session.contract.js';

/**
 * The person may still sign in, and the session has passed none of its limits. GoTrue's order.
 * @throws userBannedAtRefresh, sessionExpired, sessionInactive, secondFactorOverdue, clientMissing,
 * newerSessionInUse; refreshTokenNotFound for somebody who is deleted
 */
export async function requireUsableSession(
  found: SessionAndUser,
  lastRefreshedAt: Date,
  needs: RefreshNeeds,
): Promise<void> {
  const { user, session } = found;
  if (user.deletedAt !== null) deny(sessionConditions.refreshTokenNotFound);
  requireNotBanned(user, needs.clock.now(), sessionConditions.userBannedAtRefresh);
  const passed = passedLimit(found, lastRefreshedAt, needs);
  if (passed !== null) deny(passed);
  if (session.oauthClientId !== null) deny(sessionConditions.clientMissing);
  if (needs.settings.session.singlePerUser) await requireNewestInUse(found, lastRefreshedAt, needs);
}

/** Which of its limits the session has passed; null for none. */
export function passedLimit(
  { user, session }: SessionAndUser,
  lastRefreshedAt: Date,
  { clock, settings }: Pick<RefreshNeeds, 'clock' | 'settings'>,
): Condition | null {
  const { timebox, inactivityTimeout, allowLowAal } = settings.session;
  const now = clock.now();
  const hasPassed = (since: Date, limit: number) => limit > 0 && now.getTime() > since.getTime() + limit;
  if (session.notAfter !== null && now > session.notAfter) return sessionConditions.sessionExpired;
  if (hasPassed(session.createdAt, timebox)) return sessionConditions.sessionExpired;
  if (hasPassed(lastRefreshedAt, inactivityTimeout)) return sessionConditions.sessionInactive;
  const isOverdue = lacksSecondFactor(session, user) && hasPassed(session.createdAt, allowLowAal);
  return isOverdue ? sessionConditions.secondFactorOverdue : null;
}

/** Race: needs no lock. Of two that are refreshed at once, the one used before the other sees it, either way. */
async function requireNewestInUse(
  { user, session }: SessionAndUser,
  lastRefreshedAt: Date,
  needs: RefreshNeeds,
): Promise<void> {
  const others = (await needs.sessions.findAll(user.id)).filter(({ id }) => id !== session.id);
  const isNewer = others.some((other) => {
    const usedAt = other.refreshedAt ?? other.createdAt;
    return usedAt > lastRefreshedAt && passedLimit({ user, session: other }, usedAt, needs) === null;
  });
  if (isNewer) deny(sessionConditions.newerSessionInUse);
}
