import { deny, denyButKeep, isAuthError } from '../../core/auth-error.js';
import type { TokenTracking } from '../../core/ports/token-tracking.js';
import { IndexedCache } from '../indexed-cache.js';
import { parseStrictObject } from '../strict-json.js';
import { isPermitted, mistakeInWanted, type PermissionsWanted } from './permissions.js';
import type { ProfileParts } from './profile-parts.js';
import {
  type Deadline,
  familyOf,
  requireOfProfile,
  requireTime,
  type VerifiedClaims,
} from './token-claims.js';
import { tokenRefusals } from './token-conditions.js';
import { tokenReuseDetected } from './token-events.js';
import { toTokenPrincipal, type TokenPrincipal } from './token-principal.js';

/** How long what was verified is trusted without another look, in seconds; so long may a revocation elsewhere take. */
const maxTrust = 60;
const maxEntries = 10_000;
const nothing: readonly string[] = Object.freeze([]);

/** What a token has to be for what is asked. */
export interface TokenWanted {
  readonly type: string;
  /** Seconds; null for any age. */
  readonly maxAge: number | null;
  /** Claims that have to be these very values; texts, numbers or booleans. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly permissions?: PermissionsWanted;
  /** Asks the database, whatever is remembered. */
  readonly isLive?: boolean;
}

/** Says what tokens of a profile prove. Remembers it for a minute at most, and until a revocation in this process. */
export class TokenVerifier {
  readonly #known = new IndexedCache<TokenPrincipal>(maxEntries, (principal) => this.#keysOf(principal));
  /** Look-ups under way. */
  readonly #asking = new Map<string, Promise<TokenPrincipal>>();

  constructor(private readonly parts: ProfileParts) {}

  /** Without hooks, and where it remembers or need not ask, it returns no promise. */
  check(token: string, wanted: TokenWanted): TokenPrincipal | Promise<TokenPrincipal> {
    const found = this.#find(token, wanted.isLive === true);
    if (found instanceof Promise || !this.parts.hooks.isEmpty) return this.#finish(found, wanted);
    this.#judge(found, wanted);
    return found;
  }

