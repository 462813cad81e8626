import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { type AuthError, deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import { Clock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import { admissionOf, admit } from '../http/admission.js';
import { rememberWanted } from '../http/challenge.js';
import { Gate } from '../http/gate.js';
import { ProfileGate } from '../http/profile-gate.js';
import { type Requirements, requirementsOf } from '../http/requirements.js';
import { requireAal, requireFresh } from '../steps/require-assurance.js';
import { requireNotAnonymous, requirePerson } from '../steps/require-person.js';
import { tokenRefusals } from '../tokens/profile/token-conditions.js';
import { TokenProfiles } from '../tokens/profile/token-profiles.js';
import type { ContextKind } from './context-kind.js';
import { remember } from './kind-of.js';
import { SessionWatch } from './session-watch.js';

/**
 * Lets a signed-in person through, in HTTP, GraphQL, on sockets and in microservices: a good token of the right audience,
 * not anonymous, not the service role, its session open within the last minute, and a second factor shown where there is
 * one. Decorators on the handler or its class change that. Refuses any kind of request it does not know.
 * @throws noAuthorization, badJwt, anonymousNotAllowed, insufficientRole, sessionNotFound, userBanned,
 * secondFactorNeeded, assuranceTooLow, freshProofNeeded; on routes of a profile what `TokenProfile.verify` throws
 */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #profiles: ProfileGate;
  readonly #followed = new WeakSet<object>();

  constructor(
    private readonly gate: Gate,
    private readonly clock: Clock,
    profiles: TokenProfiles,
    private readonly watch: SessionWatch,
  ) {
    this.#profiles = new ProfileGate(profiles);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const kind = remember(context);
    const carrier = kind?.carrierOf(context) ?? null;
    const ready = carrier && kind?.ready?.(carrier);
    const entered = ready
      ? ready.then(() => this.#enter(context, kind, carrier))
      : this.#enter(context, kind, carrier);
    return carrier && kind?.isLasting?.(context)
      ? this.#follow(entered, { kind, carrier }, context)
      : entered;
  }

  /** Ends what the call leaves open when it would not be let in any more. */
  async #follow(
    entered: boolean | Promise<boolean>,
    { kind, carrier }: { readonly kind: ContextKind; readonly carrier: object },
    context: ExecutionContext,
  ): Promise<boolean> {
    const isIn = await entered;
    const admission = admissionOf(carrier);
    const lasting = admission && !this.#followed.has(carrier) && kind.lastingOf?.(context);
    if (!lasting) return isIn;
    this.#followed.add(carrier);
    const { allowsAal1 } = requirementsOf(context);
    const end = (refusal: AuthError): void => lasting.end(refusal);
    lasting.whenOver(this.watch.watch({ ...admission, allowsAal1, end }));
    return isIn;
  }

  #enter(
    context: ExecutionContext,
    kind: ContextKind | undefined,
    carrier: object | null,
  ): boolean | Promise<boolean> {
    const requirements = requirementsOf(context);
    if (requirements.isPublic) return true;
    if (kind === undefined || carrier === null) deny(common.noAuthorization);
    if (requirements.profile) rememberWanted(carrier, requirements);
    const bearer = kind.bearerOf(carrier);
    if (bearer.kind === 'none' && requirements.isOptional) return true;
    if (bearer.kind !== 'one') deny(common.noAuthorization);
    const { token } = bearer;
    if (requirements.profile) return this.#profiles.enter(carrier, token, requirements);
    const found = this.#find(token, requirements);
    return found instanceof Promise
      ? found.then((principal) => this.#admit(principal, { carrier, token, requirements }))
      : this.#admit(found, { carrier, token, requirements });
  }

  #admit(
    principal: Principal,
    {
      carrier,
      token,
      requirements,
    }: { readonly carrier: object; readonly token: string; readonly requirements: Requirements },
  ): true {
    this.#judge(principal, requirements);
    admit(carrier, { principal, bearer: token });
    return true;
  }

  #find(token: string, { needsLiveSession, allowsAal1 }: Requirements): Principal | Promise<Principal> {
    const found = needsLiveSession ? this.gate.admitLive(token) : this.gate.admit(token);
    if (!allowsAal1 || !(found instanceof Promise)) return found;
    return found.catch((refusal: unknown) => this.gate.forgive(token, refusal));
  }

  #judge(principal: Principal, requirements: Requirements): void {
    const { roles, allowsAnonymous, aal, proofAge, permissions } = requirements;
    // People's tokens carry none, so nobody has them.
    if (permissions !== undefined) deny(tokenRefusals.insufficientPermission);
    if (!allowsAnonymous) requireNotAnonymous(principal);
    if (roles === undefined) requirePerson(principal, this.gate.adminRoles);
    else if (!roles.some((role) => hasRole(principal, role))) deny(common.insufficientRole);
    if (aal !== undefined) requireAal(principal, aal);
    if (proofAge !== undefined) requireFresh(principal, proofAge, this.clock.now());
  }
}

function hasRole({ role, appMetadata }: Principal, wanted: string): boolean {
  const { roles } = appMetadata;
  return role === wanted || (Array.isArray(roles) && roles.includes(wanted));
}
