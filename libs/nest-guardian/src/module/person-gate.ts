import type { Principal } from '../core/principal.js';
import type { Gate } from '../http/gate.js';
import { TokenGate } from '../passport/strategies.js';
import { requireNotAnonymous, requirePerson } from '../steps/require-person.js';

/** Admits whom the guard admits on an undecorated route, so that Passport opens no door that the guard would not. */
export class PersonGate extends TokenGate {
  constructor(private readonly gate: Gate) {
    super();
  }

  async admit(bearer: string): Promise<Principal> {
    const principal = await this.gate.admit(bearer);
    requireNotAnonymous(principal);
    requirePerson(principal, this.gate.adminRoles);
    return principal;
  }
}
