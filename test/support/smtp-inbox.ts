import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as the server took it. */
export interface ReceivedMail {
  readonly from: string;
  /** The recipients that the envelope named. */
  readonly to: readonly string[];
  /** Headers and body, as they came. */
  readonly raw: string;
  /** The body with its transfer encoding undone, both parts after one another. */
  readonly text: string;
  readonly isEncrypted: boolean;
}

/** A real SMTP server on this machine, and what it was given. */
export class SmtpInbox {
  /** Every mail, the oldest first. */
  readonly received: ReceivedMail[] = [];
  readonly #unseen: ReceivedMail[] = [];
  readonly #server: SMTPServer;
  readonly #waiting: { readonly to: string; readonly arrived: (mail: ReceivedMail) => void }[] = [];

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      // Its own certificate is nobody's, and is rightly refused.
      disabledCommands: ['STARTTLS'],
      logger: false,
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.#take({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString(),
            isEncrypted: session.secure,
          });
          done();
        });
      },
      ...options,
    });
    // A client that goes away in the middle is what some specs do.
    this.#server.on('error', () => undefined);
  }

  static async start(options: SMTPServerOptions = {}, port = 0): Promise<SmtpInbox> {
    const inbox = new SmtpInbox(options);
    await new Promise<void>((resolve) => inbox.#server.listen(port, '127.0.0.1', resolve));
    return inbox;
  }

  get port(): number {
    return (this.#server.server.address() as { readonly port: number }).port;
  }

  /** The next mail to this address that nobody has asked for yet; waits for it. */
  next(to: string): Promise<ReceivedMail> {
    const at = this.#unseen.findIndex((mail) => mail.to.includes(to));
    if (at !== -1) return Promise.resolve(this.#unseen.splice(at, 1)[0] as ReceivedMail);
    return new Promise((arrived, reject) => {
      const late = setTimeout(() => reject(new Error(`No mail to ${to} came`)), 10_000);
      this.#waiting.push({ to, arrived: (mail) => (clearTimeout(late), arrived(mail)) });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #take(received: Omit<ReceivedMail, 'text'>): void {
    const mail = { ...received, text: decode(received.raw) };
    this.received.push(mail);
    const at = this.#waiting.findIndex(({ to }) => mail.to.includes(to));
    if (at === -1) this.#unseen.push(mail);
    else this.#waiting.splice(at, 1)[0]?.arrived(mail);
  }
}

/** RFC 2045: quoted-printable and base64 parts as text; whatever else stays as it is. */
function decode(raw: string): string {
  const parts = raw.split(/^--.*$/m);
  return parts.map(decodePart).join('\n');
}

function decodePart(part: string): string {
  const [, headers = '', body = ''] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(part) ?? [];
  if (/content-transfer-encoding:\s*base64/i.test(headers)) return Buffer.from(body, 'base64').toString();
  if (!/content-transfer-encoding:\s*quoted-printable/i.test(headers)) return body;
  const bytes = body
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
