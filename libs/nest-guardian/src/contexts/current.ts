import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from '../core/principal.js';
import { type Admission, admissionOf } from '../http/admission.js';
import { requirementsOf } from '../http/requirements.js';
import type { TokenPrincipal } from '../tokens/profile/token-principal.js';
import { kindOf } from './kind-of.js';

/** A socket may have been admitted already when a handler that asks for nobody is called. */
function admissionIn(context: ExecutionContext): Admission | undefined {
  const carrier = requirementsOf(context).isPublic ? null : kindOf(context)?.carrierOf(context);
  return carrier ? admissionOf(carrier) : undefined;
}

/**
 * The `Principal`, or null where the route lets people in without one. With a name: that member of it. On a route of a
 * profile, the `TokenPrincipal`.
 */
export const CurrentUser = createParamDecorator(
  (member: keyof Principal | keyof TokenPrincipal | undefined, context: ExecutionContext) => {
    const principal = admissionIn(context)?.principal ?? null;
    return member === undefined
      ? principal
      : ((principal as Record<string, unknown> | null)?.[member] ?? null);
  },
);

/** On a route of a profile, whom the token was made for, as it is now; null without a token. @throws principalGone */
export const CurrentResource = createParamDecorator(
  (_: undefined, context: ExecutionContext) => admissionIn(context)?.resource?.() ?? null,
);

/** The id of the session that the token belongs to, or null. */
export const CurrentSession = createParamDecorator(
  (_: undefined, context: ExecutionContext) => admissionIn(context)?.principal.sessionId ?? null,
);

/** The bearer token as it came, for calls onward in the person's name. It is a secret: not for logs. */
export const CurrentToken = createParamDecorator(
  (_: undefined, context: ExecutionContext) => admissionIn(context)?.bearer ?? null,
);

/** Who is at the other end of a socket, for `handleConnection` and broadcasts, where Nest knows no parameters. */
export const principalOf = (client: object): Principal | TokenPrincipal | null =>
  admissionOf(client)?.principal ?? null;
