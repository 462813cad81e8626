import type { Announce } from '../core/event.js';
import type { Caller } from '../core/caller.js';
import type { Clock } from '../core/ports/clock.js';
import type { FactorStore } from '../core/ports/factors.js';
import type { FlowStateStore } from '../core/ports/flow-states.js';
import type { IdpTokenStore } from '../core/ports/idp-tokens.js';
import type { Idps } from '../core/ports/idps.js';
import type { LimitStore } from '../core/ports/limits.js';
import type { Mailbox } from '../core/ports/mailbox.js';
import type { OneTimeSecretStore } from '../core/ports/one-time-secrets.js';
import type { OutboxStore } from '../core/ports/outbox.js';
import type { PasswordHasher } from '../core/ports/password-hasher.js';
import type { AuditStore, SessionStore, UserStore } from '../core/ports/stores.js';
import type { Principal } from '../core/principal.js';
import type { AccessTokens } from '../tokens/access-tokens.js';
import type { SecretForm } from '../tokens/one-time-secret.js';

/**
 * Everything a flow may need, made once per request by the local provider. A flow takes a `Pick` of it, which
 * says all that the flow touches; a test gives a handful of fakes.
 */
export interface LocalNeeds {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditStore;
  readonly factors: FactorStore;
  /** Codes and links under way, in the form that the options choose. */
  readonly secrets: OneTimeSecretStore;
  readonly secretForm: SecretForm;
  readonly flowStates: FlowStateStore;
  /** The identity providers that are switched on. */
  readonly idps: Idps;
  readonly idpTokens: IdpTokenStore;
  readonly limits: LimitStore;
  /** What is put here leaves once the unit of work is committed. */
  readonly outbox: OutboxStore;
  readonly places: Places;
  /** Where messages stay in development; null where they leave. */
  readonly mailbox: Mailbox | null;
  /** Whether anybody carries texts. Where nobody does, those who ask for one hear it, save for numbers for tests. */
  readonly canText: boolean;
  readonly hasher: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly caller: Caller;
  /** Who the bearer token names. Only in operations that demand one; elsewhere reading it is a mistake. */
  readonly principal: Principal;
  readonly announce: Announce;
  /**
   * Timing: from here on the answer, good or bad, leaves no sooner than a fixed time after now, so that the clock
   * does not tell what was found. For requests that anybody may make about anybody's address.
   */
  readonly hideDuration: () => void;
  /** Returns if the account database answers. @throws databaseUnavailable */
  readonly ping: () => Promise<void>;
  /** The settings of all features, each under its feature's name. */
  readonly settings: LocalSettings;
}

/** Where things live, without a slash at the end. */
export interface Places {
  /** The application: where people are sent when nothing else is said. */
  readonly siteUrl: string;
  /** This API, prefix included. */
  readonly apiUrl: string;
  /** Whether people may be sent to any port of this machine. */
  readonly allowsLoopback: boolean;
}

/** Settings by feature. A flow names the ones it reads: `Needs & { settings: { password: PasswordSettings } }`. */
export type LocalSettings = object;
