import { createTransport } from 'nodemailer';
import { type Mail, Mailer, MessageRefused } from '../core/ports/mailer.js';
import { inFlightAtMost } from './outbox-worker.js';
import { requireOneAddress } from './one-address.js';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Whether a connection without TLS is refused. */
  readonly tls: boolean;
  readonly from: string;
  readonly fromName: string;
}

/** A server that answers so slowly that no other deadline is passed. */
const wholeTime = 60_000;

type Transport = ReturnType<typeof open>;

/**
 * Mails over SMTP. A mail has exactly one recipient, whatever its parts say, and nothing in it makes this process read
 * a file or an address.
 */
export class SmtpMailer extends Mailer {
  readonly #transport: Transport;

  constructor(private readonly server: SmtpServer) {
    super();
    this.#transport = open(server);
  }

  override async send({ to, subject, html, text }: Mail): Promise<void> {
    const { from, fromName } = this.server;
    const address = requireOneAddress(to);
    const mail = {
      // Objects are taken as they are, where text would be read as a list of addresses.
      from: { name: withoutControls(fromName), address: from },
      to: { name: '', address },
      envelope: { from, to: [address] },
      subject: withoutControls(subject),
      html,
      text,
      // RFC 3834 5: nobody's absence note answers it.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal: AbortSignal.timeout(wholeTime),
    };
    await this.#transport.sendMail(mail).catch((error: unknown) => {
      if (!isRefusalOfRecipient(error)) throw error;
      throw new MessageRefused(`the server refuses the recipient: ${error.response ?? ''}`, { cause: error });
    });
  }

  /** Closes its connections, those in use when they are done. */
  close(): void {
    this.#transport.close();
  }
}

const open = ({ host, port, user, password, tls }: SmtpServer) =>
  createTransport(
    {
      pool: true,
      host,
      port,
      secure: port === 465,
      // A password goes in the clear to this machine only, as in GoTrue.
      requireTLS: tls || (password !== '' && !isLoopback(host)),
      ...(user !== '' && { auth: { user, pass: password } }),
      maxConnections: inFlightAtMost,
      // The outbox tries again, and knows how often it did.
      maxRequeues: 0,
      idleTimeout: 30_000,
      connectionTimeout: 5_000,
      dnsTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 20_000,
      disableFileAccess: true,
      disableUrlAccess: true,
      tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    },
    { disableFileAccess: true, disableUrlAccess: true },
  );

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|::1|\[::1\])$/i.test(host);

const withoutControls = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').trim();

interface SmtpError {
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/** A refusal of sender, password or content may be a mistake in the options, which somebody corrects meanwhile. */
function isRefusalOfRecipient(error: unknown): error is SmtpError {
  const { command, responseCode = 0 } = (error ?? {}) as SmtpError;
  return command === 'RCPT TO' && responseCode >= 500;
}
