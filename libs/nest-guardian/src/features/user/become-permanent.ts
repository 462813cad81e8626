import { deny } from '../../core/auth-error.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Identity, Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { userConditions } from './user.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'audit' | 'clock'>;

/**
 * What becomes of a person without an address who names one, where addresses count as confirmed at once.
 * `data` is what else goes into their metadata.
 */
export const permanentWith = (email: string, data: Metadata, { clock }: Needs): UserChange => ({
  email,
  emailConfirmedAt: clock.now(),
  isAnonymous: false,
  userMetadataMerge: { ...data, email_verified: true },
});

/**
 * Gives the person the identity of their address. GoTrue: the change is noted here and once more at the end.
 * @throws emailExists
 */
export async function addEmailIdentity(user: User, email: string, needs: Needs): Promise<Identity> {
  const at = needs.clock.now();
  await needs.audit.record({ actor: user, action: 'user_modified', logType: 'user', at });
  const added = await needs.users.insertIdentity({
    userId: user.id,
    provider: 'email',
    providerId: user.id,
    identityData: { sub: user.id, email, email_verified: true, phone_verified: false },
    at,
  });
  // Race: the person named an address twice at once, and this is the later one.
  return added ?? deny(userConditions.emailExists);
}
