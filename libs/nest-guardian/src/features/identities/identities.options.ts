import { flag, type Settings } from '../../core/option.js';

/** The options of the ways in that a person has. */
export const identitiesOptions = {
  /** Whether people may add and remove ways in to their own account. */
  manualLinking: flag(false, 'GOTRUE_SECURITY_MANUAL_LINKING_ENABLED'),
} as const;

export type IdentitiesSettings = Settings<typeof identitiesOptions>;
