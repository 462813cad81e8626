import { randomUUID } from 'node:crypto';
import { deny } from '../core/auth-error.js';
import type { Condition } from '../core/condition.js';
import { common } from '../core/conditions.js';
import type { User } from '../core/records.js';
import { newHmacKey, newRefreshTokenV1 } from '../tokens/refresh-token.js';
import type { SessionBody } from '../wire/session.js';
import type { LocalNeeds } from './needs.js';
import { type AnswerSettings, sessionAnswer } from './session-answer.js';

export interface SignIn {
  /** GoTrue's name of the way the person proved who they are: `password`, `otp`, `anonymous`, ... */
  readonly method: string;
  /** The hash that a password was compared with: whoever has another one by now gets no session. */
  readonly passwordHash?: string | null;
  /** What is said where the person, or that hash, is gone. */
  readonly refusal?: Condition;
}

/** What those who open sessions read of their settings. */
export interface IssueSettings extends AnswerSettings {
  readonly session: AnswerSettings['session'] & { readonly refreshTokenVersion: 1 | 2 };
}

/** Opens a session for a user who has already proved who they are. Proof is the caller's business. */
export async function issueSession(
  user: User,
  { method, passwordHash, refusal = common.userOfTokenNotFound }: SignIn,
  needs: Pick<LocalNeeds, 'sessions' | 'tokens' | 'clock' | 'caller'> & {
    readonly settings: IssueSettings;
  },
): Promise<SessionBody> {
  const at = needs.clock.now();
  const isStored = needs.settings.session.refreshTokenVersion === 1;
  const refreshToken = isStored ? newRefreshTokenV1() : undefined;
  const opened = await needs.sessions.open({
    id: randomUUID(),
    userId: user.id,
    at,
    userAgent: needs.caller.userAgent,
    ip: needs.caller.address,
    refreshTokenHmacKey: isStored ? null : newHmacKey(),
    refreshToken,
    method,
    passwordHash,
  });
  // Race: the user was deleted, or changed the password, between the proof and this write.
  if (opened === null) deny(refusal);
  return sessionAnswer({ ...opened, refreshToken }, needs);
}
