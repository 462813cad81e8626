import type { Principal } from '../core/principal.js';
import type { TokenPrincipal } from '../tokens/profile/token-principal.js';

/** Who was let in, and by which token. */
export interface Admission {
  readonly principal: Principal | TokenPrincipal;
  readonly bearer: string;
  /** Loads whom a token of a profile was made for; asked once. */
  readonly resource?: () => Promise<unknown>;
}

// Beside the carrier and not on it: nothing that a client sends can end up here, and a request that is given one more
// property than V8 has kept room for is slow to read for everybody after us.
const admissions = new WeakMap<object, Admission>();

export const admit = (carrier: object, admission: Admission): void =>
  void admissions.set(carrier, admission);

export const admissionOf = (carrier: object): Admission | undefined => admissions.get(carrier);
