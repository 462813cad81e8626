import { choice, duration, flag, type Option, type Settings } from '../../core/option.js';

const version = choice([1, 2], 2, 'GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION');

/** The options of sessions. */
export const sessionOptions = {
  /**
   * How long a session lasts at most, however busy it is. Asked at a refresh, so an access token may outlive it
   * by up to its own lifetime. `'0s'` is for ever.
   */
  timebox: duration('0s', 'GOTRUE_SESSIONS_TIMEBOX'),
  /** How long a session lasts without a refresh. `'0s'` is for ever. */
  inactivityTimeout: duration('0s', 'GOTRUE_SESSIONS_INACTIVITY_TIMEOUT'),
  /**
   * How long someone who has a second factor may do without it: after this, the session ends at `aal1`, and so
   * do its access tokens. `'0s'` is for ever.
   */
  allowLowAal: duration('0s', 'GOTRUE_SESSIONS_ALLOW_LOW_AAL'),
  /** Whether a session ends at its next refresh when the same person has used another one since. */
  singlePerUser: flag(false, 'GOTRUE_SESSIONS_SINGLE_PER_USER'),
  /**
   * What refresh tokens are from now on: rows of a table (1), or counted and signed (2), which is faster.
   * Those of version 1 stay good and go over to 2 when they are used. GoTrue: 0 means 1.
   */
  refreshTokenVersion: {
    ...version,
    read: (value) => version.read(value === 0 || value === '0' ? 1 : value),
  } satisfies Option<1 | 2>,
  /** Whether a spent refresh token that is shown too late ends the session. Else it is merely refused. */
  rotation: flag(true, 'GOTRUE_SECURITY_REFRESH_TOKEN_ROTATION_ENABLED'),
  /** How long after a refresh the spent token still gives the same answer, for two tabs and lost answers. */
  reuseInterval: duration('10s', 'GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL'),
  /** Whether spent refresh tokens of version 2 stay good for ever. A stolen one is then never noticed. */
  allowReuse: flag(false, 'GOTRUE_SECURITY_REFRESH_TOKEN_ALLOW_REUSE'),
  /**
   * Whether the token before the newest is good for ever, not only within `reuseInterval`.
   * GoTrue: always so; a stolen one is then never noticed.
   */
  acceptParentAlways: flag(false),
  /**
   * Whether reuse of version 1 has GoTrue's milder effects: within `reuseInterval` a spent token gets a child
   * of its own, even when its family was revoked; later the family is revoked, but the session stays, and so
   * do its access tokens. Else version 1 is as strict as version 2.
   */
  tolerateReuseOfV1: flag(false),
} as const;

export type SessionSettings = Settings<typeof sessionOptions>;
