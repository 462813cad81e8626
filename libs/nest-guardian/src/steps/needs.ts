import type { Announce } from '../core/event.js';
import type { Caller } from '../core/caller.js';
import type { Clock } from '../core/ports/clock.js';
import type { PasswordHasher } from '../core/ports/password-hasher.js';
import type { AuditStore, SessionStore, UserStore } from '../core/ports/stores.js';
import type { Principal } from '../core/principal.js';
import type { AccessTokens } from '../tokens/access-tokens.js';

/**
 * Everything a flow may need, made once per request by the local provider. A flow takes a `Pick` of it, which
 * says all that the flow touches; a test gives a handful of fakes.
 */
export interface LocalNeeds {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly hasher: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly caller: Caller;
  /** Who the bearer token names. Only in operations that demand one; elsewhere reading it is a mistake. */
  readonly principal: Principal;
  readonly announce: Announce;
  /** Returns if the account database answers. @throws databaseUnavailable */
  readonly ping: () => Promise<void>;
  /** The settings of all features, each under its feature's name. */
  readonly settings: LocalSettings;
}

/** Settings by feature. A flow names the ones it reads: `Needs & { settings: { password: PasswordSettings } }`. */
export type LocalSettings = object;
