import { duration, flag, type Settings } from '../../core/option.js';

/** The options of sessions. */
export const sessionOptions = {
  /** How long after a refresh the spent token still gives the same answer, for two tabs and lost answers. */
  reuseInterval: duration('10s', 'GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL'),
  /**
   * Whether the token before the newest is good for ever, not only within `reuseInterval`.
   * GoTrue: always so; a stolen one is then never noticed.
   */
  acceptParentAlways: flag(false),
} as const;

export type SessionSettings = Settings<typeof sessionOptions>;
