import type { Principal } from '../core/principal.js';

/** Who was let in, and by which token. */
export interface Admission {
  readonly principal: Principal;
  readonly bearer: string;
}

// Beside the request, not on it: nothing that a client sends can end up here.
const admissions = new WeakMap<object, Admission>();

export const admit = (request: object, admission: Admission): void => void admissions.set(request, admission);

export const admissionOf = (request: object): Admission | undefined => admissions.get(request);
