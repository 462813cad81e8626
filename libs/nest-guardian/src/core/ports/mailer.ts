/** One mail to one person, ready to be sent. */
export interface Mail {
  /** One bare address; never a list, never a display name. */
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/**
 * Thrown by whoever carries messages: this one will never be taken, however often it is tried. Anything else that is
 * thrown means that it was not taken now, and it is tried again.
 */
export class MessageRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MessageRefused';
  }
}

/**
 * Carries mail out of the process. Returns when the next server has taken it, which does not say that it was
 * read. Rejects when it was not taken; it is then tried again.
 */
export abstract class Mailer {
  /** @throws MessageRefused when trying again is of no use */
  abstract send(mail: Mail): Promise<void>;
}
