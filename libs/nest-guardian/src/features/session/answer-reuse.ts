import { denyButKeep } from '../../core/auth-error.js';
import { sessionsEnded } from '../../core/event.js';
import type { SessionAndUser } from '../../core/ports/stores.js';
import type { User } from '../../core/records.js';
import { type OpenSession, sessionAnswer } from '../../steps/session-answer.js';
import type { SessionBody } from '../../wire/session.js';
import type { RefreshNeeds } from './refresh-needs.js';
import { sessionConditions } from './session.contract.js';

/** Whether a token that was spent then may still be shown. */
export const isWithinReuse = (spentAt: Date, { clock, settings }: RefreshNeeds): boolean =>
  clock.now().getTime() - spentAt.getTime() < settings.session.reuseInterval;

/** Gives the newest refresh token again. This is no refresh: it prolongs neither the session nor the interval. */
export async function answerReuse(open: OpenSession, needs: RefreshNeeds): Promise<SessionBody> {
  await note('token_refreshed', open.user, needs);
  return sessionAnswer(open, needs);
}

/** Somebody else holds a copy, and it cannot be told who: with rotation nobody keeps the session. */
export async function refuseReuse({ user, session }: SessionAndUser, needs: RefreshNeeds): Promise<never> {
  if (needs.settings.session.rotation) {
    await needs.sessions.end(session.id);
    await note('token_revoked', user, needs);
    needs.announce(sessionsEnded, { userId: user.id, sessionIds: [session.id] });
  }
  return denyButKeep(sessionConditions.refreshTokenAlreadyUsed);
}

/** Writes the audit row. */
export const note = (action: string, actor: User, { audit, clock }: RefreshNeeds): Promise<void> =>
  audit.record({ actor, action, logType: 'token', at: clock.now() });
