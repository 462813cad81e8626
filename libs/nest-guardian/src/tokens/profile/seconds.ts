import { parseDuration } from '../../core/duration.js';

/** Seconds of `'15m'`; undefined for nothing. @throws TypeError for what is no duration of a second or more */
export function secondsOf(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const milliseconds = typeof duration === 'string' ? parseDuration(duration) : null;
  if (milliseconds === null || milliseconds < 1000) {
    throw new TypeError(`${String(duration)} is no duration such as '90s', '15m' or '30d'`);
  }
  return Math.floor(milliseconds / 1000);
}
