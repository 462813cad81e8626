import type { Clock } from '../core/ports/clock.js';
import type { Visit } from './socket-visit.js';

/** Sockets that have shown nothing yet. Each is given up, once, when it has taken longer than its gateways wait. */
export class WaitingSockets {
  readonly #waiting = new Set<Visit>();
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly giveUp: (visit: Visit) => void,
  ) {}

  get size(): number {
    return this.#waiting.size;
  }

  add(visit: Visit): void {
    this.#waiting.add(visit);
    this.#timer ??= setInterval(() => this.look(), 1000).unref();
  }

  delete(visit: Visit): void {
    this.#waiting.delete(visit);
    if (this.#waiting.size === 0) this.#rest();
  }

  clear(): void {
    this.#waiting.clear();
    this.#rest();
  }

  /** Looks once at all of them, as it does by itself every second. */
  look(): void {
    const now = this.clock.now().getTime();
    for (const visit of this.#waiting) {
      const patience = Math.min(...visit.entrances.map((entrance) => entrance.patience));
      // A clock that was set back is no reason to wait for it.
      if (Math.abs(now - visit.arrivedAt) >= patience) this.giveUp(visit);
    }
  }

  #rest(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
