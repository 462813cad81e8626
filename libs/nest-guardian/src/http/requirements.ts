import { SetMetadata } from '@nestjs/common';
import { parseDuration } from '../core/duration.js';
import type { AssuranceLevel } from '../core/principal.js';
import { isAssuranceLevel } from '../steps/require-assurance.js';
import {
  mistakeInWanted,
  type PermissionSet,
  type PermissionsWanted,
} from '../tokens/profile/permissions.js';
import { perRoute } from './per-route.js';

const key = 'nest-guardian:requirements';

/** What a handler asks of its caller. The handler's own word wins over its class's, member by member. */
export interface Requirements {
  readonly isPublic?: boolean;
  readonly isOptional?: boolean;
  readonly allowsAnonymous?: boolean;
  readonly roles?: readonly string[];
  readonly needsLiveSession?: boolean;
  readonly aal?: AssuranceLevel;
  /** Milliseconds. */
  readonly proofAge?: number;
  /** Also for those who have a second factor and have not shown it. */
  readonly allowsAal1?: boolean;
  /** Whose tokens open it, instead of people's. */
  readonly profile?: ProfileWanted;
  readonly permissions?: PermissionsWanted;
}

export interface ProfileWanted {
  readonly name: string;
  readonly type?: string;
  readonly maxAge?: string;
}

type Decorator = MethodDecorator & ClassDecorator;

/** Adds to what stands on the target already, so that decorators combine in any order. */
const require = (requirements: Requirements): Decorator =>
  ((target: object, name?: string | symbol, descriptor?: PropertyDescriptor) => {
    const on = (descriptor?.value ?? target) as object;
    const before = (Reflect.getOwnMetadata(key, on) ?? {}) as Requirements;
    SetMetadata(key, { ...before, ...requirements })(target as never, name as never, descriptor as never);
  }) as Decorator;

/** Lets anybody in. A token is not looked at, so `@CurrentUser()` is null even for a signed-in person. */
export const Public = (): Decorator => require({ isPublic: true });

/** Lets people in without a token. A token that is there must be good: a bad one is refused, never ignored. */
export const OptionalAuth = (): Decorator => require({ isOptional: true });

/** Lets anonymous users in as well, who have an account but have not said who they are. */
export const AllowAnonymous = (): Decorator => require({ allowsAnonymous: true });

/**
 * Lets in whoever has one of these roles: the token's `role` claim, or a name in `app_metadata.roles`.
 * `user_metadata` is never read, since people write it themselves. A service role comes in only when named.
 */
export const Roles = (...roles: readonly [string, ...string[]]): Decorator => require({ roles });

/** Asks the provider on every request whether the session is still open. Costs a look-up; sees a revocation at once. */
export const LiveSession = (): Decorator => require({ needsLiveSession: true });

/**
 * Lets in whoever has shown that much in this session: `aal2` is a second factor. Judged by the token.
 * @throws TypeError for a level that there is not
 */
export function RequireAal(level: AssuranceLevel): Decorator {
  if (!isAssuranceLevel(level))
    throw new TypeError(`@RequireAal('${String(level)}'): levels are aal1 and aal2`);
  return require({ aal: level });
}

/**
 * Lets in whoever has signed in, or shown a second factor, within this time (`'10m'`), by the newest entry of the
 * token's `amr`. A refresh is no proof.
 * @throws TypeError for what is no span of time
 */
export function FreshAuth(age: string): Decorator {
  const proofAge = typeof age === 'string' ? parseDuration(age) : null;
  if (!proofAge) throw new TypeError(`@FreshAuth('${String(age)}'): write a duration such as '90s' or '10m'`);
  return require({ proofAge });
}

/** Lets in also those who have a second factor and have not shown it in this session, whom the guard refuses else. */
export const AllowAal1 = (): Decorator => require({ allowsAal1: true });

/**
 * Lets in who shows a token of this profile, and no person's: `@UseProfile(deviceTokens, { type: 'access' })`. A type that
 * is left out is the profile's `defaultType`.
 */
export const UseProfile = (
  profile: string | { readonly name: string },
  wanted: Omit<ProfileWanted, 'name'> = {},
): Decorator =>
  require({ profile: { ...wanted, name: typeof profile === 'string' ? profile : profile.name } });

/**
 * Lets in whoever's token carries all of these permissions, or any of them, or both. For routes of a profile; a name that
 * the profile does not define is refused at boot. `permissionsOf` makes the same with names that the compiler knows.
 * @throws TypeError where it asks for nothing
 */
export function Permissions(wanted: PermissionsWanted): Decorator {
  return permissionsIn(null, wanted);
}

/** `@Permissions` whose names are those of this profile: a misspelt one does not compile. */
export const permissionsOf =
  <P extends string>({ permissions }: { readonly permissions: PermissionSet<P> | null }) =>
  (wanted: PermissionsWanted<NoInfer<P>>): Decorator =>
    permissionsIn(permissions, wanted);

function permissionsIn(set: PermissionSet | null, wanted: PermissionsWanted): Decorator {
  const mistake = mistakeInWanted(wanted, set);
  if (mistake !== null) throw new TypeError(`@Permissions ${mistake}`);
  return require({ permissions: wanted });
}

/** What decorators on this very handler, or class, ask for; nothing that is inherited. */
export const askedOn = (target: object): Requirements => Reflect.getOwnMetadata(key, target) ?? {};

/** What the handler and its class ask for. */
export const requirementsOf = perRoute((handler, type) =>
  combine(Reflect.getMetadata(key, type), Reflect.getMetadata(key, handler)),
);

/**
 * A handler that asks for anything is not opened by its class, and asking for a role is never public. Who has to have
 * proved something has to have a token.
 */
function combine(ofClass: Requirements = {}, ofHandler: Requirements = {}): Requirements {
  const isSilent = Object.keys(ofHandler).length === 0;
  const inherited = isSilent ? ofClass : { ...ofClass, isPublic: false, isOptional: false };
  const both = { ...inherited, ...ofHandler };
  const asksForProof =
    both.aal !== undefined || both.proofAge !== undefined || both.permissions !== undefined;
  const asks = both.roles !== undefined || both.needsLiveSession === true || asksForProof;
  return {
    ...both,
    isPublic: both.isPublic === true && !asks,
    isOptional: both.isOptional === true && !asksForProof,
  };
}
