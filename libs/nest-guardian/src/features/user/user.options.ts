import { integer, type Settings } from '../../core/option.js';

/** The options of what people keep about themselves. */
export const userOptions = {
  /**
   * The most bytes that a person's `user_metadata` may have, as JSON. All of it travels in every access token, and a
   * token above 8 kB opens nothing: somebody with more would be locked out. Hence no more than the default.
   */
  maxMetadataBytes: integer(4096, { min: 0, max: 4096 }),
} as const;

export type UserSettings = Settings<typeof userOptions>;
