import { deny } from '../../core/auth-error.js';
import { isPlainText } from '../claims.js';
import { decodeBase64url } from '../base64url.js';
import { parseStrictObject } from '../strict-json.js';
import { OneTimeTokens } from './one-time-tokens.js';
import type { PermissionsWanted } from './permissions.js';
import type { ProfileParts } from './profile-parts.js';
import { secondsOf } from './seconds.js';
import { type OwnClaims, isUuid, requireSubject, type VerifiedClaims } from './token-claims.js';
import { tokenRefusals } from './token-conditions.js';
import { Descent } from './token-descent.js';
import { impersonationStarted } from './token-events.js';
import type { IssuedToken } from './token-hooks.js';
import { type MadeToken, TokenMaker } from './token-maker.js';
import type { TokenPrincipal } from './token-principal.js';
import { TokenVerifier } from './token-verifier.js';

/** What a token is made with, beside the resource. */
export interface Issuing<Type extends string = string, Permission extends string = string> {
  /** @default the profile's `defaultType` */
  readonly type?: Type;
  /** As `'15m'`; never longer than the type's. */
  readonly lifetime?: string;
  /** Claims of your own; those of the profile cannot be set. */
  readonly claims?: OwnClaims;
  /** Only these; they have to be granted, and do not grow when the token is refreshed. Left out, all that are granted. */
  readonly permissions?: readonly Permission[];
  /** When the resource proved who it is, where that was not just now. */
  readonly authenticatedAt?: Date;
  /** The session of a person that the token dies with, and what is made of it. Such a token has a row, whatever its type. */
  readonly sessionId?: string;
}

/** What a token has to be. */
export interface Verifying<Type extends string = string, Permission extends string = string> {
  /** @default the profile's `defaultType` */
  readonly type?: Type;
  /** How long ago the first token of the line may have been made, as `'10m'`. */
  readonly maxAge?: string;
  /** Claims that have to be these very texts, numbers or booleans. */
  readonly claims?: Readonly<Record<string, string | number | boolean>>;
  readonly permissions?: PermissionsWanted<Permission>;
  /** Asks the database whether the token was taken back, whatever is remembered. */
  readonly live?: boolean;
}

/** Who acts for somebody else: a `Principal` or a `TokenPrincipal`. */
export interface Impersonator {
  readonly id: string;
  readonly sessionId?: string | null;
  readonly actor?: { readonly id: string } | null;
}

declare const unverified: unique symbol;

