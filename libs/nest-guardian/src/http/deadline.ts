import { AuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';

/**
 * What the work comes to, if it does within this many milliseconds. Work that takes longer goes on unheard, so
 * it has to look at `until`, which `performance.now()` passes then.
 * @throws requestTimeout
 */
export async function withinDeadline<T>(
  milliseconds: number,
  work: (until: number) => Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AuthError(common.requestTimeout)), milliseconds);
  });
  try {
    return await Promise.race([work(performance.now() + milliseconds), late]);
  } finally {
    clearTimeout(timer);
  }
}
