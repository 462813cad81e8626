import type { Announce } from '../../core/event.js';
import type { Clock } from '../../core/ports/clock.js';
import type { TokenTracking } from '../../core/ports/token-tracking.js';
import type { PermissionSet } from './permissions.js';
import type { Find, ProfileDefinition } from './profile-definition.js';
import type { ProfileKeys } from './profile-keys.js';
import type { ProfileSettings } from './read-profile.js';
import type { HookChain } from './token-hooks.js';
import type { TokenKit } from './token-kit.js';

/** What the tokens of a profile are made and judged with. */
export interface ProfileParts {
  readonly settings: ProfileSettings;
  readonly given: ProfileDefinition['given'];
  readonly permissions: PermissionSet | null;
  readonly keys: ProfileKeys;
  /** Null where nothing has a row. */
  readonly tracking: TokenTracking | null;
  readonly clock: Clock;
  readonly hooks: HookChain;
  readonly find: Find;
  readonly tell: Announce;
  /** Null where there is no audit trail. */
  readonly noteImpersonation: TokenKit['noteImpersonation'] | null;
}
