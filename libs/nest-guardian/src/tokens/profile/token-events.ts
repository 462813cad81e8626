import { event } from '../../core/event.js';

/** Somebody was given a token to act for somebody else. Told when the token exists. */
export const impersonationStarted = event<{
  readonly profile: string;
  readonly actorId: string;
  readonly subject: string;
  readonly sessionId: string;
  readonly tokenId: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}>('impersonationStarted');

/** Who acts for whom, by which token. */
export type Impersonation = NonNullable<typeof impersonationStarted.types>;

/** A token that had been spent was shown again, and its whole line was revoked. */
export const tokenReuseDetected = event<{
  readonly profile: string;
  readonly subject: string;
  readonly familyId: string;
}>('tokenReuseDetected');
