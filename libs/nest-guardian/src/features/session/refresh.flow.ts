import { deny } from '../../core/auth-error.js';
import type { Flow } from '../../core/flow.js';
import { sessionAnswer } from '../../steps/session-answer.js';
import { parseRefreshToken, type RefreshTokenV2, verifyRefreshTokenMac } from '../../tokens/refresh-token.js';
import type { SessionBody } from '../../wire/session.js';
import { answerReuse, isWithinReuse, refuseReuse } from './answer-reuse.js';
import { exchangeStoredToken } from './exchange-stored-token.js';
import type { RefreshNeeds } from './refresh-needs.js';
import { requireUsableSession } from './require-usable-session.js';
import { refreshSession as operation, sessionConditions } from './session.contract.js';

export const refreshSession: Flow<typeof operation, RefreshNeeds> = async (input, needs) => {
  const token = parseRefreshToken(input.refresh_token ?? '');
  if (token === null) deny(sessionConditions.refreshTokenInvalid);
  return token.kind === 'v1' ? exchangeStoredToken(token.token, needs) : rotate(token, needs);
};

/** A bad MAC denies and so undoes whatever was counted for it: guessing changes nothing. */
async function rotate(token: RefreshTokenV2, needs: RefreshNeeds): Promise<SessionBody> {
  const { address: ip, userAgent } = needs.caller;
  const rotated = await needs.sessions.rotate({ ...token, at: needs.clock.now(), ip, userAgent });
  if (rotated === null) return answerToSpentToken(token, needs);
  const { session, refreshedBefore } = rotated;
  requireGenuine(token, session.refreshTokenHmacKey);
  await requireUsableSession(rotated, refreshedBefore ?? session.createdAt, needs);
  return sessionAnswer(rotated, needs);
}

function requireGenuine(token: RefreshTokenV2, key: string | null): void {
  if (key === null || !verifyRefreshTokenMac(token, key)) deny(sessionConditions.refreshTokenNotFound);
}

/**
 * The token is not the newest of its session. Soon after the refresh that spent it, it gives the newest again
 * (two tabs, a lost answer); later somebody else holds a copy.
 */
async function answerToSpentToken(token: RefreshTokenV2, needs: RefreshNeeds): Promise<SessionBody> {
  const found = await needs.sessions.findWithUser(token.sessionId, true);
  if (found === null) deny(sessionConditions.refreshTokenNotFound);
  requireGenuine(token, found.session.refreshTokenHmacKey);
  const refreshedAt = found.session.refreshedAt ?? found.session.createdAt;
  await requireUsableSession(found, refreshedAt, needs);
  const behind = (found.session.refreshTokenCounter ?? 0) - token.counter;
  if (behind < 0) deny(sessionConditions.refreshTokenAhead);
  const { allowReuse, acceptParentAlways } = needs.settings.session;
  const isAllowed = allowReuse || (behind <= 1 && acceptParentAlways);
  return isAllowed || isWithinReuse(refreshedAt, needs)
    ? answerReuse(found, needs)
    : refuseReuse(found, needs);
}
