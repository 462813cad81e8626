/** One mail to one person, ready to be sent. */
export interface Mail {
  /** One bare address; never a list, never a display name. */
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/**
 * Carries mail out of the process. Returns when the next server has taken it, which does not say that it was
 * read. Rejects when it was not taken; it is then tried again.
 */
export abstract class Mailer {
  abstract send(mail: Mail): Promise<void>;
}
