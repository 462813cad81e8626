import type { Session, User } from '../core/records.js';
import { issueRefreshToken } from '../tokens/refresh-token.js';
import type { SessionBody } from '../wire/session.js';
import { userBody } from '../wire/user.js';
import type { LocalNeeds } from './needs.js';

/** Signs the tokens of an open session: its access token and its newest refresh token. Writes nothing. */
export async function sessionAnswer(
  user: User,
  session: Session,
  needs: Pick<LocalNeeds, 'tokens' | 'clock'>,
): Promise<SessionBody> {
  const issuedAt = Math.floor(needs.clock.now().getTime() / 1000);
  const lifetime = needs.tokens.settings.lifetime / 1000;
  const access_token = await needs.tokens.sign({
    ...(needs.tokens.settings.issuer !== '' && { iss: needs.tokens.settings.issuer }),
    ...claimsOf(user, session),
    exp: issuedAt + lifetime,
    iat: issuedAt,
  });
  return {
    access_token,
    token_type: 'bearer',
    expires_in: lifetime,
    expires_at: issuedAt + lifetime,
    refresh_token: issueRefreshToken({
      sessionId: session.id,
      counter: session.refreshTokenCounter ?? 0,
      hmacKey: session.refreshTokenHmacKey ?? '',
    }),
    user: userBody(user),
  };
}

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
