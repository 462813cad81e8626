import { flag, integer, opposite, type Settings } from '../../core/option.js';

/** The options of e-mail and password. */
export const passwordOptions = {
  /** Whether new people may sign up. */
  allowSignup: opposite(flag(true, 'GOTRUE_DISABLE_SIGNUP')),
  /** Whether people sign up and in with an e-mail address at all. */
  enabled: flag(true, 'GOTRUE_EXTERNAL_EMAIL_ENABLED'),
  /** Whether an address counts as confirmed at sign-up, without a mail. */
  autoconfirm: flag(false, 'GOTRUE_MAILER_AUTOCONFIRM'),
  /** The fewest characters (Unicode code points) a new password may have. */
  minLength: integer(8, { min: 6, max: 128 }, 'GOTRUE_PASSWORD_MIN_LENGTH'),
  /** The most bytes (UTF-8) a password may have. GoTrue's own hash, bcrypt, ends at 72. */
  maxBytes: integer(1024, { min: 72, max: 4096 }),
} as const;

export type PasswordSettings = Settings<typeof passwordOptions>;
