import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { isPlainText, isTime } from '../claims.js';
import type { ProfileSettings, TypeSettings } from './read-profile.js';
import { tokenRefusals } from './token-conditions.js';

/** What a genuine token says, deeply frozen. */
export interface VerifiedClaims<Type extends string = string> {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  /** A UUID of the token's own. */
  readonly jti: string;
  /** The type of token. */
  readonly typ: Type;
  /** The profile. */
  readonly prf: string;
  /** Unix seconds, as all times here. */
  readonly iat: number;
  readonly exp: number;
  /** When the first token of the line was made, or what that one was given for it. */
  readonly auth_time: number;
  /** The first token of the line, in those that came after. */
  readonly fam?: string;
  /** When the line ends, where one that this comes of says so and not this one's own type. */
  readonly fam_exp?: number;
  /** The session of a person that the token dies with. */
  readonly sid?: string;
  readonly pem?: unknown;
  /** That the permissions are fewer than were granted, and do not grow. */
  readonly lim?: true;
  /** RFC 8693 section 4.1: who really acts. */
  readonly act?: { readonly sub: string };
  readonly [claim: string]: unknown;
}

/** Claims of an application's own, beside those above. */
export type OwnClaims = Readonly<Record<string, unknown>>;

const reserved: ReadonlySet<string> = new Set(
  // As `toJSON`, a function would be signed for all the rest.
  'iss aud sub jti typ prf iat nbf exp auth_time fam fam_exp sid pem lim act toJSON'.split(' '),
);

/** What is wrong with claims of an application's own, or null. */
export function mistakeInCustom(claims: unknown): string | null {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return 'Claims are an object';
  // A Map or a Date would be signed as nothing at all.
  const prototype: unknown = Object.getPrototypeOf(claims);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return 'Claims are a plain object';
  const taken = Object.keys(claims).find((name) => reserved.has(name) || name in Object.prototype);
  return taken === undefined ? null : `The claim ${taken} is not yours to set`;
}

export const customOf = (claims: VerifiedClaims): OwnClaims =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !reserved.has(name)));

/** What fits into an index entry of PostgreSQL, whatever its characters. */
const longestSubject = 1024;

/** @throws TypeError for what is no text; badRequest for text that PostgreSQL cannot hold, or that breaks a log */
export function requireSubject(subject: unknown): asserts subject is string {
  if (typeof subject !== 'string' || subject === '')
    throw new TypeError('A subject is a text that is not empty');
  if (!isPlainText(subject))
    deny(common.badRequest, { value: 'The subject holds characters that it cannot' });
  if (Buffer.byteLength(subject) > longestSubject)
    deny(common.badRequest, { value: `The subject is longer than ${longestSubject} bytes` });
}

/** The first of the line that a token comes of. */
export const familyOf = ({ fam, jti }: VerifiedClaims): string => fam ?? jti;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isUuid = (value: unknown): value is string => typeof value === 'string' && uuid.test(value);
const isActor = (value: unknown): boolean => {
  const { sub } = (typeof value === 'object' && value !== null ? value : {}) as { readonly sub?: unknown };
  return isPlainText(sub) && sub !== '';
};

const shapes: readonly (readonly [name: string, isRequired: boolean, is: (value: unknown) => boolean])[] = [
  ['sub', true, (value) => isPlainText(value) && value !== ''],
  ['jti', true, isUuid],
  ['iat', true, isTime],
  ['exp', true, isTime],
  ['nbf', false, isTime],
  ['auth_time', true, isTime],
  ['fam', false, isUuid],
  ['fam_exp', false, isTime],
  ['sid', false, isUuid],
  ['act', false, isActor],
  ['lim', false, (value) => value === true],
];

const invalid = (value: string): never => deny(tokenRefusals.tokenInvalid, { value });

/**
 * Refuses claims of a wrong type, of another profile, issuer or audience, and of a type or for a time that this profile
 * does not make. Whether their time has come or gone is for `requireTime`.
 */
export function requireOfProfile(
  claims: Readonly<Record<string, unknown>>,
  settings: ProfileSettings,
): asserts claims is VerifiedClaims {
  for (const [name, isRequired, is] of shapes) {
    const value = claims[name];
    if (value === undefined ? isRequired : !is(value)) invalid(`its claim ${name} is missing or malformed`);
  }
  if (claims.prf !== settings.name) invalid('it is of another profile');
  if (claims.iss !== settings.issuer) invalid('it is of another issuer');
  if (claims.aud !== settings.audience) invalid('it is for another audience');
  const { typ, iat, exp, auth_time } = claims as VerifiedClaims;
  const type = settings.types.get(typ) ?? invalid('its type is not known');
  if (exp <= iat || exp - iat > type.lifetime) invalid('it is valid for too long');
  if (auth_time > iat) invalid('its claim auth_time is after its issue');
}

/** Until when a token is good for what is asked: to be shown, or to be refreshed. */
export type Deadline = 'exp' | 'sliding';

/** @throws tokenExpired, tokenNotYetValid, tokenLifetimeOver */
export function requireTime(
  claims: VerifiedClaims,
  { clockTolerance, types }: ProfileSettings,
  { now, deadline }: { readonly now: number; readonly deadline: Deadline },
): void {
  const { iat, exp, nbf } = claims;
  if (now < Math.max(iat, (nbf as number | undefined) ?? 0) - clockTolerance)
    deny(tokenRefusals.tokenNotYetValid);
  const type = types.get(claims.typ) as TypeSettings;
  const end = deadline === 'exp' ? exp : refreshableUntil(claims, type);
  if (now >= end + clockTolerance) deny(tokenRefusals.tokenExpired);
}

/** Until when a token can be refreshed; never before it expires. */
export const refreshableUntil = (claims: VerifiedClaims, type: TypeSettings): number =>
  Math.max(claims.exp, Math.min(claims.iat + type.sliding, lineEnd(claims, type)));

/** When a token's line ends, whatever anybody does; `Infinity` for never. */
export const lineEnd = (
  { auth_time, fam_exp = Infinity }: VerifiedClaims,
  { absolute }: TypeSettings,
): number => Math.min(auth_time + absolute, fam_exp);
