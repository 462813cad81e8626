import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { SmtpMailer } from '../../libs/nest-guardian/src/delivery/smtp-mailer.js';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it went over the wire. */
  readonly raw: string;
  readonly isEncrypted: boolean;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A key and a certificate for this machine that only those trust who are given it. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...request.split(' '), ...names], { stdio: 'ignore' });
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}

/** A mail server that keeps what it takes. */
export class SmtpBench {
  readonly received: Received[] = [];
  readonly #server: SMTPServer;
  #port = 0;

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.received.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            raw: Buffer.concat(chunks).toString(),
            isEncrypted: session.secure,
          });
          callback();
        });
      },
      ...options,
    });
    // What clients break off is what some of these laws are about.
    this.#server.on('error', () => undefined);
  }

  static async open(options: SMTPServerOptions = {}, port = 0): Promise<SmtpBench> {
    const bench = new SmtpBench(options);
    const listening = bench.#server.listen(port, '127.0.0.1');
    await once(listening, 'listening');
    bench.#port = (listening.address() as AddressInfo).port;
    return bench;
  }

  get port(): number {
    return this.#port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

export const mailerTo = (port: number, tls = false): SmtpMailer =>
  new SmtpMailer({
    host: '127.0.0.1',
    port,
    user: '',
    password: '',
    tls,
    from: 'accounts@example.com',
    fromName: 'Accounts',
  });
