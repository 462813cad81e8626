import type { Event } from './event.js';

type Listener = (payload: never) => void;

/** Where events are told and heard within one process. A listener that fails harms nobody else. */
export class Announcements {
  readonly #listeners = new Map<string, Listener[]>();

  constructor(private readonly onFailure: (event: string, error: unknown) => void) {}

  on<P>(event: Event<P>, hear: (payload: P) => void): void {
    const listeners = this.#listeners.get(event.name) ?? [];
    this.#listeners.set(event.name, [...listeners, hear as Listener]);
  }

  tell<P>(event: Event<P>, payload: P): void {
    for (const hear of this.#listeners.get(event.name) ?? []) {
      try {
        hear(payload as never);
      } catch (error) {
        this.onFailure(event.name, error);
      }
    }
  }
}
