import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import type { User } from '../../core/records.js';
import type { LocalNeeds } from '../../steps/needs.js';
import type { MfaSettings } from './mfa.options.js';

type Needs = Pick<LocalNeeds, 'limits' | 'clock'> & { readonly settings: { readonly mfa: MfaSettings } };

/** Not by address: whoever knows the first factor has many. Not by factor: each further one would be more tries. */
const windowsOf = ({ id }: User, { maxAttempts, maxAttemptsPerHour }: MfaSettings) => [
  { key: `mfa:${id}`, max: maxAttempts, window: 5 * 60_000 },
  { key: `mfa-hour:${id}`, max: maxAttemptsPerHour, window: 60 * 60_000 },
];

/**
 * Counts a try at somebody's second factor before it is looked at, so that of many at once no more than allowed are
 * looked at. Stays counted where the refusal is kept.
 * @throws tooManyRequests
 */
export async function countAttempt(user: User, needs: Needs): Promise<void> {
  const at = needs.clock.now();
  for (const limit of windowsOf(user, needs.settings.mfa)) {
    if ((await needs.limits.take({ ...limit, at })) !== null) deny(common.tooManyRequests);
  }
}

/** What went well is no try. */
export async function forgetAttempt(user: User, needs: Needs): Promise<void> {
  for (const { key } of windowsOf(user, needs.settings.mfa)) await needs.limits.giveBack(key);
}
