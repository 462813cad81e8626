import type { TokenTracking } from '../../core/ports/token-tracking.js';
import type { ProfileKeys } from './profile-keys.js';
import type { Impersonation } from './token-events.js';

/** What a provider has for tokens of an application's own. */
export interface TokenKit {
  keysFor(profile: string): ProfileKeys;
  /** Null where nothing can have a row. */
  readonly tracking: TokenTracking | null;
  /** Writes a line into the audit trail; what cannot be written must not be. @throws sessionOfTokenNotFound */
  noteImpersonation(impersonation: Impersonation): Promise<void>;
}

/** A provider that has it, such as the local one. */
export interface HasTokenKit {
  readonly tokenKit: TokenKit;
}

export const hasTokenKit = (provider: object): provider is HasTokenKit => 'tokenKit' in provider;
