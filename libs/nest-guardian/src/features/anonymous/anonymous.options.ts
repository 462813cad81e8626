import { flag, type Settings } from '../../core/option.js';

/** The options of people without an address. */
export const anonymousOptions = {
  /** Whether anybody may have an account without naming an address. They keep it as long as they keep their session. */
  enabled: flag(false, 'GOTRUE_EXTERNAL_ANONYMOUS_USERS_ENABLED'),
} as const;

export type AnonymousSettings = Settings<typeof anonymousOptions>;
