import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { User } from '../../core/records.js';
import type { AccountNeeds, FoundPerson } from './resolve-account.js';

/** Gives a signed-in person one more way in. */
export async function linkAccount(_found: FoundPerson, targetId: string, needs: AccountNeeds): Promise<User> {
  const user = await needs.users.findById(targetId);
  return user ?? deny(common.unexpectedFailure);
}
