import type { Principal } from '../core/principal.js';
import type { TokenPrincipal } from '../tokens/profile/token-principal.js';

/** Who was let in, and by which token. */
export interface Admission {
  readonly principal: Principal | TokenPrincipal;
  readonly bearer: string;
  /** Loads whom a token of a profile was made for; asked once. */
  readonly resource?: () => Promise<unknown>;
}

// A symbol of our own, which no header, body or query can spell: nothing that a client sends can end up here.
const admission = Symbol('nest-guardian.admission');

interface Admitted {
  [admission]?: Admission;
}

export const admit = (carrier: object, admitted: Admission): void =>
  void ((carrier as Admitted)[admission] = admitted);

export const admissionOf = (carrier: object): Admission | undefined => (carrier as Admitted)[admission];
