import { deny, isAuthError } from '../../core/auth-error.js';
import { AuthProvider } from '../../core/auth-provider.js';
import type { Caller } from '../../core/caller.js';
import { common } from '../../core/conditions.js';
import type { Announce } from '../../core/event.js';
import type { Operation } from '../../core/operation.js';
import type { IdpTokens } from '../../core/ports/idps.js';
import type { TokenTracking } from '../../core/ports/token-tracking.js';
import type { Principal } from '../../core/principal.js';
import type { Offer } from '../../features/feature.js';
import { requireAssuredCaller } from '../../steps/require-assured-caller.js';
import { tokenRefusals } from '../../tokens/profile/token-conditions.js';
import type { Impersonation } from '../../tokens/profile/token-events.js';
import type { HasTokenKit, TokenKit } from '../../tokens/profile/token-kit.js';
import { type LocalParts, RequestNeeds } from './request-needs.js';
import { type AdmissionSettings, requireAdministrator } from './require-administrator.js';

/** Answers from the application's own database: runs the flow of each operation in a unit of work of its own. */
export class LocalProvider extends AuthProvider implements HasTokenKit {
  readonly #offers: ReadonlyMap<string, Offer>;

  constructor(
    private readonly parts: LocalParts & {
      readonly settings: AdmissionSettings;
      readonly tell: Announce;
      /** Null where the application brought a `Persistence` of its own. */
      readonly tokenTracking: TokenTracking | null;
      /** Told when messages may wait in the outbox. */
      readonly nudge: () => void;
      readonly close: () => Promise<void>;
    },
    offers: readonly Offer[],
  ) {
    super();
    this.#offers = new Map(offers.map((offer) => [offer.operation.name, offer]));
  }

  override get adminRoles(): readonly string[] {
    return this.parts.tokens.settings.adminRoles;
  }

  get tokenKit(): TokenKit {
    const { tokens, tokenTracking: tracking } = this.parts;
    const noteImpersonation = (given: Impersonation): Promise<void> => this.#noteImpersonation(given);
    return { keysFor: (profile) => tokens.keysFor(profile), tracking, noteImpersonation };
  }

  verify(bearer: string): Principal {
    return this.parts.tokens.verify(bearer);
  }

  async confirmSession(principal: Principal): Promise<void> {
    // A service-role key names no person, so there is nobody to look up.
    if (principal.id === '') return;
    const { users, clock } = new RequestNeeds(this.parts, anonymousCaller, principal);
    await requireAssuredCaller({ users, clock, principal, settings: this.parts.settings });
  }

  async execute<I, O>(operation: Operation<I, O>, input: I, caller: Caller): Promise<O> {
    const flow = this.#offers.get(operation.name)?.flow ?? deny(operation.off);
    const principal = this.#admit(operation, caller);
    const needs = new RequestNeeds(this.parts, caller, principal);
    try {
      if (operation.access === 'admin' && principal !== null) await this.#requireAdministrator(needs);
      const answer = await flow(input, needs).catch((error: unknown) => this.#keepIfSaid(error, needs));
      await needs.doAccountWork();
      // Who has been told that it took too long may ask again, so nothing of the first time stays.
      if (caller.until !== undefined && performance.now() > caller.until) deny(common.requestTimeout);
      await this.#commit(needs);
      return answer as O;
    } catch (error) {
      await needs.unit.rollback();
      throw error;
    } finally {
      needs.tellAll();
      await needs.untilHidden();
    }
  }

  /** As the application asks, for nobody in particular. */
  idpTokensOf(userId: string, provider: string): Promise<IdpTokens | null> {
    return this.parts.persistence.begin().idpTokens.find(userId, provider);
  }

  async close(): Promise<void> {
    await this.parts.close();
  }

  /** The line is the person's whose session it is. */
  async #noteImpersonation({ profile, actorId, subject, sessionId, tokenId }: Impersonation): Promise<void> {
    const needs = new RequestNeeds(this.parts, anonymousCaller, null);
    const traits = { profile, subject, actor_id: actorId, token_id: tokenId };
    try {
      const found = await needs.sessions.findWithUser(sessionId, false);
      const { user: actor } = found ?? deny(tokenRefusals.sessionOfTokenNotFound);
      const at = needs.clock.now();
      await needs.audit.record({ actor, action: 'impersonation_started', logType: 'token', traits, at });
      await needs.commit();
    } catch (error) {
      await needs.unit.rollback();
      throw error;
    }
  }

  /** Who asks. That the person still exists is the flow's to look up, in the statement it makes anyway. */
  #admit({ access }: Pick<Operation, 'access'>, caller: Caller): Principal | null {
    if (access === 'anyone' || (access === 'admin' && caller.isSystem)) return null;
    if (caller.bearer === null) deny(common.noAuthorization);
    const principal = this.verify(caller.bearer);
    if (access === 'member' && principal.isAnonymous) deny(common.anonymousNotAllowed);
    return principal;
  }

  async #commit(needs: RequestNeeds): Promise<void> {
    await needs.commit();
    if (needs.hasMessages) this.parts.nudge();
  }

  /** What was written before a no that keeps it is kept here; nothing is left to be undone then. */
  async #keepIfSaid(error: unknown, needs: RequestNeeds): Promise<never> {
    if (isAuthError(error) && error.keep) {
      await needs.doAccountWork();
      await this.#commit(needs);
    }
    throw error;
  }

  #requireAdministrator({ users, principal }: RequestNeeds): Promise<void> {
    const { tokens, clock, settings } = this.parts;
    return requireAdministrator({ users, principal, tokens, clock, settings });
  }
}

const anonymousCaller: Caller = Object.freeze({
  address: null,
  userAgent: null,
  bearer: null,
  redirectTo: null,
  redirectHeader: null,
  referrer: null,
  audience: null,
  isSystem: false,
});
