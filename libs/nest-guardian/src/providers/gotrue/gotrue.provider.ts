import { Connection } from '../../client/connection.js';
import type { Announcements } from '../../core/announcements.js';
import { deny } from '../../core/auth-error.js';
import { AuthProvider } from '../../core/auth-provider.js';
import type { Caller } from '../../core/caller.js';
import { common } from '../../core/conditions.js';
import { assuranceChanged, sessionsEnded } from '../../core/event.js';
import type { Operation } from '../../core/operation.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Principal } from '../../core/principal.js';
import { getUser } from '../../features/user/user.contract.js';
import { requireFactorShown, requireNotLowered } from '../../steps/require-assurance.js';
import type { FactorBody } from '../../wire/user.js';
import { endedByAdministrator, loweredByAdministrator } from './done-by-administrator.js';
import { assuranceChangedBy, endedBy } from './ended-by.js';
import type { GoTrueSettings } from './gotrue.options.js';
import { TokenVerifier } from './token-verifier.js';

interface Parts {
  readonly clock: Clock;
  readonly announcements: Announcements;
  readonly log: (message: string) => void;
}

/** Lets a GoTrue server answer: same routes, same tokens, same errors. */
export class GoTrueProvider extends AuthProvider {
  readonly #connection: Connection;
  readonly #verifier: TokenVerifier;
  readonly #adminRoles: readonly string[];
  readonly #forwardsAddress: boolean;
  readonly #requiresFactor: boolean;
  readonly #announcements: Announcements;
  /** A principal carries no token, and the server knows sessions by their tokens only. */
  readonly #bearers = new WeakMap<Principal, string>();

  constructor(settings: GoTrueSettings, { clock, announcements, log }: Parts) {
    super();
    this.#connection = new Connection(settings);
    this.#verifier = new TokenVerifier(settings, { connection: this.#connection, clock, log });
    this.#adminRoles = settings.adminRoles;
    this.#forwardsAddress = settings.forwardAddress;
    this.#requiresFactor = settings.requireEnrolledFactor;
    this.#announcements = announcements;
  }

  override get adminRoles(): readonly string[] {
    return this.#adminRoles;
  }

  verify(bearer: string): Principal | Promise<Principal> {
    const verified = this.#verifier.verify(bearer);
    const keep = (principal: Principal): Principal => {
      this.#bearers.set(principal, bearer);
      return principal;
    };
    return verified instanceof Promise ? verified.then(keep) : keep(verified);
  }

  async confirmSession(principal: Principal): Promise<void> {
    // A service-role key names no person, so there is nobody to look up.
    if (principal.id === '') return;
    const bearer = this.#bearers.get(principal) ?? deny(common.sessionNotFound);
    const user = await this.#connection.request(getUser, {}, { bearer });
    if (user.id !== principal.id) deny(common.sessionNotFound);
    this.#requireAssurance(principal, user.factors ?? []);
  }

  /** The server does not say what the session has shown. The token does, and factors that are gone raise nothing. */
  #requireAssurance(principal: Principal, factors: readonly FactorBody[]): void {
    const hasFactor = factors.some(({ status }) => status === 'verified');
    requireNotLowered(principal, hasFactor ? principal : { aal: 'aal1' });
    if (this.#requiresFactor) requireFactorShown({ factors }, principal);
  }

  async execute<I, O>(operation: Operation<I, O>, input: I, caller: Caller): Promise<O> {
    if (operation.staysHere === true) deny(operation.off);
    const output = await this.#connection.request(operation, input, {
      bearer: bearerFor(operation, caller),
      redirectTo: caller.redirectTo ?? caller.redirectHeader,
      headers: this.#headersOf(caller),
    });
    const ended = endedByAdministrator(operation, input) ?? endedBy(operation, input, caller.bearer);
    if (ended !== null) this.#announcements.tell(sessionsEnded, ended);
    const changed = loweredByAdministrator(operation, input) ?? assuranceChangedBy(operation, caller.bearer);
    if (changed !== null) this.#announcements.tell(assuranceChanged, changed);
    return output;
  }

  /** Whom the server shall see: its limits and its session rows are about people, not about us. */
  #headersOf({ address, userAgent, audience, cookies = null }: Caller): Record<string, string | null> {
    const forwarded = this.#forwardsAddress ? address : null;
    return {
      'x-forwarded-for': forwarded,
      'sb-forwarded-for': forwarded,
      'user-agent': userAgent,
      'x-jwt-aud': audience,
      // Only those by which a server knows the browser that it has sent to an identity provider.
      cookie: cookies,
    };
  }
}

/** Null lets the connection take the service-role key, which only the application itself may use. */
function bearerFor({ access }: Pick<Operation, 'access'>, { bearer, isSystem }: Caller): string | null {
  if (access === 'admin' && isSystem) return null;
  return access === 'anyone' ? bearer : (bearer ?? deny(common.noAuthorization));
}
