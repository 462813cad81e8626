import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Mailer, SmsSender } from 'nest-guardian';
import { keycloak, local, type LocalOptions } from 'nest-guardian/local';
import { codeIn, linkIn, MemoryMailer, MemorySmsSender, MovableClock } from 'nest-guardian/testing';
import { Announcements } from '../../libs/nest-guardian/src/core/announcements.js';
import { type Caller, systemCaller } from '../../libs/nest-guardian/src/core/caller.js';
import { signInWithIdToken } from '../../libs/nest-guardian/src/features/oauth/oauth.contract.js';
import { signUp } from '../../libs/nest-guardian/src/features/password/password.contract.js';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';
import { FakeIdp, keycloakClient } from '../support/fake-idp.js';
import { SmtpInbox } from '../support/smtp-inbox.js';

const secret = 'a secret of more than thirty-two bytes, for the specs';
const password = 'correct horse 9 battery';
const newAddress = () => `${randomUUID()}@example.com`;

describe('what a flow puts into the outbox', () => {
  let database: Database;
  let close: () => Promise<void> = async () => undefined;
  const clock = new MovableClock();
  const caller: Caller = { ...systemCaller, isSystem: false };

  beforeAll(async () => {
    database = await openDatabase(':memory:', 'run');
  });
  afterEach(async () => {
    await close();
    await database.dataSource.query('DELETE FROM auth.guardian_outbox');
    jest.restoreAllMocks();
  });
  afterAll(() => database.close());

  async function start(options: LocalOptions, ports: ReadonlyMap<unknown, unknown> = new Map()) {
    const choice = local({
      tokens: { secret },
      database: database.dataSource,
      migrations: 'off',
      ...options,
    });
    expect(choice.mistakes).toEqual([]);
    const provider = await choice.create({
      listensAt: () => 'http://localhost:3000',
      prefix: 'auth/v1',
      clock,
      announcements: new Announcements(() => undefined),
      find: <T>(token: unknown) => ports.get(token) as T | undefined,
      log: () => undefined,
    });
    close = async () => provider.close?.();
    return provider;
  }
  const waiting = (): Promise<{ recipient: string; attempts: number; payload: string | null }[]> =>
    database.dataSource.query('SELECT recipient, attempts, payload FROM auth.guardian_outbox');

  it('leaves once it is committed, and is forgotten', async () => {
    const mailer = new MemoryMailer();
    const provider = await start({}, new Map([[Mailer, mailer]]));
    const email = newAddress();
    await provider.execute(signUp, { email, password }, caller);
    const mail = await mailer.next(email);
    expect(linkIn(mail)).toContain('http://localhost:3000/auth/v1/verify?token=');
    expect(codeIn(mail)).toMatch(/^\d{6}$/);
    while ((await waiting()).length > 0) await after(5);
  });

  it('leaves at once also where the answer is no', async () => {
    const idp = await FakeIdp.start(() => clock.now());
    const mailer = new MemoryMailer();
    const idps = { keycloak: keycloak({ ...keycloakClient, url: idp.realm }) };
    const provider = await start({ oauth: { idps } }, new Map([[Mailer, mailer]]));
    const started = performance.now();
    for (const email of [newAddress(), newAddress()]) {
      const id_token = idp.idToken({ sub: email, email, email_verified: false });
      const input = { provider: 'keycloak', id_token };
      await expect(provider.execute(signInWithIdToken, input, caller)).rejects.toThrow('has been sent');
      await mailer.next(email);
    }
    await idp.close();
    // Otherwise the second waits for the five seconds that the first has just waited for the end of.
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  it('waits unreadable for whoever reads the row, also where no encryption is set', async () => {
    const mailer = new MemoryMailer();
    jest.spyOn(mailer, 'send').mockRejectedValueOnce(new Error('away'));
    const provider = await start({ mail: { mailer } });
    const email = newAddress();
    await provider.execute(signUp, { email, password }, caller);
    const [row] = await waiting();
    expect(row?.payload).toContain('"key_id":"derived"');
    expect(row?.payload).not.toMatch(/verify\?token|\d{6}"/);
  });

  it('leaves by the mailer that the options give', async () => {
    const mailer = new MemoryMailer();
    const provider = await start({ mail: { mailer } });
    const email = newAddress();
    await provider.execute(signUp, { email, password }, caller);
    expect((await mailer.next(email)).to).toBe(email);
  });

  it('never leaves when it is rolled back', async () => {
    const mailer = new MemoryMailer();
    const provider = await start({}, new Map([[Mailer, mailer]]));
    const [undone, done] = [newAddress(), newAddress()];
    const tooLate = { ...caller, until: 0 };
    await expect(provider.execute(signUp, { email: undone, password }, tooLate)).rejects.toThrow('timed out');
    await provider.execute(signUp, { email: done, password }, caller);
    await mailer.next(done);
    expect(mailer.all()).toHaveLength(1);
  });

  it('Z-17: carries what people say about themselves as text, whatever it looks like', async () => {
    const mailer = new MemoryMailer();
    const provider = await start(
      { mail: { subjects: { confirmation: 'Hi {{ .Data.name }}' } } },
      new Map([[Mailer, mailer]]),
    );
    const email = newAddress();
    const name = '{{7*7}} ${7*7} <%= 7*7 %> {{ .TokenHash }}\r\nBcc: victim@x.com';
    await provider.execute(signUp, { email, password, data: { name } }, caller);
    const { subject } = await mailer.next(email);
    expect(subject).toBe('Hi {{7*7}} ${7*7} <%= 7*7 %> {{ .TokenHash }} Bcc: victim@x.com');
  });

  it('waits while the mail server is away, and arrives when it is back', async () => {
    // A port where nobody listens.
    const gone = await SmtpInbox.start();
    const { port } = gone;
    await gone.close();
    const mail = {
      smtpHost: '127.0.0.1',
      smtpPort: port,
      smtpTls: false,
      from: 'accounts@example.com',
      maxFrequency: '0s',
    };
    const provider = await start({ mail });
    const [first, second] = [newAddress(), newAddress()];
    await provider.execute(signUp, { email: first, password }, caller);
    while ((await waiting())[0]?.attempts !== 1) await after(5);
    const inbox = await SmtpInbox.start({}, port);
    clock.advance('1m');
    // Wakes the worker, which would look by itself within five seconds.
    await provider.execute(signUp, { email: second, password }, caller);
    while (inbox.received.length < 2) await after(5);
    expect(new Set(inbox.received.flatMap(({ to }) => to))).toEqual(new Set([first, second]));
    await close();
    await inbox.close();
  });

  it('is a text too, for who has a number', async () => {
    const smsSender = new MemorySmsSender();
    const phone = { enabled: true, template: 'Guardian: {{ .Code }}' };
    const provider = await start({ phone }, new Map([[SmsSender, smsSender]]));
    await provider.execute(signUp, { phone: '+15550100', password }, caller);
    const message = await smsSender.next('15550100');
    expect(message.text).toBe(`Guardian: ${codeIn(message)}`);
    expect(message.channel).toBe('sms');
  });

  it('is printed in development with its link and its code, where nothing carries it', async () => {
    const said = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    const provider = await start({});
    const email = newAddress();
    await provider.execute(signUp, { email, password }, caller);
    const line = () => said.mock.calls.map(([message]) => String(message)).find((one) => one.includes(email));
    while (line() === undefined) await after(5);
    expect(line()).toMatch(/http:\/\/localhost:3000\/auth\/v1\/verify\?token=\S+ \d{6}$/);
  });

  it('is dropped in production where nothing carries it, which the log says once', async () => {
    const said = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    const provider = await start({ site: { url: 'https://app.example.com' } }).finally(() => {
      process.env.NODE_ENV = before;
    });
    for (const email of [newAddress(), newAddress()]) {
      await provider.execute(signUp, { email, password }, caller);
    }
    while ((await waiting()).length > 0) await after(5);
    expect(said.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining('GOTRUE_SMTP_HOST'),
    ]);
  });
});
