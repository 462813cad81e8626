import { deny } from '../../core/auth-error.js';
import type { UserChange } from '../../core/ports/stores.js';
import type { Identity, Metadata, User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { userConditions } from './user.contract.js';

type Needs = Pick<LocalNeeds, 'users' | 'audit' | 'clock' | 'tokens'>;

/**
 * What becomes of a person without an address who names one, where addresses count as confirmed at once.
 * `data` is what else goes into their metadata.
 * Nothing is written; of two who name the same, the later one is refused when the change is.
 * @throws emailExists
 */
export async function permanentWith(email: string, data: Metadata, needs: Needs): Promise<UserChange> {
  const owner = await needs.users.findByEmail(email, needs.tokens.settings.audience);
  if (owner !== null) deny(userConditions.emailExists);
  const userMetadataMerge = { ...data, email_verified: true };
  return { email, emailConfirmedAt: needs.clock.now(), isAnonymous: false, userMetadataMerge };
}

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
