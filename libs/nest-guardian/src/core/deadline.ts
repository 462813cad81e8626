import { AuthError } from './auth-error.js';
import { common } from './conditions.js';

/**
 * What the work comes to, if it does within this many milliseconds. Work that takes longer goes on unheard, so
 * it has to look at `until`, which `performance.now()` passes then.
 * @param whose stands in the log where it is late
 * @throws requestTimeout
 */
export async function withinDeadline<T>(
  milliseconds: number,
  work: (until: number) => Promise<T>,
  whose = 'A request',
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const cause = new Error(`${whose} took longer than ${Math.ceil(milliseconds)} ms`);
    timer = setTimeout(() => reject(new AuthError(common.requestTimeout, { cause })), milliseconds);
  });
  try {
    return await Promise.race([work(performance.now() + milliseconds), late]);
  } finally {
    clearTimeout(timer);
  }
}
