import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/ports/clock.js';
import { MessageRefused } from '../core/ports/mailer.js';
import type { MessageQueue, QueuedMessage } from '../core/ports/outbox.js';
import type { DeliveryLog } from './log.js';

/** How many messages are on their way at once: as many as there are connections to the mail server. */
export const inFlightAtMost = 5;

const second = 1_000;
const minute = 60 * second;
const lease = 2 * minute;
const pollInterval = 5 * second;
const sweepInterval = 10 * minute;
const stopTime = 5 * second;
/** Longer than any deadline of those who deliver, and within the lease. */
const deliveryTime = 90 * second;
const backOff = [10 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute];

export interface OutboxWorkerParts {
  readonly queue: MessageQueue;
  readonly clock: Clock;
  /** Carries one message out. What it throws says whether to try again. */
  readonly deliver: (message: QueuedMessage) => Promise<void>;
  /** Deletes what is of no use any more. */
  readonly sweep: (at: Date) => Promise<unknown>;
  readonly log: DeliveryLog;
}

/**
 * Carries messages from the outbox to whoever delivers them. Each is sent at least once, and more than once only if
 * the process dies, or the database goes away, between the sending and the note that it was done.
 */
export class OutboxWorker {
  readonly #inFlight = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  /** Of which channels the last try failed. */
  readonly #failing = new Set<QueuedMessage['channel']>();
  #round: Promise<void> | null = null;
  #isAskedAgain = false;
  #isStopped = false;
  #isOut = false;

  constructor(private readonly parts: OutboxWorkerParts) {}

  start(): this {
    const every = (span: number, work: () => void) => setInterval(work, span).unref();
    this.#timers.push(
      every(pollInterval, () => this.nudge()),
      // With a little more for each, so that processes that start together do not sweep together.
      every(sweepInterval + randomInt(sweepInterval / 10), () => void this.#sweep()),
    );
    this.nudge();
    return this;
  }

  /** Something may wait. Returns at once, and nothing that goes wrong is thrown. */
  nudge(): void {
    if (this.#isStopped) return;
    this.#isAskedAgain = true;
    this.#round ??= this.#emptyQueue().finally(() => {
      this.#round = null;
    });
  }

  /** Takes no more, and waits a little for what is on its way. The rest is left to whoever comes next. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    const ended = Promise.allSettled([this.#round, ...this.#inFlight]);
    const limit = new AbortController();
    await Promise.race([ended, sleep(stopTime, undefined, { signal: limit.signal })]);
    limit.abort();
  }

  async #emptyQueue(): Promise<void> {
    while (this.#isAskedAgain && !this.#isStopped) {
      this.#isAskedAgain = false;
      await this.#sayingOutage(async () => {
        while (!this.#isStopped && (await this.#claim()) > 0);
      });
    }
  }

  /** Takes as many as can be started at once, so that a process that dies holds no others back. */
  async #claim(): Promise<number> {
    if (this.#inFlight.size >= inFlightAtMost) await Promise.race(this.#inFlight);
    const at = this.parts.clock.now();
    const until = new Date(at.getTime() + lease);
    const messages = await this.parts.queue.claim(inFlightAtMost - this.#inFlight.size, at, until);
    for (const message of messages) {
      const way = this.#carry(message).finally(() => this.#inFlight.delete(way));
      this.#inFlight.add(way);
    }
    return messages.length;
  }

  async #carry(message: QueuedMessage): Promise<void> {
    const outcome = await this.#deliver(message).then(
      () => this.#afterSuccess(message),
      (error: unknown) => this.#afterFailure(message, error),
    );
    // What is not noted is done again when the lease ends, so a database that is away for a moment is waited for.
    for (const wait of [0, second, 2 * second]) {
      if (wait > 0) await sleep(wait);
      if (await this.#sayingOutage(outcome)) return;
    }
  }

  async #deliver(message: QueuedMessage): Promise<void> {
    if (message.expiresAt <= this.parts.clock.now()) {
      throw new MessageRefused('it expired before it could be sent');
    }
    const limit = new AbortController();
    const tooLate = sleep(deliveryTime, undefined, { signal: limit.signal, ref: false }).then(() => {
      throw new Error('it took too long');
    });
    await Promise.race([this.parts.deliver(message), tooLate]).finally(() => limit.abort());
  }

  #afterSuccess({ id, channel }: QueuedMessage): () => Promise<void> {
    this.#failing.delete(channel);
    return () => this.parts.queue.done(id);
  }

  #afterFailure(message: QueuedMessage, error: unknown): () => Promise<void> {
    const { queue, clock, log } = this.parts;
    const { id, kind, channel, attempts, expiresAt } = message;
    const words = wordsOf(error, message);
    const at = clock.now();
    const nextAt = new Date(at.getTime() + delayAfter(attempts));
    if (!(error instanceof MessageRefused) && nextAt < expiresAt) {
      // Once, and not for each: a server that is away, or wrongly configured, fails them all.
      if (!this.#failing.has(channel)) log.warn(`The ${channel} ${kind} did not leave, and waits: ${words}`);
      this.#failing.add(channel);
      return () => queue.retry(id, nextAt, words);
    }
    log.warn(`Gave up the ${channel} ${kind} after ${attempts} attempts: ${words}`);
    return () => queue.bury(id, at, words);
  }

  async #sweep(): Promise<void> {
    await this.#sayingOutage(() => this.parts.sweep(this.parts.clock.now()));
  }

  /** Whether the database did the work; that it is away is said once, until it is back. */
  async #sayingOutage(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      this.#isOut = false;
      return true;
    } catch (error) {
      if (!this.#isOut && !this.#isStopped) {
        this.parts.log.warn(`The outbox cannot be reached, and messages wait: ${messageOf(error)}`);
      }
      this.#isOut = true;
      return false;
    }
  }
}

/** With a little more for each, so that what failed together does not come back together. */
function delayAfter(attempts: number): number {
  const delay = backOff[attempts - 1] ?? 60 * minute;
  return delay + randomInt(delay / 4);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const secretNames = ['Token', 'TokenHash', 'ConfirmationURL', 'Code'];

/** What went wrong, for the log and for the row. Servers quote the address, and mailers of others may quote the mail. */
function wordsOf(error: unknown, { recipient, variables }: QueuedMessage): string {
  const secrets = secretNames.map((name) => variables[name]).filter((value) => typeof value === 'string');
  return [recipient, ...secrets]
    .filter((text) => text.length > 3)
    .reduce((words, text) => words.replaceAll(text, '…'), messageOf(error))
    .slice(0, 300);
}
