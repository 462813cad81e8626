import { type Mail, Mailer } from '../core/ports/mailer.js';
import { SmsSender, type TextMessage } from '../core/ports/sms-sender.js';
import { findCode, findLink } from '../delivery/read-mail.js';

const patience = 5_000;

/** What was sent, and who waits for it. */
class Sent<T extends { readonly to: string }> {
  readonly #messages: T[] = [];
  readonly #unseen: T[] = [];
  readonly #waiting = new Set<() => void>();

  add(message: T): void {
    this.#messages.push(message);
    this.#unseen.push(message);
    for (const look of this.#waiting) look();
  }

  all(): readonly T[] {
    return [...this.#messages];
  }

  last(to: string): T | undefined {
    return this.#messages.findLast(isTo(to));
  }

  next(to: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const index = this.#unseen.findIndex(isTo(to));
        if (index === -1) return;
        clearTimeout(limit);
        this.#waiting.delete(look);
        resolve(this.#unseen.splice(index, 1)[0] as T);
      };
      const limit = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`Nothing was sent to ${to} within ${patience / 1000} seconds`));
      }, patience);
      this.#waiting.add(look);
      look();
    });
  }
}

const isTo =
  (to: string) =>
  (message: { readonly to: string }): boolean =>
    message.to.toLowerCase() === to.toLowerCase();

/** Keeps what was sent: `overrideProvider(Mailer).useValue(new MemoryMailer())`. */
export class MemoryMailer extends Mailer {
  readonly #sent = new Sent<Mail>();

  override async send(mail: Mail): Promise<void> {
    this.#sent.add(mail);
  }

  /** Every mail, the oldest first. */
  all(): readonly Mail[] {
    return this.#sent.all();
  }

  /** The newest mail to this address. Mails leave a moment after the answer: `next` waits for them. */
  last(to: string): Mail | undefined {
    return this.#sent.last(to);
  }

  /** The next mail to this address, each mail once. Waits for it, five seconds at most. */
  next(to: string): Promise<Mail> {
    return this.#sent.next(to);
  }
}

/** The same for text messages: `overrideProvider(SmsSender).useValue(new MemorySmsSender())`. */
export class MemorySmsSender extends SmsSender {
  readonly #sent = new Sent<TextMessage>();

  override async send(message: TextMessage): Promise<void> {
    this.#sent.add(message);
  }

  /** Every text, the oldest first. */
  all(): readonly TextMessage[] {
    return this.#sent.all();
  }

  /** The newest text to this number, written without the plus. */
  last(to: string): TextMessage | undefined {
    return this.#sent.last(to);
  }

  /** The next text to this number, each text once. Waits for it, five seconds at most. */
  next(to: string): Promise<TextMessage> {
    return this.#sent.next(to);
  }
}

/** The link that a mail or a text is about. Throws where there is none. */
export function linkIn(message: { readonly text: string }): string {
  return findLink(message) ?? missing('link', message);
}

/** The code in a mail or a text. Throws where there is none. */
export function codeIn(message: { readonly text: string }): string {
  return findCode(message) ?? missing('code', message);
}

function missing(what: string, { text }: { readonly text: string }): never {
  throw new Error(`There is no ${what} in this message:\n${text}`);
}
