import { familyOf, type VerifiedClaims } from './token-claims.js';

/** What a token of a profile proves. Frozen; true when it was verified, not looked up again. */
export interface TokenPrincipal<Type extends string = string, Permission extends string = string> {
  /** The `sub` claim. */
  readonly id: string;
  readonly profile: string;
  readonly type: Type;
  readonly tokenId: string;
  /** The first token of the line. */
  readonly familyId: string;
  /** The session of a person that the token dies with, or null. */
  readonly sessionId: string | null;
  /** Who really acts, or null where it is the one the token was made for. */
  readonly actor: { readonly id: string } | null;
  readonly permissions: readonly Permission[];
  /** Unix seconds, as the following. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly authenticatedAt: number;
  readonly claims: VerifiedClaims<Type>;
}

/** Names what these claims prove. They must have been verified; nothing is checked here. */
export const toTokenPrincipal = (claims: VerifiedClaims, permissions: readonly string[]): TokenPrincipal =>
  Object.freeze({
    id: claims.sub,
    profile: claims.prf,
    type: claims.typ,
    tokenId: claims.jti,
    familyId: familyOf(claims),
    sessionId: claims.sid ?? null,
    actor: claims.act ? Object.freeze({ id: claims.act.sub }) : null,
    permissions,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    authenticatedAt: claims.auth_time,
    claims,
  });
