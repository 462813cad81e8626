import { randomUUID } from 'node:crypto';
import { deny } from '../../core/auth-error.js';
import type { TrackedToken } from '../../core/ports/token-tracking.js';
import { maxTokenLength } from '../jws.js';
import { parseStrictObject } from '../strict-json.js';
import type { ProfileParts } from './profile-parts.js';
import type { TypeSettings } from './read-profile.js';
import {
  type OwnClaims,
  familyOf,
  isUuid,
  lineEnd,
  mistakeInCustom,
  refreshableUntil,
  requireSubject,
  type VerifiedClaims,
} from './token-claims.js';
import { tokenRefusals } from './token-conditions.js';
import type { IssuedToken, MakingToken } from './token-hooks.js';

/** What is to be made. */
export interface TokenPlan {
  readonly type: string;
  readonly by: MakingToken['by'];
  readonly resource: unknown;
  readonly claims: OwnClaims;
  /** Seconds; left out, as long as the type. */
  readonly lifetime?: number;
  /** At most these; left out, all that are granted. */
  readonly permissions?: readonly string[];
  /** The token that this one comes of. */
  readonly from?: VerifiedClaims;
  /** Unix seconds. */
  readonly authenticatedAt?: number;
  readonly sessionId?: string;
  readonly actorId?: string;
}

/** A signed token that nobody has yet, and the row that it needs where it needs one. */
export interface MadeToken {
  readonly issued: IssuedToken;
  readonly row: TrackedToken;
}

/** Makes tokens: claims, permissions, times, signature. Writes nothing. */
export class TokenMaker {
  constructor(private readonly parts: ProfileParts) {}

  async make(plan: TokenPlan): Promise<MadeToken> {
    const { hooks, settings, keys } = this.parts;
    const { type, by, resource } = plan;
    const making: MakingToken = { profile: settings.name, type, by, resource };
    const mistake = mistakeInCustom(plan.claims);
    if (mistake !== null) throw new TypeError(mistake);
    const custom = await hooks.beforeIssue(plan.claims, making);
    const permissions = await this.#permit(plan);
    const token = keys.sign({ ...this.#standard(plan), ...custom, ...permissions });
    const claims = readBack(token);
    const issued = Object.freeze({ token, claims, expiresAt: new Date(claims.exp * 1000) });
    await hooks.tell('afterIssue', issued, making);
    return { issued, row: this.#rowOf(claims, plan) };
  }

  #standard(plan: TokenPlan): Record<string, unknown> {
    const { settings, given } = this.parts;
    const sub: unknown = given.subject(plan.resource);
    requireSubject(sub);
    const { from, sessionId = from?.sid, actorId } = plan;
    if (from !== undefined && from.sub !== sub) throw new TypeError('resolve gave somebody else');
    if (sessionId !== undefined && !isUuid(sessionId)) throw new TypeError('A session has a UUID');
    return {
      iss: settings.issuer,
      aud: settings.audience,
      sub,
      jti: randomUUID(),
      typ: plan.type,
      prf: settings.name,
      ...this.#times(plan),
      ...(from && { fam: familyOf(from) }),
      ...(sessionId !== undefined && { sid: sessionId }),
      ...(actorId !== undefined && { act: { sub: actorId } }),
    };
  }

  #times({ type, from, lifetime, authenticatedAt }: TokenPlan): Record<string, number> {
    const { settings, clock } = this.parts;
    const own = settings.types.get(type);
    if (own === undefined) throw new TypeError(`Profile ${settings.name} has no type ${type}`);
    const iat = Math.floor(clock.now().getTime() / 1000);
    const auth_time = from?.auth_time ?? authenticatedAt ?? iat;
    if (!Number.isSafeInteger(auth_time) || auth_time < 0 || auth_time > iat) {
      throw new TypeError('authenticatedAt is no time that has been');
    }
    const ownEnd = auth_time + own.absolute;
    const end = from ? lineEnd(from, settings.types.get(from.typ) as TypeSettings) : ownEnd;
    const exp = Math.min(iat + Math.min(lifetime ?? Infinity, own.lifetime), ownEnd, end);
    if (exp <= iat) deny(tokenRefusals.tokenLifetimeOver);
    return { iat, exp, auth_time, ...(end < ownEnd && { fam_exp: end }) };
  }

  /** From the resource as it is now, so that nothing is carried on that was taken away. */
  async #permit({ resource, permissions: wanted, from }: TokenPlan): Promise<Record<string, unknown>> {
    const { permissions, given, find, settings } = this.parts;
    if (permissions === null) {
      if (wanted === undefined) return {};
      throw new TypeError(`Profile ${settings.name} has no permissions`);
    }
    const granted: unknown = await given.grant(resource, find);
    const unknown = [granted, wanted ?? []].find((list) => !Array.isArray(list) || !list.every(isKnown));
    if (unknown !== undefined) throw new TypeError(`Profile ${settings.name} has no such permissions`);
    const before = from?.lim === true ? (permissions.decode(from.pem ?? {}) ?? []) : null;
    const may = (granted as readonly string[]).filter((name) => before === null || before.includes(name));
    if (wanted?.some((name) => !may.includes(name))) deny(tokenRefusals.permissionNotGranted);
    const isLimited = wanted !== undefined || before !== null;
    const pem = permissions.encode(wanted ?? may, settings.permissionEncoding);
    return { pem, ...(isLimited && { lim: true }) };

    function isKnown(name: unknown): boolean {
      return permissions !== null && permissions.has(name);
    }
  }

  #rowOf(claims: VerifiedClaims, { from }: TokenPlan): TrackedToken {
    const { settings } = this.parts;
    const until = refreshableUntil(claims, settings.types.get(claims.typ) as TypeSettings);
    return {
      id: claims.jti,
      profile: claims.prf,
      familyId: familyOf(claims),
      parentId: from?.jti ?? null,
      sessionId: claims.sid ?? null,
      subject: claims.sub,
      type: claims.typ,
      expiresAt: new Date(until * 1000),
    };
  }
}

/** The claims as whoever verifies the token will read them. @throws TypeError where that could not be done */
function readBack(token: string): VerifiedClaims {
  const payload = Buffer.from(token.split('.')[1] as string, 'base64url');
  const claims = token.length > maxTokenLength ? null : parseStrictObject(payload);
  if (claims === null) throw new TypeError('These claims are too many or too deep for a token');
  return claims as VerifiedClaims;
}