/** What a token says, believed without a look at its signature. Cannot be taken for verified claims. */
export interface UnverifiedToken {
  readonly [unverified]: true;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Tokens of an application's own. A revocation is seen by this process at once, by another within 60 seconds, or at once
 * under `live`. Every method that takes a token throws the conditions of `tokenRefusals`.
 */
export class TokenProfile<
  Type extends string = string,
  Resource = unknown,
  Permission extends string = string,
  Purpose extends string = string,
> {
  readonly oneTime: OneTimeTokens<Purpose>;
  readonly #verifier: TokenVerifier;
  readonly #maker: TokenMaker;
  readonly #descent: Descent;

  constructor(private readonly parts: ProfileParts) {
    this.#verifier = new TokenVerifier(parts);
    this.#maker = new TokenMaker(parts);
    this.#descent = new Descent(parts, this.#verifier, this.#maker);
    const { name: profile, oneTime: purposes } = parts.settings;
    const tracking = () => this.#verifier.tracking;
    this.oneTime = new OneTimeTokens({ profile, purposes, tracking, clock: parts.clock });
  }

  get name(): string {
    return this.parts.settings.name;
  }

  get types(): readonly Type[] {
    return [...this.parts.settings.types.keys()] as Type[];
  }

  get permissions(): ProfileParts['permissions'] {
    return this.parts.permissions;
  }

  /** @throws permissionNotGranted, sessionOfTokenNotFound, tokenHookFailed */
  async issue<T extends Type = Type>(
    resource: Resource,
    { type = this.#defaultType as T, claims = {}, ...given }: Issuing<T, Permission> = {},
  ): Promise<IssuedToken<T>> {
    const { lifetime, permissions, authenticatedAt, sessionId } = given;
    const made = await this.#maker.make({
      type,
      by: 'issue',
      resource,
      claims,
      lifetime: secondsOf(lifetime),
      permissions,
      authenticatedAt: authenticatedAt && Math.floor(authenticatedAt.getTime() / 1000),
      sessionId,
    });
    if (this.#verifier.isTracked(made.issued.claims)) await this.#write(made);
    return made.issued as IssuedToken<T>;
  }

  /**
   * Says what a token proves; of the default type, unless another is asked for. Answered from memory for a minute.
   * @throws tokenInvalid, tokenExpired, tokenNotYetValid, tokenTypeWrong, tokenRevoked, tokenAlreadyUsed,
   * authenticationTooOld, claimMismatch, insufficientPermission; databaseUnavailable
   */
  async verify<T extends Type = Type>(
    token: string,
    wanted: Verifying<T, Permission> = {},
  ): Promise<VerifiedClaims<T>> {
    const found = this.admit(token, wanted);
    return (found instanceof Promise ? await found : found).claims as VerifiedClaims<T>;
  }

  /** The same for a guard: the whole principal, and synchronously where nobody has to be asked. */
  admit(
    token: string,
    wanted: Verifying<Type, Permission> = {},
  ): TokenPrincipal<Type, Permission> | Promise<TokenPrincipal<Type, Permission>> {
    const { type = this.#defaultType, maxAge, claims, permissions, live: isLive } = wanted;
    const age = secondsOf(maxAge) ?? this.parts.settings.maxAge;
    return this.#verifier.check(token, { type, maxAge: age, claims, permissions, isLive }) as TokenPrincipal<
      Type,
      Permission
    >;
  }

  /** Verifies, and loads whom the token was made for. @throws principalGone, and what `verify` throws */
  async resolve<T extends Type = Type>(
    token: string,
    wanted: Verifying<T, Permission> = {},
  ): Promise<{ readonly resource: Resource; readonly claims: VerifiedClaims<T> }> {
    const claims = await this.verify(token, wanted);
    return { resource: await this.load(claims), claims };
  }

  /** Whom verified claims are about, as it is now. @throws principalGone */
  async load(claims: VerifiedClaims): Promise<Resource> {
    return (await this.#descent.load(claims)) as Resource;
  }

  /**
   * Spends a token and returns another of the same type, for the resource as it is now. Shown again, the old one revokes
   * its whole line, and that stays although the answer is no.
   * @throws tokenNotRefreshable, tokenLifetimeOver, principalGone, and what `verify` throws
   */
  async refresh(token: string): Promise<IssuedToken<Type>> {
    return (await this.#descent.refresh(token)) as IssuedToken<Type>;
  }

  /**
   * Makes a token of another type, where the profile's table allows it. The old one stays good, unless `spend` says that
   * it is good for this once.
   * @throws exchangeNotAllowed, permissionNotGranted, principalGone, and what `verify` throws
   */
  async exchange<T extends Type>(
    token: string,
    given: { readonly to: T; readonly spend?: boolean } & Pick<
      Issuing<T, Permission>,
      'lifetime' | 'permissions'
    >,
  ): Promise<IssuedToken<T>> {
    return (await this.#descent.exchange(token, given)) as IssuedToken<T>;
  }

  /**
   * Takes a token back with what it was refreshed to, and one of a type in `exchange` with its whole line. Says nothing
   * about one that is taken back already, or has expired; but its signature has to be genuine.
   * @throws tokenInvalid, tokenNotRevocable
   */
  async revoke(token: string): Promise<void> {
    await this.#descent.revoke(token);
  }

  /**
   * Takes back everything that a subject has, one-time tokens too unless `type` is given. Types without a row stay good
   * until they expire.
   * @param given `except`: the `jti` or `fam` of what stays
   * @returns how many there were
   */
  async revokeAll(
    subject: string,
    { type, except }: { readonly type?: Type; readonly except?: string } = {},
  ): Promise<number> {
    if (except !== undefined && !isUuid(except)) throw new TypeError('except is the jti or fam of a token');
    requireSubject(subject);
    const at = this.parts.clock.now();
    const { tracking } = this.#verifier;
    const count = await tracking.revokeAll({ profile: this.name, subject, type, except, at });
    this.#verifier.forget({ subject });
    return count;
  }

  /** What a token says, for logs and for finding out whose it is: nobody has looked at its signature. Null for no token. */
  peekUnverified(token: string): UnverifiedToken | null {
    if (typeof token !== 'string') return null;
    const [header, payload] = token.split('.', 2).map(readUnverified);
    return header && payload ? ({ header, payload } as unknown as UnverifiedToken) : null;
  }

  /**
   * Lets somebody act for a resource: the token says so in `act` (RFC 8693 section 4.1), dies with the actor's session, can
   * be neither refreshed nor exchanged, and is announced as `impersonationStarted`. Under `local(...)` nobody gets it
   * before a line of the audit trail says so.
   * @param given `sessionId` where the actor has none of its own
   * @throws impersonationNotAllowed, sessionOfTokenNotFound
   */
  async impersonate(
    actor: Impersonator,
    resource: Resource,
    given: Pick<Issuing<Type, Permission>, 'type' | 'lifetime' | 'permissions' | 'sessionId'> = {},
  ): Promise<IssuedToken<Type>> {
    const { type = this.#defaultType, lifetime = '15m', permissions } = given;
    const sessionId = given.sessionId ?? actor.sessionId;
    if (actor.actor) deny(tokenRefusals.impersonationNotAllowed);
    if (!isPlainText(actor.id) || actor.id === '') throw new TypeError('Nobody impersonates');
    if (!sessionId) throw new TypeError('An impersonation is bound to a session, and there is none');
    const seconds = secondsOf(lifetime);
    const plan = { type, resource, claims: {}, lifetime: seconds, permissions, sessionId, actorId: actor.id };
    const made = await this.#maker.make({ ...plan, by: 'impersonate' });
    await this.#write(made);
    const { sub: subject, jti: tokenId, exp: expiresAt } = made.issued.claims;
    const told = { profile: this.name, actorId: actor.id, subject, sessionId, tokenId, expiresAt };
    await this.parts.noteImpersonation?.(told);
    this.parts.tell(impersonationStarted, told);
    return made.issued as IssuedToken<Type>;
  }

  /** Finds the profile's hooks. */
  async prepare(): Promise<void> {
    await this.parts.hooks.prepare();
  }

  /** Sessions have ended, so that what is remembered of their tokens has to be asked for again. */
  forgetSessions(sessionIds: readonly string[] | 'all'): void {
    if (sessionIds === 'all') this.#verifier.forgetAllSessions();
    else for (const session of sessionIds) this.#verifier.forget({ session });
  }

  get #defaultType(): Type {
    return this.parts.settings.defaultType as Type;
  }

  async #write({ row }: MadeToken): Promise<void> {
    const isWritten = await this.#verifier.tracking.add(row, this.parts.clock.now());
    if (!isWritten) deny(tokenRefusals.sessionOfTokenNotFound);
  }
}

function readUnverified(segment: string): Readonly<Record<string, unknown>> | null {
  const bytes = decodeBase64url(segment);
  return bytes === null ? null : parseStrictObject(bytes);
}
