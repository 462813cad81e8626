import { deny, denyButKeep } from '../../core/auth-error.js';
import type { SessionOfRefreshToken } from '../../core/ports/stores.js';
import { sessionAnswer } from '../../steps/session-answer.js';
import { newHmacKey, newRefreshTokenV1 } from '../../tokens/refresh-token.js';
import type { SessionBody } from '../../wire/session.js';
import { answerReuse, isWithinReuse, note, refuseReuse } from './answer-reuse.js';
import type { RefreshNeeds } from './refresh-needs.js';
import { requireUsableSession } from './require-usable-session.js';
import { sessionConditions } from './session.contract.js';

/** Trades a refresh token of version 1 for its child, or for the first of version 2. */
export async function exchangeStoredToken(token: string, needs: RefreshNeeds): Promise<SessionBody> {
  const found = await needs.sessions.lockByRefreshToken(token);
  if (found === null) deny(sessionConditions.refreshTokenNotFound);
  const { session, presented } = found;
  const [createdAt, tokenAt] = [session.createdAt, presented.updatedAt];
  const startedAt = tokenAt > createdAt ? tokenAt : createdAt;
  await requireUsableSession(found, session.refreshedAt ?? startedAt, needs);
  // GoTrue: once left one behind that was not revoked when its session went over to version 2.
  const isSpent = presented.isRevoked || session.refreshTokenHmacKey !== null;
  return isSpent ? answerToSpentToken(found, needs) : exchange(found, needs);
}

async function exchange(found: SessionOfRefreshToken, needs: RefreshNeeds): Promise<SessionBody> {
  const { user, session, presented } = found;
  const refreshToken = needs.settings.session.refreshTokenVersion === 1 ? newRefreshTokenV1() : undefined;
  const exchanged = await needs.sessions.exchange({
    sessionId: session.id,
    spent: presented.token,
    successor: refreshToken === undefined ? { refreshTokenHmacKey: newHmacKey() } : { refreshToken },
    at: needs.clock.now(),
    ip: needs.caller.address,
    userAgent: needs.caller.userAgent,
  });
  await note('token_refreshed', user, needs);
  await note('token_revoked', user, needs);
  return sessionAnswer({ user, session: exchanged, refreshToken }, needs);
}

/** As in version 2; a session that has gone over to it answers with its newest token of version 2. */
async function answerToSpentToken(found: SessionOfRefreshToken, needs: RefreshNeeds): Promise<SessionBody> {
  const { session, presented, newest } = found;
  const { acceptParentAlways, tolerateReuseOfV1 } = needs.settings.session;
  const isInTime = isWithinReuse(presented.updatedAt, needs);
  if (session.refreshTokenHmacKey !== null) {
    return isInTime ? answerReuse(found, needs) : refuse(found, needs);
  }
  const isAllowed = newest?.isChild ? isInTime || acceptParentAlways : isInTime && !tolerateReuseOfV1;
  if (newest !== null && isAllowed) return answerReuse({ ...found, refreshToken: newest.token }, needs);
  return isInTime && tolerateReuseOfV1 ? exchange(found, needs) : refuse(found, needs);
}

async function refuse(found: SessionOfRefreshToken, needs: RefreshNeeds): Promise<never> {
  const { rotation, tolerateReuseOfV1 } = needs.settings.session;
  if (!tolerateReuseOfV1) return refuseReuse(found, needs);
  if (rotation) await needs.sessions.revokeRefreshTokens(found.session.id, needs.clock.now());
  return denyButKeep(sessionConditions.refreshTokenAlreadyUsed);
}
