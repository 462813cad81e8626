import { IncomingMessage } from 'node:http';
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

// Node's requests have so many properties that one more makes them slow for whatever reads them after us. All else is
// small, or stays and is written to again and again, for which a WeakMap is the slower place. Figures: docs/speed.md.
const ofRequests = new WeakMap<object, Admission>();

export function admit(carrier: object, given: Admission): void {
  if (carrier instanceof IncomingMessage) ofRequests.set(carrier, given);
  else (carrier as Admitted)[admission] = given;
}

export const admissionOf = (carrier: object): Admission | undefined =>
  carrier instanceof IncomingMessage ? ofRequests.get(carrier) : (carrier as Admitted)[admission];
