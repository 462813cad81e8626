import { duration, flag, integer, opposite, type Settings, texts } from '../../core/option.js';
import { colonListOf } from '../../core/variable-text.js';

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
  /** Sets of characters, of each of which a new password needs at least one. Length does more for safety. */
  requiredCharacters: {
    ...texts([], 'GOTRUE_PASSWORD_REQUIRED_CHARACTERS'),
    fromText: colonListOf,
  },
  /**
   * Whether the few thousand most common passwords are refused, and those that are no more than the person's
   * address, its local part or one of `contextWords`, with or without digits and signs behind it. GoTrue: no such list.
   */
  refuseCommon: flag(true),
  /**
   * Whether a new password, in a session older than `freshFor`, takes a nonce that was mailed or texted a moment
   * before, or the current password. GoTrue: off unless said otherwise, and only the nonce counts.
   */
  requireReauthentication: flag(true, 'GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION'),
  /** How long after its start a session needs no such proof. GoTrue: a day. `0s` asks for it always. */
  freshFor: duration('24h'),
  /**
   * Whether a new password takes the current one in any session, where there is one. Sessions that a code or a link
   * opened are excepted: whoever comes back that way has forgotten it.
   */
  requireCurrentPassword: flag(false, 'GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD'),
  /** Names that people here think of first: of the product, the company, the town. */
  contextWords: texts([]),
} as const;

export type PasswordSettings = Settings<typeof passwordOptions>;
