import { deny } from '../../core/auth-error.js';
import type { User } from '../../core/records.js';
import { isUuid } from '../../core/uuid.js';
import type { LocalNeeds } from '../../steps/needs.js';
import { adminConditions } from './admin.contract.js';
import { type AudienceNeeds, ownAudience } from './admin-audience.js';

/**
 * The person who is administered. Of somebody whom the caller may not see it is said that there is nobody.
 * @throws userIdNotUuid, userNotFound
 */
export async function requireManagedUser(
  userId: string,
  needs: Pick<LocalNeeds, 'users'> & AudienceNeeds,
): Promise<User> {
  if (!isUuid(userId)) deny(adminConditions.userIdNotUuid);
  const user = (await needs.users.findById(userId.toLowerCase())) ?? deny(adminConditions.userNotFound);
  const own = ownAudience(needs);
  return own === null || user.audience === own ? user : deny(adminConditions.userNotFound);
}