  /**
   * Opens a token of which another is to be made, and asks the database now.
   * @param deadline `sliding` for one that is to be refreshed
   */
  async open(token: string, deadline: Deadline): Promise<VerifiedClaims> {
    const claims = this.read(token);
    requireTime(claims, this.parts.settings, { now: this.#now(), deadline });
    return claims;
  }

  /** Claims whose signature is genuine and which are of this profile; of whatever time. @throws tokenInvalid */
  read(token: string): VerifiedClaims {
    const { keys, settings } = this.parts;
    try {
      const claims: Readonly<Record<string, unknown>> =
        parseStrictObject(keys.open(token)) ??
        deny(tokenRefusals.tokenInvalid, { value: 'it is not a JSON object' });
      requireOfProfile(claims, settings);
      return claims;
    } catch (error) {
      if (!isAuthError(error) || error.code !== 'bad_jwt') throw error;
      deny(tokenRefusals.tokenInvalid, { value: 'its form or its signature is wrong', cause: error });
    }
  }

  /**
   * Asks the database whether a token is still good. One that was spent ends its line wherever it is shown: who shows it
   * and who spent it cannot both be its owner.
   * @throws tokenRevoked, tokenAlreadyUsed, sessionOfTokenNotFound; databaseUnavailable
   */
  async requireActive(claims: VerifiedClaims): Promise<void> {
    const at = this.parts.clock.now();
    const state = await this.tracking.stateOf({ id: claims.jti, profile: claims.prf }, at);
    if (state.kind === 'active') return;
    if (state.kind === 'used') return this.#refuseSpent(claims, at.getTime() - state.at.getTime());
    deny(state.kind === 'orphaned' ? tokenRefusals.sessionOfTokenNotFound : tokenRefusals.tokenRevoked);
  }

  /** Revokes every token of the line. */
  async revokeFamily(claims: VerifiedClaims): Promise<void> {
    const familyId = familyOf(claims);
    const { prf: profile, sub: subject } = claims;
    await this.tracking.revokeFamily({ profile, subject, familyId }, this.parts.clock.now());
    this.forget({ family: familyId });
  }

  /** Whether tokens with these claims have a row. What dies with a session has one, of whatever type it is. */
  isTracked({ typ, act, sid }: Pick<VerifiedClaims, 'typ' | 'act' | 'sid'>): boolean {
    return act !== undefined || sid !== undefined || this.parts.settings.tracked.has(typ);
  }

  /** @throws TypeError where there is no store */
  get tracking(): TokenTracking {
    const { tracking, settings } = this.parts;
    if (tracking === null) throw new TypeError(`Profile ${settings.name} has no tracking`);
    return tracking;
  }

  /** Forgets what it knows of this token, family, session or subject: `{ family: id }`. */
  forget(by: { readonly [kind in 'token' | 'family' | 'session' | 'subject']?: string }): void {
    // Race: who asks from now on must not be given an answer that was under way before.
    this.#asking.clear();
    for (const [kind, id] of Object.entries(by)) this.#known.forget(`${kind} ${id}`);
  }

  forgetAllSessions(): void {
    this.#asking.clear();
    this.#known.forget('sessions');
  }

  #find(token: string, isLive: boolean): TokenPrincipal | Promise<TokenPrincipal> {
    const now = this.#now();
    const known = isLive ? undefined : (this.#known.get(token, now) ?? this.#asking.get(token));
    if (known !== undefined) return known;
    const { version } = this.#known;
    const claims = this.read(token);
    requireTime(claims, this.parts.settings, { now, deadline: 'exp' });
    const principal = toTokenPrincipal(claims, this.#permissionsOf(claims));
    const remember = (): TokenPrincipal => {
      // The tolerance is for a first look; what is remembered dies on time.
      this.#known.set(token, principal, { now, until: Math.min(claims.exp, now + maxTrust), version });
      return principal;
    };
    return this.isTracked(claims)
      ? this.#share(token, this.requireActive(claims).then(remember))
      : remember();
  }

  /** A crowd with one new token asks the database once. */
  #share(token: string, asked: Promise<TokenPrincipal>): Promise<TokenPrincipal> {
    this.#asking.set(token, asked);
    const forget = (): void => {
      if (this.#asking.get(token) === asked) this.#asking.delete(token);
    };
    asked.then(forget, forget);
    return asked;
  }

  /** @param age milliseconds since it was spent */
  async #refuseSpent(claims: VerifiedClaims, age: number): Promise<never> {
    const { reuseWindow, name: profile } = this.parts.settings;
    // The clock of who spent it may be ahead of this one.
    if (Math.abs(age) < reuseWindow * 1000) deny(tokenRefusals.tokenAlreadyUsed);
    await this.revokeFamily(claims);
    this.parts.tell(tokenReuseDetected, { profile, subject: claims.sub, familyId: familyOf(claims) });
    denyButKeep(tokenRefusals.tokenAlreadyUsed);
  }

  async #finish(
    found: TokenPrincipal | Promise<TokenPrincipal>,
    wanted: TokenWanted,
  ): Promise<TokenPrincipal> {
    const principal = await found;
    this.#judge(principal, wanted);
    await this.askHooks(principal.claims);
    return principal;
  }

  async askHooks(claims: VerifiedClaims): Promise<void> {
    await this.parts.hooks.tell('verify', claims);
    await this.parts.hooks.tell('afterVerify', claims);
  }

  #judge(principal: TokenPrincipal, { type, maxAge, claims, permissions }: TokenWanted): void {
    if (principal.type !== type) deny(tokenRefusals.tokenTypeWrong);
    if (maxAge !== null) this.#requireYoung(principal, maxAge);
    for (const [name, value] of Object.entries(claims ?? {})) {
      if (!Object.hasOwn(principal.claims, name) || principal.claims[name] !== value) {
        deny(tokenRefusals.claimMismatch, { value: name });
      }
    }
    if (permissions !== undefined) this.#requirePermitted(principal, permissions);
  }

  #requireYoung({ authenticatedAt }: TokenPrincipal, maxAge: number): void {
    const { clockTolerance } = this.parts.settings;
    const isYoung = this.#now() < authenticatedAt + maxAge + clockTolerance;
    if (!isYoung) deny(tokenRefusals.authenticationTooOld);
  }

  #requirePermitted(principal: TokenPrincipal, wanted: PermissionsWanted): void {
    const mistake = mistakeInWanted(wanted, this.parts.permissions);
    if (mistake !== null) throw new TypeError(`What is asked of a token ${mistake}`);
    if (!isPermitted(principal.permissions, wanted)) deny(tokenRefusals.insufficientPermission);
  }

  #permissionsOf({ pem }: VerifiedClaims): readonly string[] {
    const { permissions } = this.parts;
    if (permissions === null || pem === undefined) return nothing;
    return (
      permissions.decode(pem) ?? deny(tokenRefusals.tokenInvalid, { value: 'its claim pem is malformed' })
    );
  }

  /** By what an entry is forgotten. What has no row is never taken back, so nothing is. */
  #keysOf({ id, tokenId, familyId, sessionId, claims }: TokenPrincipal): readonly string[] {
    if (!this.isTracked(claims)) return nothing;
    const keys = [`token ${tokenId}`, `family ${familyId}`, `subject ${id}`];
    return sessionId === null ? keys : [...keys, `session ${sessionId}`, 'sessions'];
  }

  /** Unix seconds, with a fraction. */
  #now(): number {
    return this.parts.clock.now().getTime() / 1000;
  }
}
