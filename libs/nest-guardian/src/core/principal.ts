export type AssuranceLevel = 'aal1' | 'aal2' | 'aal3';

export interface AuthenticationMethod {
  readonly method: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly provider?: string;
}

/** Who the bearer token proves the caller to be. Frozen; true when it was made, not looked up again. */
export interface Principal {
  /** The `sub` claim; empty for a token without one, such as a service-role key. */
  readonly id: string;
  readonly role: string;
  readonly audience: string;
  readonly email: string;
  readonly phone: string;
  readonly isAnonymous: boolean;
  /** The `session_id` claim, or null for a token that belongs to no session. */
  readonly sessionId: string | null;
  readonly aal: AssuranceLevel;
  readonly amr: readonly AuthenticationMethod[];
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds; `Infinity` for a key that never expires. */
  readonly expiresAt: number;
  readonly appMetadata: Readonly<Record<string, unknown>>;
  /** What the user wrote about themselves. Never a basis for a permission. */
  readonly userMetadata: Readonly<Record<string, unknown>>;
  /** Every claim of the token. */
  readonly claims: Readonly<Record<string, unknown>>;
}
