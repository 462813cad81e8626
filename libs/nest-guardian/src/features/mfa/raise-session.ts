import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { assuranceChanged, sessionsEnded } from '../../core/event.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { type AnswerSettings, sessionAnswer } from '../../steps/session-answer.js';
import { newHmacKey, newRefreshTokenV1 } from '../../tokens/refresh-token.js';
import type { SessionBody } from '../../wire/session.js';
import type { MfaSettings } from './mfa.options.js';
import type { Asking } from './require-factor.js';

export interface Proof {
  /** The factor that was shown, or that something else stood in for: with it, the session falls back. */
  readonly factorId: string;
  /** What stands in `amr`. */
  readonly method: string;
}

export type RaiseNeeds = Pick<LocalNeeds, 'sessions' | 'tokens' | 'clock' | 'announce'> & {
  readonly settings: AnswerSettings & { readonly mfa: Pick<MfaSettings, 'retireRefreshTokens'> };
};

/** Raises the session to aal2, with new tokens, and ends the person's sessions that are below. */
export async function raiseSession(
  { user, session }: Asking,
  { factorId, method }: Proof,
  needs: RaiseNeeds,
): Promise<SessionBody> {
  const refreshToken = newRefreshTokenV1();
  const raised = await needs.sessions.raise({
    sessionId: session.id,
    factorId,
    method,
    at: needs.clock.now(),
    refreshToken,
    refreshTokenHmacKey: needs.settings.mfa.retireRefreshTokens ? newHmacKey() : undefined,
  });
  // Race: it was ended while the proof was judged.
  if (raised === null) deny(common.sessionNotFound);
  const below = (await needs.sessions.findAll(user.id)).filter(({ aal }) => aal === 'aal1');
  for (const { id } of below) await needs.sessions.end(id);
  if (below.length > 0) {
    needs.announce(sessionsEnded, { userId: user.id, sessionIds: below.map(({ id }) => id) });
  }
  needs.announce(assuranceChanged, { userId: user.id });
  const hasRows = raised.session.refreshTokenHmacKey === null;
  return sessionAnswer({ ...raised, ...(hasRows && { refreshToken }) }, needs);
}
