import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { MessageRefused } from '../../libs/nest-guardian/src/core/ports/mailer.js';
import { SmtpMailer } from '../../libs/nest-guardian/src/delivery/smtp-mailer.js';
import { SmtpInbox } from '../support/smtp-inbox.js';

const mail = { to: 'ann@example.com', subject: 'S', html: '<p>H</p>', text: 'T' };
const mailerTo = (port: number, tls = false): SmtpMailer =>
  new SmtpMailer({
    host: '127.0.0.1',
    port,
    user: '',
    password: '',
    tls,
    from: 'accounts@example.com',
    fromName: 'Accounts',
  });
const refusal = (code: number) => Object.assign(new Error('no such user'), { responseCode: code });

describe('mail over SMTP', () => {
  let inbox: SmtpInbox | undefined;
  let rawServer: Server | undefined;
  let mailer: SmtpMailer | undefined;
  afterEach(async () => {
    mailer?.close();
    await inbox?.close();
    rawServer?.close();
    inbox = rawServer = undefined;
  });

  const open = async (options?: Parameters<typeof SmtpInbox.start>[0], tls = false) => {
    inbox = await SmtpInbox.start(options);
    mailer = mailerTo(inbox.port, tls);
    return { received: inbox.received, mailer };
  };
  /** A server that says these lines, one for each that it hears, and then does this with the connection. */
  const openRaw = async (lines: readonly string[], end: (socket: Socket) => void) => {
    rawServer = createServer((socket) => {
      const left = [...lines];
      const answer = (): void => {
        const line = left.shift();
        if (line === undefined) end(socket);
        else socket.write(`${line}\r\n`);
      };
      socket.on('error', () => undefined).on('data', answer);
      answer();
    });
    rawServer.listen(0, '127.0.0.1');
    await once(rawServer, 'listening');
    mailer = mailerTo((rawServer.address() as AddressInfo).port);
    return mailer;
  };

  it('is sent to one person, in HTML and in text, and no absence note answers it', async () => {
    const { mailer, received } = await open();
    await mailer.send(mail);
    const [{ from, to, raw }] = received as [(typeof received)[0]];
    expect({ from, to }).toEqual({ from: 'accounts@example.com', to: ['ann@example.com'] });
    expect(raw).toMatch(/^From: Accounts <accounts@example\.com>$/m);
    expect(raw).toMatch(/^To: ann@example\.com$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated$/im);
    expect(raw).toMatch(/text\/plain[\s\S]*text\/html/);
  });

  it('is not sent without TLS where TLS is asked for', async () => {
    const { mailer, received } = await open({ disabledCommands: ['STARTTLS'] }, true);
    await expect(mailer.send(mail)).rejects.toThrow('STARTTLS');
    expect(received).toEqual([]);
  });

  it.each([true, false])(
    'is not sent to a server whose certificate nobody vouches for (TLS asked for: %s)',
    async (tls) => {
      const { mailer, received } = await open({ disabledCommands: [] }, tls);
      await expect(mailer.send(mail)).rejects.toThrow(/certificate/);
      expect(received).toEqual([]);
    },
  );

  it.each([
    [450, false],
    [550, true],
  ])('whose recipient is refused with %i is given up: %s', async (code, isFinal) => {
    const { mailer } = await open({ onRcptTo: (_, __, callback) => callback(refusal(code)) });
    const error = await mailer.send(mail).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof MessageRefused).toBe(isFinal);
  });

  it.each([
    [
      'the sender',
      { onMailFrom: (_: unknown, __: unknown, callback: (error: Error) => void) => callback(refusal(550)) },
    ],
    ['the password', { authOptional: false }],
  ])('where the server refuses %s is tried again, for that is a mistake of ours', async (_, options) => {
    const { mailer } = await open(options);
    const error = await mailer.send(mail).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(MessageRefused);
  });

  it('fails in time where the server says nothing', async () => {
    const silent = await openRaw([], () => undefined);
    const began = performance.now();
    await expect(silent.send(mail)).rejects.toThrow('Greeting never received');
    expect(performance.now() - began).toBeLessThan(7_000);
  });

  it('fails once where the server breaks off half-way', async () => {
    const greeting = ['220 hello', '250 hello', '250 sender', '250 recipient', '354 go on'];
    const halfway = await openRaw(greeting, (socket) => socket.destroy());
    await expect(halfway.send(mail)).rejects.toThrow('closed');
  });

  it.each([
    'attacker@e.test,victim@x.com',
    'victim@x.com;other@x.com',
    'Ann <victim@x.com>',
    'ann@example.com\r\nRCPT TO:<victim@x.com>',
    'ann@example.com>\r\nRCPT TO:<victim@x.com',
    '"victim@x.com, a"@e.test',
  ])('P-09: reaches no server when its recipient is %j', async (to) => {
    const { mailer, received } = await open();
    await expect(mailer.send({ ...mail, to })).rejects.toThrow(MessageRefused);
    expect(received).toEqual([]);
  });

  it.each([
    'S\r\nBcc: victim@x.com',
    'S\nTo: victim@x.com\n\nbody',
    'S\u2028Bcc: victim@x.com',
    'S\u0000\u000bx',
  ])('Z-16: has no header that stands in its subject %j', async (subject) => {
    const { mailer, received } = await open();
    await mailer.send({ ...mail, subject });
    const [{ to, raw }] = received as [(typeof received)[0]];
    expect(to).toEqual(['ann@example.com']);
    const headers = (raw.split('\r\n\r\n')[0] as string).replace(/\r\n[ \t]+/g, ' ').split('\r\n');
    expect(headers.filter((line) => /^bcc:/i.test(line))).toEqual([]);
    expect(headers.filter((line) => /^to:/i.test(line))).toEqual(['To: ann@example.com']);
    expect(headers.filter((line) => /^subject:/i.test(line))).toHaveLength(1);
  });

  it('Z-16: reads no file and no address that its parts name', async () => {
    const { mailer, received } = await open();
    const html = '<img src="file:///etc/passwd"><img src="data:image/png;base64,AAAA">';
    await mailer.send({ ...mail, html, text: { path: '/etc/passwd' } as never }).catch(() => undefined);
    expect(received.map(({ raw }) => raw).join()).not.toContain('root:');
  });
});
