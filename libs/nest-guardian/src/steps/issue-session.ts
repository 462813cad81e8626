import { randomUUID } from 'node:crypto';
import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { UserChange } from '../core/ports/stores.js';
import type { User } from '../core/records.js';
import { newHmacKey } from '../tokens/refresh-token.js';
import type { SessionBody } from '../wire/session.js';
import type { LocalNeeds } from './needs.js';
import { sessionAnswer } from './session-answer.js';

export interface SignIn {
  /** GoTrue's name of the way the person proved who they are: `password`, `otp`, `anonymous`, ... */
  readonly method: string;
  /** Changed together with the time of the last sign-in, e.g. a hash made anew. */
  readonly change?: UserChange;
}

/** Opens a session for a user who has already proved who they are. Proof is the caller's business. */
export async function issueSession(
  user: User,
  { method, change }: SignIn,
  needs: Pick<LocalNeeds, 'users' | 'sessions' | 'tokens' | 'clock' | 'caller'>,
): Promise<SessionBody> {
  const at = needs.clock.now();
  const signedIn = await needs.users.update(user.id, { ...change, lastSignInAt: at }, at);
  // Race: the user was deleted between the proof and this write.
  if (signedIn === null) deny(common.userOfTokenNotFound);
  const session = await needs.sessions.insert({
    id: randomUUID(),
    userId: user.id,
    at,
    userAgent: needs.caller.userAgent,
    ip: needs.caller.address,
    refreshTokenHmacKey: newHmacKey(),
    method,
  });
  return sessionAnswer(signedIn, session, needs);
}
