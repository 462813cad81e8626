import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { TokenPrincipal } from '../tokens/profile/token-principal.js';
import type { TokenProfiles } from '../tokens/profile/token-profiles.js';
import { admit } from './admission.js';
import type { Requirements } from './requirements.js';

/** The guard of routes that are opened by tokens of a profile. */
export class ProfileGate {
  constructor(private readonly profiles: TokenProfiles) {}

  /** Synchronously where nobody has to be asked. @throws what `TokenProfile.verify` throws, insufficientRole */
  enter(
    carrier: object,
    bearer: string,
    { profile: wanted, permissions, roles, aal, proofAge, needsLiveSession: live }: Requirements,
  ): boolean | Promise<boolean> {
    const { name, ...asked } = wanted ?? deny(common.noAuthorization);
    const profile = this.profiles.require(name);
    // These tokens say neither a role nor how somebody signed in, so nobody has either. Told at boot already.
    if (roles !== undefined || aal !== undefined || proofAge !== undefined) deny(common.insufficientRole);
    const found = profile.admit(bearer, { ...asked, permissions, live });
    const enter = (principal: TokenPrincipal): boolean => {
      let loaded: Promise<unknown> | null = null;
      const resource = (): Promise<unknown> => (loaded ??= profile.load(principal.claims));
      admit(carrier, { principal, bearer, resource });
      return true;
    };
    return found instanceof Promise ? found.then(enter) : enter(found);
  }
}
