import { MovableClock } from 'nest-guardian/testing';
import type { TokensOf } from 'nest-guardian';
import { isAuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import type { TokenTracking } from '../../libs/nest-guardian/src/core/ports/token-tracking.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import { TypeormTokenTracking } from '../../libs/nest-guardian/src/persistence/typeorm-token-tracking.js';
import { AccessTokens } from '../../libs/nest-guardian/src/tokens/access-tokens.js';
import type { ProfileDefinition } from '../../libs/nest-guardian/src/tokens/profile/profile-definition.js';
import type { ProfileKeys } from '../../libs/nest-guardian/src/tokens/profile/profile-keys.js';
import { HookChain, type TokenHooks } from '../../libs/nest-guardian/src/tokens/profile/token-hooks.js';
import { TokenProfile } from '../../libs/nest-guardian/src/tokens/profile/token-profile.js';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { ownKeys } from '../../libs/nest-guardian/src/tokens/profile/profile-keys.js';
import { KeyRing } from '../../libs/nest-guardian/src/tokens/key-ring.js';

export const secret = 'this secret is long enough for the specs of profiles';

export interface Surroundings {
  readonly clock?: MovableClock;
  readonly database?: Database;
  readonly tracking?: TokenTracking;
  readonly keys?: ProfileKeys;
  readonly hooks?: readonly TokenHooks[];
  /** Takes what is announced, and what hooks failed with. */
  readonly told?: unknown[];
  readonly failures?: unknown[];
}

/** A profile outside Nest, with keys of its own; with a database, on its tables. */
export function profileOf<D extends ProfileDefinition>(definition: D, given: Surroundings = {}): TokensOf<D> {
  const { clock = new MovableClock(), database, hooks, told = [], failures = [] } = given;
  const { settings, permissions, given: functions } = definition;
  const tracking = given.tracking ?? (database ? new TypeormTokenTracking(database.dataSource) : null);
  const chain = new HookChain(hooks ? async () => hooks : null, (name, cause) =>
    failures.push([name, cause]),
  );
  return new TokenProfile({
    settings,
    permissions,
    given: functions,
    keys: given.keys ?? ownKeys(KeyRing.from({ secret }, 'keys', [])),
    tracking,
    clock,
    hooks: chain,
    find: () => {
      throw new Error('nothing is there to be found');
    },
    tell: (event, payload) => void told.push([event.name, payload]),
    noteImpersonation: null,
  }) as TokensOf<D>;
}

/** The module's own keys for a profile, of this secret. */
export const moduleKeys = (profile: string): ProfileKeys =>
  AccessTokens.from({ secret }, [], new MovableClock()).keysFor(profile);

/** The code of the refusal; `'accepted'` if there is none. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    if (!isAuthError(error)) throw error;
    return error.code;
  }
}

/** A token with these claims, genuine but for what they say. */
export const forged = (claims: object, header: object = { typ: 'guardian+jwt' }): string =>
  forge(claims, secret, header);
