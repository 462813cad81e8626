import { refuseToken } from './jws.js';

/** What the claims of a token have to be. Spans are in seconds. */
export interface ClaimRules {
  /** Left out, anyone may have issued it. */
  readonly issuer?: readonly string[];
  /** Left out, it may be meant for anyone. */
  readonly audience?: readonly string[];
  readonly leeway: number;
  /** How far from now, and from its issue, a token may end. */
  readonly maxLifetime: number;
  readonly adminRoles: readonly string[];
  readonly requireExpiry: boolean;
  readonly requireIssuedAt: boolean;
}

export type Claims = Readonly<Record<string, unknown>>;
type Shape = (value: unknown) => boolean;

// Lone surrogates and control characters break stores and logs further down.
export const isPlainText: Shape = (value) => typeof value === 'string' && !/[\p{Cc}\p{Cs}]/u.test(value);
const isMetadata: Shape = (value) => typeof value === 'object' && !Array.isArray(value);
export const isTime: Shape = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isMethod: Shape = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const { method, timestamp, provider } = value as Claims;
  return isPlainText(method) && isTime(timestamp) && (provider === undefined || isPlainText(provider));
};

const shapes: readonly (readonly [string, Shape])[] = Object.entries({
  exp: isTime,
  iat: isTime,
  nbf: isTime,
  iss: isPlainText,
  aud: isPlainText,
  sub: isPlainText,
  role: isPlainText,
  email: isPlainText,
  phone: isPlainText,
  session_id: isPlainText,
  aal: (value) => value === 'aal1' || value === 'aal2' || value === 'aal3',
  amr: (value) => Array.isArray(value) && value.every(isMethod),
  is_anonymous: (value) => typeof value === 'boolean',
  app_metadata: isMetadata,
  user_metadata: isMetadata,
} satisfies Record<string, Shape>);

const refuseClaims = (reason: string): never => refuseToken(`token has invalid claims: ${reason}`);

/** Refuses claims of a wrong type, of another time, or from and for somebody else. */
export function requireClaims(claims: Claims, rules: ClaimRules, now: number): void {
  for (const [name, hasShape] of shapes) {
    if (claims[name] !== undefined && !hasShape(claims[name])) refuseClaims(`${name} claim is malformed`);
  }
  requireTimes(claims as Times, rules, now);
  if (isAdminKey(claims, rules)) return;
  requireWithinLifetime(claims as Times, rules, now);
  if (rules.issuer && !rules.issuer.includes(claims.iss as string)) refuseClaims('token has invalid issuer');
  if (rules.audience && !rules.audience.includes(claims.aud as string))
    refuseClaims('token has invalid audience');
}

interface Times {
  readonly exp?: number;
  readonly iat?: number;
  readonly nbf?: number;
}

function requireTimes({ exp, iat, nbf }: Times, { leeway }: ClaimRules, now: number): void {
  if (exp !== undefined && now >= exp + leeway) refuseClaims('token is expired');
  if (nbf !== undefined && now < nbf - leeway) refuseClaims('token is not valid yet');
  if (iat !== undefined && now < iat - leeway) refuseClaims('token used before issued');
}

function requireWithinLifetime({ exp, iat }: Times, rules: ClaimRules, now: number): void {
  if (exp === undefined && rules.requireExpiry) refuseClaims('exp claim is required');
  if (iat === undefined && rules.requireIssuedAt) refuseClaims('iat claim is required');
  if (exp === undefined) return;
  const latest = Math.min(now + rules.leeway, iat ?? Infinity) + rules.maxLifetime;
  if (exp > latest) refuseClaims('token is valid for too long');
}

/**
 * GoTrue: a service-role key stands for no person. It is signed for years, without subject and audience, by
 * `supabase`. A token of that role which does name a person gets no such indulgence.
 */
const isAdminKey = (claims: Claims, { adminRoles, issuer }: ClaimRules): boolean =>
  adminRoles.includes(claims.role as string) &&
  (claims.sub ?? '') === '' &&
  (!issuer || [undefined, 'supabase', ...issuer].includes(claims.iss as string));
