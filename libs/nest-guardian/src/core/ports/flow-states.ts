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

export abstract class FlowStateStore {
  abstract start(flow: NewFlowState): Promise<void>;
  /** The code of the user's newest flow of that method, and the time it was given out; null where there is none. */
  abstract issueCode(userId: string, authenticationMethod: string, at: Date): Promise<string | null>;
  /** Takes the flow of this code out, or null. Of two callers at the same moment, one gets it. */
  abstract take(code: string): Promise<FlowState | null>;
}
