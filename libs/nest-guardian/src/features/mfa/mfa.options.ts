import { duration, flag, integer, type Settings, text } from '../../core/option.js';

/** The options of second factors. */
export const mfaOptions = {
  /** Whether authenticator applications may be set up. Those that are there go on being asked. */
  totpEnroll: flag(true, 'GOTRUE_MFA_TOTP_ENROLL_ENABLED'),
  /** Whether codes of authenticator applications are taken. */
  totpVerify: flag(true, 'GOTRUE_MFA_TOTP_VERIFY_ENABLED'),
  /**
   * Whether somebody who has a second factor is asked for it on every way in: the application's own routes refuse
   * a session that has not shown it, save for those under `@AllowAal1()`. GoTrue: whoever wants that says so in
   * each policy.
   */
  askAlways: flag(true),
  /**
   * Whether refresh tokens from before a second factor was shown are unknown afterwards. GoTrue: they are spent, and
   * for `session.reuseInterval` after a refresh a spent one gives the newest, which has the second factor.
   */
  retireRefreshTokens: flag(true),
  /** How many factors a person may have, those that are being set up among them. */
  maxFactors: integer(10, { min: 1, max: 100 }, 'GOTRUE_MFA_MAX_ENROLLED_FACTORS'),
  /** How many verified ones. */
  maxVerifiedFactors: integer(10, { min: 0, max: 100 }, 'GOTRUE_MFA_MAX_VERIFIED_FACTORS'),
  /** How long a challenge may be answered. */
  challengeLifetime: duration('5m', 'GOTRUE_MFA_CHALLENGE_EXPIRY_DURATION'),
  /** How long a factor that nobody verifies is kept. */
  factorLifetime: duration('5m', 'GOTRUE_MFA_FACTOR_EXPIRY_DURATION'),
  /** How many wrong codes a person may give in five minutes, all factors and recovery codes together. */
  maxAttempts: integer(5, { min: 1, max: 1_000_000_000 }),
  /** How many in an hour. */
  maxAttemptsPerHour: integer(20, { min: 1, max: 1_000_000_000 }),
  /** What authenticator applications call this place; left out, the host of the site. */
  issuer: text(''),
} as const;

export type MfaSettings = Settings<typeof mfaOptions>;
