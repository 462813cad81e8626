import type { Announcements } from './announcements.js';
import type { AuthProvider } from './auth-provider.js';
import type { OptionMistake } from './option.js';
import type { Clock } from './ports/clock.js';

/** What a provider is given when it is made. */
export interface ProviderContext {
  readonly clock: Clock;
  readonly announcements: Announcements;
  /** Finds something of the application's by injection token, or undefined: a DataSource, an overridden port. */
  find<T>(token: unknown): T | undefined;
  readonly log: (message: string) => void;
  /** Where the application listens, as `http://localhost:3000`; null while it does not. */
  readonly listensAt: () => string | null;
  /** Below which path the API is mounted, without slashes at the ends. */
  readonly prefix: string;
}

/** What `local(...)` and `gotrue(...)` return: which provider answers, and whether its options can work. */
export interface ProviderChoice {
  readonly name: string;
  /** Injection tokens of the application's own that `create` will look for with `find`. */
  readonly inject?: readonly unknown[];
  /** Everything wrong with the options, told at boot. */
  readonly mistakes: readonly OptionMistake[];
  /** Makes the provider. Called once, at boot, with the application's overrides of ports. */
  create(context: ProviderContext): Promise<AuthProvider & { close?(): Promise<void> }>;
}
