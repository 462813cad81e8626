/** A message that stayed here instead of leaving. */
export interface KeptMessage {
  readonly id: string;
  readonly channel: 'mail' | 'sms';
  readonly to: string;
  /** Null for a text message, as is `html`. */
  readonly subject: string | null;
  readonly html: string | null;
  readonly text: string;
  readonly at: Date;
}

/** Where messages stay in development, for whoever sits at the machine. */
export abstract class Mailbox {
  /** The newest first. */
  abstract list(): readonly KeptMessage[];
  abstract find(id: string): KeptMessage | null;
}
