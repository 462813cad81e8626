import { denyButKeep } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { LocalNeeds } from './needs.js';
import { addressKey } from './one-time-secret.js';

const day = 24 * 60 * 60 * 1000;

/**
 * Counts a code that is tried for an address: whoever asks for one new code after the other has no more tries than
 * this, all purposes together. It stays counted if the caller's denial keeps what was written.
 * @throws tooManyRequests
 */
export async function requireTriesLeft(
  address: string,
  needs: Pick<LocalNeeds, 'limits' | 'tokens' | 'clock'> & {
    readonly settings: { readonly links: { readonly maxCodeAttemptsPerDay: number } };
  },
): Promise<void> {
  const key = `codes:${addressKey(address, needs)}`;
  const { maxCodeAttemptsPerDay: max } = needs.settings.links;
  const freeAt = await needs.limits.take({ key, max, window: day, at: needs.clock.now() });
  if (freeAt !== null) denyButKeep(common.tooManyRequests);
}
