import type { IdpTokens } from './idps.js';

/** A row of `auth.flow_state`: a sign-in under way that ends with a code for whoever holds the verifier (RFC 7636). */
export interface FlowState {
  readonly id: string;
  readonly userId: string | null;
  /** GoTrue's name of the way the person proves who they are, e.g. `magiclink`. */
  readonly authenticationMethod: string;
  readonly providerType: string;
  readonly challenge: string;
  readonly challengeMethod: 's256' | 'plain';
  readonly createdAt: Date;
  readonly codeIssuedAt: Date | null;
  /** Null for flows of mail. */
  readonly idpTokens: IdpTokens | null;
}

export interface NewFlowState {
  readonly userId: string;
  readonly authenticationMethod: string;
  /** GoTrue: `email` for the flows of mail, but the method's own name for some. */
  readonly providerType: string;
  readonly challenge: string;
  readonly challengeMethod: 's256' | 'plain';
  readonly at: Date;
}

/** A way to an identity provider, from the moment that the browser leaves. */
export interface NewIdpFlow {
  /** A random UUID, which is the `state` of OAuth. */
  readonly id: string;
  /** The identity provider's name. */
  readonly provider: string;
  /** Null where the session comes back in the fragment. */
  readonly challenge: { readonly value: string; readonly method: 's256' | 'plain' } | null;
  /** Where the browser is sent in the end. It has been judged. */
  readonly target: string;
  readonly inviteToken: string | null;
  /** Whether the row holds the invitation's token encrypted, as no GoTrue server reads it. */
  readonly encrypts: boolean;
  /** Who gets one more way in; null for a sign-in. */
  readonly linkingTargetId: string | null;
  readonly isEmailOptional: boolean;
  readonly at: Date;
}

export interface IdpFlow extends Omit<NewIdpFlow, 'at' | 'encrypts'> {
  readonly createdAt: Date;
  /** Whether somebody has come back with it: it is not followed again. */
  readonly isClaimed: boolean;
}

/** Whom the identity provider has named, for whoever holds the verifier. */
export interface FoundAtIdp {
  readonly userId: string;
  /** They wait in the row until the code is traded. */
  readonly tokens: IdpTokens;
  /** Whether the row holds them encrypted, as no GoTrue server reads them. */
  readonly encrypts: boolean;
  readonly at: Date;
}

export abstract class FlowStateStore {
  abstract start(flow: NewFlowState): Promise<void>;
  /** The code of the user's newest flow of that method, and the time it was given out; null where there is none. */
  abstract issueCode(userId: string, authenticationMethod: string, at: Date): Promise<string | null>;
  /** Takes the flow of this code out, or null. Of two callers at the same moment, one gets it. */
  abstract take(code: string): Promise<FlowState | null>;

  abstract startAtIdp(flow: NewIdpFlow): Promise<void>;
  /** Reads without holding. Null for what is no flow to an identity provider. */
  abstract findAtIdp(id: string): Promise<IdpFlow | null>;
  /**
   * Marks the flow as come back with, at once and for good, whatever becomes of the request. Before anything is written.
   * @returns whether it was free; of two at once, one hears yes
   */
  abstract claim(id: string, at: Date): Promise<boolean>;
  /** Takes the flow out. @returns whether it was there; of two at once, one hears yes */
  abstract end(id: string): Promise<boolean>;
  /**
   * The code for whoever holds the verifier, once the person is known.
   * @returns null where it has been given out already; of two at once, one gets it
   */
  abstract issueIdpCode(id: string, found: FoundAtIdp): Promise<string | null>;
}
