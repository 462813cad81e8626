import type { User } from '../core/records.js';
import type { LocalNeeds } from './needs.js';

/** Brings `app_metadata` to what the user's identities are now, the oldest first. Without identities it stays. */
export async function noteProviders(
  userId: string,
  needs: Pick<LocalNeeds, 'users' | 'clock'>,
): Promise<User | null> {
  const user = await needs.users.findById(userId);
  const providers = [...new Set(user?.identities.map(({ provider }) => provider))];
  if (user === null || providers.length === 0) return user;
  if (String(user.appMetadata.providers) === String(providers)) return user;
  const appMetadata = { ...user.appMetadata, provider: providers[0], providers };
  return needs.users.update(userId, { appMetadata }, needs.clock.now());
}
