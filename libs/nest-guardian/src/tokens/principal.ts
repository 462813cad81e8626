import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { AssuranceLevel, AuthenticationMethod, Principal } from '../core/principal.js';
import { requireClaims, type ClaimRules, type Claims } from './claims.js';
import { refuseToken, verifyJws } from './jws.js';
import type { KeySet } from './key-set.js';
import { parseStrictObject } from './strict-json.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const nilUuid = '00000000-0000-0000-0000-000000000000';
const nothing = Object.freeze({});
const noMethods = Object.freeze([]);

/** Names the person whom these claims are about. They must have been verified; nothing is checked here. */
export function toPrincipal(claims: Claims): Principal {
  const text = (name: string): string => (claims[name] as string | undefined) ?? '';
  const sessionId = text('session_id');
  return Object.freeze({
    id: text('sub'),
    role: text('role'),
    audience: text('aud'),
    email: text('email'),
    phone: text('phone'),
    isAnonymous: claims.is_anonymous === true,
    // GoTrue: the nil UUID stands for no session.
    sessionId: sessionId === '' || sessionId === nilUuid ? null : sessionId,
    aal: (claims.aal as AssuranceLevel | undefined) ?? 'aal1',
    amr: (claims.amr as readonly AuthenticationMethod[] | undefined) ?? noMethods,
    issuedAt: (claims.iat as number | undefined) ?? 0,
    expiresAt: (claims.exp as number | undefined) ?? Infinity,
    appMetadata: (claims.app_metadata as Claims | null | undefined) ?? nothing,
    userMetadata: (claims.user_metadata as Claims | null | undefined) ?? nothing,
    claims: Object.freeze({ __proto__: null, ...claims }),
  });
}

/** Reads and judges the payload of a token whose signature is genuine. */
export function readPrincipal(payload: Uint8Array, rules: ClaimRules, now: number): Principal {
  const claims = parseStrictObject(payload);
  if (claims === null) refuseToken('token is malformed: could not JSON decode claim');
  requireClaims(claims, rules, now);
  return toPrincipal(claims);
}

/**
 * Says who signed this token, deeply frozen. Whether it names a person is for `requireSubject`, whether the
 * session is open for `confirmSession`.
 * @throws badJwt, and nothing else
 */
export const verifyAccessToken = (
  token: string,
  keys: KeySet,
  { rules, now }: { readonly rules: ClaimRules; readonly now: number },
): Principal => readPrincipal(verifyJws(token, keys), rules, now);

/**
 * Returns if the token names a person, and its session as such, so that no store is asked about anything else.
 * @throws subjectMissing, subjectNotUuid, sessionIdNotUuid
 */
export function requireSubject({ id, sessionId }: Principal): void {
  if (id === '') deny(common.subjectMissing);
  if (!uuid.test(id)) deny(common.subjectNotUuid);
  if (sessionId !== null && !uuid.test(sessionId)) deny(common.sessionIdNotUuid);
}
