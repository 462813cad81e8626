import type { SessionAndUser } from '../core/ports/stores.js';
import type { Session, User } from '../core/records.js';
import { issueRefreshToken } from '../tokens/refresh-token.js';
import type { SessionBody } from '../wire/session.js';
import { userBody } from '../wire/user.js';
import type { LocalNeeds } from './needs.js';

/** What those who answer with a session read of its settings; every span in milliseconds. */
export interface AnswerSettings {
  readonly session: { readonly allowLowAal: number };
}

export interface OpenSession extends SessionAndUser {
  /** The newest refresh token of version 1; one of version 2 follows from the session. */
  readonly refreshToken?: string;
}

/**
 * Signs the tokens of an open session: its access token, with what the application adds to it, and its newest refresh
 * token. Writes nothing.
 * @throws what the application's `CustomClaims` throws; what was written is then undone, and nobody has a session
 */
export async function sessionAnswer(
  { user, session, refreshToken }: OpenSession,
  needs: Pick<LocalNeeds, 'tokens' | 'clock'> & { readonly settings: AnswerSettings },
): Promise<SessionBody> {
  const issuedAt = Math.floor(needs.clock.now().getTime() / 1000);
  const expiresAt = Math.min(
    issuedAt + needs.tokens.settings.lifetime / 1000,
    lastSecondOf(session, user, needs.settings.session.allowLowAal),
  );
  const access_token = await needs.tokens.signFor(
    { user, session },
    {
      ...(needs.tokens.settings.issuer !== '' && { iss: needs.tokens.settings.issuer }),
      ...claimsOf(user, session),
      exp: expiresAt,
      iat: issuedAt,
    },
  );
  return {
    access_token,
    token_type: 'bearer',
    expires_in: expiresAt - issuedAt,
    expires_at: expiresAt,
    refresh_token: refreshToken ?? newestRefreshToken(session),
    user: userBody(user),
  };
}

/** Whether the person has a second factor and has not shown it in this session. */
export const lacksSecondFactor = ({ aal }: Session, { factors }: User): boolean =>
  aal === 'aal1' && factors.some(({ status }) => status === 'verified');

/** When a session without the second factor ends, in Unix seconds. */
const lastSecondOf = (session: Session, user: User, allowLowAal: number): number =>
  allowLowAal > 0 && lacksSecondFactor(session, user)
    ? Math.floor((session.createdAt.getTime() + allowLowAal) / 1000)
    : Infinity;

const newestRefreshToken = (session: Session): string =>
  issueRefreshToken({
    sessionId: session.id,
    counter: session.refreshTokenCounter ?? 0,
    hmacKey: session.refreshTokenHmacKey ?? '',
  });

/** GoTrue's claims (contract 4.1), without the times. */
const claimsOf = (user: User, session: Session): Record<string, unknown> => ({
  sub: user.id,
  aud: user.audience,
  email: user.email ?? '',
  phone: user.phone ?? '',
  app_metadata: user.appMetadata,
  user_metadata: user.userMetadata,
  role: user.role,
  aal: session.aal,
  amr: session.amr.map(({ method, at }) => ({ method, timestamp: Math.floor(at.getTime() / 1000) })),
  session_id: session.id,
  is_anonymous: user.isAnonymous,
});
