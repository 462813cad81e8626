/** What leaves by mail or as a text, before it has its final form. */
export interface OutgoingMessage {
  readonly channel: 'mail' | 'sms';
  /** Names the template, e.g. `recovery`. */
  readonly kind: string;
  /** One address or number. */
  readonly recipient: string;
  /** What the template is filled with. May hold secrets: encrypted at rest where there is a key. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly at: Date;
  /** After this time it is of no use and is not sent any more. */
  readonly expiresAt: Date;
}

/** Messages on their way, written in the unit of work: what is rolled back is never sent. */
export abstract class OutboxStore {
  abstract put(message: OutgoingMessage): Promise<void>;
}

export interface QueuedMessage extends OutgoingMessage {
  readonly id: string;
  /** How often it was tried, this time included. */
  readonly attempts: number;
}

/** A message that was given up. What it would have said is gone with it. */
export interface DeadMessage {
  readonly id: string;
  readonly channel: 'mail' | 'sms';
  readonly kind: string;
  readonly recipient: string;
  readonly attempts: number;
  readonly error: string;
  readonly diedAt: Date;
}

/** The other end of the outbox, outside any request. */
export abstract class MessageQueue {
  /**
   * Takes up to `count` messages that are due, for this long: whoever dies with them leaves them to the next.
   * No two callers get the same one (`FOR UPDATE SKIP LOCKED`).
   */
  abstract claim(count: number, at: Date, until: Date): Promise<QueuedMessage[]>;
  /** It was sent, so it is deleted. */
  abstract done(id: string): Promise<void>;
  abstract retry(id: string, nextAttemptAt: Date, error: string): Promise<void>;
  /** Gives it up, and forgets what it would have said. */
  abstract bury(id: string, at: Date, error: string): Promise<void>;
  abstract listDead(count: number): Promise<DeadMessage[]>;
}
