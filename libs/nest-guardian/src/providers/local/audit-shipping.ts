import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditLine, AuditSink } from '../../core/ports/audit-sink.js';

/** How long the end of the process waits for lines on their way, in milliseconds. */
const patience = 2_000;

/** Hands audit lines to the application's sink. No request waits for it, and none fails with it. */
export class AuditShipping {
  readonly #onTheirWay = new Set<Promise<void>>();

  constructor(
    private readonly find: () => Promise<AuditSink>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  ship(lines: readonly AuditLine[]): void {
    if (lines.length === 0) return;
    const shipped = this.#write(lines)
      .catch(this.onFailure)
      .finally(() => this.#onTheirWay.delete(shipped));
    this.#onTheirWay.add(shipped);
  }

  /** Returns when all have arrived, or it took too long. */
  async close(): Promise<void> {
    const given = new AbortController();
    const tooLong = sleep(patience, undefined, { signal: given.signal, ref: false });
    await Promise.race([Promise.all(this.#onTheirWay), tooLong]);
    given.abort();
    // That nobody waits any more is what was wanted.
    await tooLong.catch(() => undefined);
  }

  async #write(lines: readonly AuditLine[]): Promise<void> {
    const sink = await this.find();
    await sink.write(lines);
  }
}
