import type { TokenTracking } from '../../core/ports/token-tracking.js';
import type { ProfileKeys } from './profile-keys.js';

/** What a provider has for tokens of an application's own. */
export interface TokenKit {
  keysFor(profile: string): ProfileKeys;
  /** Null where nothing can have a row. */
  readonly tracking: TokenTracking | null;
}

/** A provider that has it, such as the local one. */
export interface HasTokenKit {
  readonly tokenKit: TokenKit;
}

export const hasTokenKit = (provider: object): provider is HasTokenKit => 'tokenKit' in provider;
