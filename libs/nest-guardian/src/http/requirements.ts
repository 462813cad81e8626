import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { Principal } from '../core/principal.js';
import { admissionOf } from './admission.js';
import { perRoute } from './per-route.js';

const key = 'nest-guardian:requirements';

/** What a handler asks of its caller. The handler's own word wins over its class's, member by member. */
export interface Requirements {
  readonly isPublic?: boolean;
  readonly isOptional?: boolean;
  readonly allowsAnonymous?: boolean;
  readonly roles?: readonly string[];
  readonly needsLiveSession?: boolean;
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

/** What the handler and its class ask for. */
export const requirementsOf = perRoute((handler, type) =>
  combine(Reflect.getMetadata(key, type), Reflect.getMetadata(key, handler)),
);

/** A handler that asks for anything is not opened by its class, and asking for a role is never public. */
function combine(ofClass: Requirements = {}, ofHandler: Requirements = {}): Requirements {
  const isSilent = Object.keys(ofHandler).length === 0;
  const inherited = isSilent ? ofClass : { ...ofClass, isPublic: false, isOptional: false };
  const both = { ...inherited, ...ofHandler };
  const asks = both.roles !== undefined || both.needsLiveSession === true;
  return { ...both, isPublic: both.isPublic === true && !asks };
}

const httpRequest = (context: ExecutionContext): object => context.switchToHttp().getRequest<object>();

/** The `Principal`, or null where the route lets people in without one. With a name: that member of it. */
export const CurrentUser = createParamDecorator(
  (member: keyof Principal | undefined, context: ExecutionContext) => {
    const principal = admissionOf(httpRequest(context))?.principal ?? null;
    return member === undefined ? principal : (principal?.[member] ?? null);
  },
);

/** The id of the session that the token belongs to, or null. */
export const CurrentSession = createParamDecorator(
  (_: undefined, context: ExecutionContext) => admissionOf(httpRequest(context))?.principal.sessionId ?? null,
);

/** The bearer token as it came, for calls onward in the person's name. It is a secret: not for logs. */
export const CurrentToken = createParamDecorator(
  (_: undefined, context: ExecutionContext) => admissionOf(httpRequest(context))?.bearer ?? null,
);
