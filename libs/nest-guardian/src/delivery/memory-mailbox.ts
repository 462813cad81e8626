import { randomUUID } from 'node:crypto';
import type { Clock } from '../core/ports/clock.js';
import { type KeptMessage, Mailbox } from '../core/ports/mailbox.js';
import { type Mail, Mailer } from '../core/ports/mailer.js';
import { SmsSender, type TextMessage } from '../core/ports/sms-sender.js';
import type { DeliveryLog } from './log.js';
import { findCode, findLink } from './read-mail.js';

const mostMessages = 100;
const longestPart = 256 * 1024;

/** Keeps the last messages in memory, and prints of each the link and the code. For development only. */
export class MemoryMailbox extends Mailbox {
  readonly #kept: KeptMessage[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly log: DeliveryLog,
  ) {
    super();
  }

  override list(): readonly KeptMessage[] {
    return this.#kept.toReversed();
  }

  override find(id: string): KeptMessage | null {
    return this.#kept.find((message) => message.id === id) ?? null;
  }

  keep(message: Omit<KeptMessage, 'id' | 'at'>): void {
    const { subject, html, text, to, channel } = message;
    this.#kept.push({
      ...message,
      subject: subject?.slice(0, longestPart) ?? null,
      html: html?.slice(0, longestPart) ?? null,
      text: text.slice(0, longestPart),
      id: randomUUID(),
      at: this.clock.now(),
    });
    this.#kept.splice(0, this.#kept.length - mostMessages);
    const found = [findLink(message), findCode(message)].filter((part) => part !== null);
    const name = channel === 'mail' ? `Mail to ${to} "${subject}"` : `Text to +${to}`;
    this.log.log(`${name}: ${found.join(' ')}`);
  }
}

/** Puts mails into the mailbox. */
export class MailboxMailer extends Mailer {
  constructor(private readonly mailbox: MemoryMailbox) {
    super();
  }

  override async send({ to, subject, html, text }: Mail): Promise<void> {
    this.mailbox.keep({ channel: 'mail', to, subject, html, text });
  }
}

/** Puts text messages into the mailbox. */
export class MailboxSmsSender extends SmsSender {
  constructor(private readonly mailbox: MemoryMailbox) {
    super();
  }

  override async send({ to, text }: TextMessage): Promise<void> {
    this.mailbox.keep({ channel: 'sms', to, subject: null, html: null, text });
  }
}
