import type { IdpTokens } from './idps.js';

/** Tokens of identity providers that stay here, so that the application can call their APIs in a person's name. */
export abstract class IdpTokenStore {
  /**
   * Encrypted, in place of those from before. Who gets no refresh token this time keeps the one they had: providers give
   * it with the first consent.
   */
  abstract keep(
    identity: { readonly provider: string; readonly providerId: string },
    tokens: IdpTokens,
    at: Date,
  ): Promise<void>;
  /** The newest of the user's at this provider; null where none are kept. They may have expired long ago. */
  abstract find(userId: string, provider: string): Promise<IdpTokens | null>;
}
