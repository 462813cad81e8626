import { choice, duration, flag, integer, type Settings } from '../../core/option.js';

/** The options of links and codes that are sent to people. */
export const linksOptions = {
  /**
   * How long a link in a mail opens the door. Longer is kinder to slow mailboxes and to thieves.
   * @default '1h'
   */
  linkLifetime: duration('1h', 'GOTRUE_MAILER_OTP_EXP'),
  /** How long the code beside it does, at most as long as the link. It can be guessed, so shorter. */
  codeLifetime: duration('10m'),
  /** How many digits a mailed code has. */
  codeLength: integer(6, { min: 6, max: 10 }, 'GOTRUE_MAILER_OTP_LENGTH'),
  /** How many wrong codes burn one. The link beside it stays good. */
  maxCodeAttempts: integer(5, { min: 1, max: 1_000_000 }),
  /** How many codes may be tried for one address in a day, whichever was sent. After that only links open. */
  maxCodeAttemptsPerDay: integer(100, { min: 1, max: 1_000_000_000 }),
  /**
   * What is kept: `strong`, keyed hashes of a code and of an unrelated link token, in a table of ours; or `gotrue`,
   * what a GoTrue server keeps, which it can redeem and which can be computed from address and code.
   */
  form: choice(['strong', 'gotrue'], 'strong'),
  /**
   * Whether known and unknown addresses are answered alike, also the second time within a minute, and after the
   * same time. GoTrue: a 429, `otp_disabled` and the clock tell them apart.
   */
  uniformAnswers: flag(true),
  /**
   * How long those answers take at least. Longer than the requests need on a database that keeps up: one that takes
   * longer tells by its time what it found.
   */
  uniformAnswerTime: duration('200ms'),
  /** How long the code of a redirect can be traded for a session (RFC 7636), and the way to an identity provider may take. */
  pkceLifetime: duration('5m', 'GOTRUE_EXTERNAL_FLOW_STATE_EXPIRY_DURATION'),
  /**
   * Whether that time begins when the mail is asked for, not when its link is followed. GoTrue: so it is, except
   * for magic links, and a mail that is opened late is of no use.
   */
  pkceFromStart: flag(false),
  /** Whether `code_challenge_method` may be `plain`, which protects from nobody who sees the request. */
  allowPlainChallenge: flag(false),
  /**
   * Whether the first proof of an address takes away what somebody else may have prepared in the account: password,
   * second factors, sessions, identities, metadata. Following the mail of one's own sign-up takes nothing away, unless
   * somebody signed up there with another password: then neither's counts. GoTrue: all of it stays.
   */
  clearUnproved: flag(true),
  /** Whether links that were asked for without a challenge carry the session itself to the application. */
  implicitFlow: flag(true),
  /**
   * Whether a followed link shows a page with a button first, which programs that read mail do not press. A link
   * that such a program has followed is used up otherwise.
   */
  confirmByButton: flag(false),
} as const;

export type LinksSettings = Settings<typeof linksOptions>;
