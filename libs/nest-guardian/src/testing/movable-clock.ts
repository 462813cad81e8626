import { parseDuration } from '../core/duration.js';
import { Clock } from '../core/ports/clock.js';

/** A clock that stands until it is moved: `overrideProvider(Clock).useValue(new MovableClock())`. */
export class MovableClock extends Clock {
  #now: number;

  constructor(start: Date = new Date()) {
    super();
    this.#now = start.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  /** Moves on by `'90s'`, `'15m'`, `'30d'`. It never goes back. */
  advance(duration: string): void {
    const milliseconds = parseDuration(duration);
    if (milliseconds === null) throw new TypeError(`${duration} is no duration such as '90s' or '15m'`);
    this.#now += milliseconds;
  }
}
