import { deny, denyButKeep } from '../../core/auth-error.js';
import { sessionsEnded } from '../../core/event.js';
import type { Flow } from '../../core/flow.js';
import type { Session, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { requireNotBanned } from '../../steps/require-caller.js';
import { sessionAnswer } from '../../steps/session-answer.js';
import { parseRefreshToken, type RefreshTokenV2, verifyRefreshTokenMac } from '../../tokens/refresh-token.js';
import type { SessionBody } from '../../wire/session.js';
import { refreshSession as operation, sessionConditions } from './session.contract.js';
import type { SessionSettings } from './session.options.js';

type Needs = Pick<LocalNeeds, 'sessions' | 'audit' | 'tokens' | 'clock' | 'caller' | 'announce'> & {
  readonly settings: { readonly session: SessionSettings };
};

interface Opened {
  readonly session: Session;
  readonly user: User;
}

export const refreshSession: Flow<typeof operation, Needs> = async (input, needs) => {
  const token = requireRefreshToken(input.refresh_token ?? '');
  const { address: ip, userAgent } = needs.caller;
  const rotated = await needs.sessions.rotate({ ...token, at: needs.clock.now(), ip, userAgent });
  if (rotated === null) return answerToSpentToken(token, needs);
  requireGenuine(token, rotated, needs);
  return sessionAnswer(rotated.user, rotated.session, needs);
};

/** Judges the form only, without a look at the database. */
function requireRefreshToken(text: string): RefreshTokenV2 {
  const token = parseRefreshToken(text);
  if (token === null) deny(sessionConditions.refreshTokenInvalid);
  if (token.kind === 'v1') deny(sessionConditions.refreshTokenNotFound);
  return token;
}

/** A bad MAC denies and so undoes whatever was counted for it: guessing changes nothing. */
function requireGenuine(token: RefreshTokenV2, { session, user }: Opened, { clock }: Needs): void {
  const key = session.refreshTokenHmacKey;
  if (key === null || !verifyRefreshTokenMac(token, key)) deny(sessionConditions.refreshTokenNotFound);
  if (user.deletedAt !== null) deny(sessionConditions.refreshTokenNotFound);
  requireNotBanned(user, clock.now(), sessionConditions.userBannedAtRefresh);
}

/**
 * The token is not the newest of its session. Soon after the refresh that spent it, it gives the newest again
 * (two tabs, a lost answer); later somebody else holds a copy, and the session ends.
 */
async function answerToSpentToken(token: RefreshTokenV2, needs: Needs): Promise<SessionBody> {
  const found = await needs.sessions.findWithUser(token.sessionId, true);
  if (found === null) deny(sessionConditions.refreshTokenNotFound);
  requireGenuine(token, found, needs);
  const behind = (found.session.refreshTokenCounter ?? 0) - token.counter;
  if (behind < 0) deny(sessionConditions.refreshTokenInvalid);
  if (!isInTime(behind, found.session, needs)) return endAfterReuse(found, needs);
  await needs.audit.record({ ...auditOf(found, needs), action: 'token_refreshed' });
  return sessionAnswer(found.user, found.session, needs);
}

function isInTime(behind: number, session: Session, { clock, settings }: Needs): boolean {
  const { reuseInterval, acceptParentAlways } = settings.session;
  const refreshedAt = session.refreshedAt ?? session.createdAt;
  return (
    clock.now().getTime() - refreshedAt.getTime() <= reuseInterval || (behind <= 1 && acceptParentAlways)
  );
}

async function endAfterReuse(found: Opened, needs: Needs): Promise<never> {
  const { user, session } = found;
  await needs.sessions.end(session.id);
  await needs.audit.record({ ...auditOf(found, needs), action: 'token_revoked' });
  needs.announce(sessionsEnded, { userId: user.id, sessionIds: [session.id] });
  return denyButKeep(sessionConditions.refreshTokenAlreadyUsed);
}

const auditOf = ({ user }: Opened, { clock }: Needs) =>
  ({ actor: user, logType: 'token', at: clock.now() }) as const;
