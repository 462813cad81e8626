import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OptionMistake } from '../core/option.js';
import type { Mail } from '../core/ports/mailer.js';
import { mailKinds } from '../features/mail/mail.options.js';
import { MovableClock } from '../testing/movable-clock.js';
import { findCode, findLink } from './read-mail.js';
import { readSources, type TemplateSettings } from './template-sources.js';
import { Templates } from './templates.js';

const link =
  'https://api.example.com/auth/v1/verify?token=abc&type=signup&redirect_to=https://app.example.com';
const variables = {
  SiteURL: 'https://app.example.com',
  ConfirmationURL: link,
  Token: '123456',
  Email: 'ann@example.com',
  NewEmail: 'new@example.com',
  OldEmail: 'old@example.com',
  Data: { name: '<b>Ann</b> {{ .Token }}' },
};

const clock = new MovableClock();
let warnings: string[] = [];

function templates(settings: Partial<TemplateSettings> = {}): Templates {
  warnings = [];
  const mistakes: OptionMistake[] = [];
  const sources = readSources({ templates: {}, subjects: {}, ...settings }, mistakes);
  expect(mistakes).toEqual([]);
  const log = { log: () => undefined, warn: (message: string) => void warnings.push(message) };
  return new Templates({ sources, maxAge: 600_000, clock, log });
}

const mailBy = (made: Templates, kind = 'recovery'): Promise<Mail> =>
  made.mailOf({
    kind,
    variables,
    id: '1',
    channel: 'mail',
    recipient: 'ann@example.com',
    attempts: 1,
    at: clock.now(),
    expiresAt: clock.now(),
  });

describe('the built-in mail', () => {
  it.each(mailKinds)('%s has a subject, HTML that loads nothing, and a text', async (kind) => {
    const { subject, html, text, to } = await mailBy(templates(), kind);
    expect(to).toBe('ann@example.com');
    expect(subject).not.toMatch(/[{}]/);
    expect(html).not.toMatch(/\{\{|<(img|script|link|iframe)|url\(/);
    expect(text.split('\n').length).toBeGreaterThan(2);
    expect(text).not.toMatch(/[{<>]/);
  });

  it.each(['confirmation', 'invite', 'recovery', 'magic_link', 'email_change'])(
    '%s carries link and code, in both parts',
    async (kind) => {
      const mail = await mailBy(templates(), kind);
      expect(mail.html).toContain(`href="${link.replaceAll('&', '&amp;')}"`);
      expect(findLink(mail)).toBe(link);
      expect(findCode(mail)).toBe('123456');
    },
  );

  it('that asks for proof again carries the code', async () => {
    const mail = await mailBy(templates(), 'reauthentication');
    expect(mail.subject).toBe('123456 is your verification code');
    expect(findCode(mail)).toBe('123456');
    expect(findLink(mail)).toBeNull();
  });

  it('is none for a kind that nobody knows, and that is not tried again', () =>
    expect(mailBy(templates(), 'surprise')).rejects.toThrow(
      expect.objectContaining({ name: 'MessageRefused' }),
    ));
});

describe('a template of one’s own', () => {
  let directory: string;
  let server: Server;
  let base: string;
  let answer: { status: number; body: string };
  let asked = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'templates-'));
    server = createServer((_, response) => {
      asked += 1;
      response.writeHead(answer.status, { location: 'http://127.0.0.1:1/' }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true });
  });
  const file = async (text: string): Promise<string> => {
    const path = join(directory, 'mail.html');
    await writeFile(path, text);
    return path;
  };

  it('is a file, with a subject of its own and a text that is made from it', async () => {
    const path = await file('<h1>Hi {{ .Data.name }}</h1><p><a href="{{ .ConfirmationURL }}">Go</a></p>');
    const subjects = { recovery: 'Hi {{ .Data.name }}' };
    const mail = await mailBy(templates({ templates: { recovery: path }, subjects }));
    expect(mail.html).toContain('<h1>Hi &lt;b&gt;Ann&lt;/b&gt; {{ .Token }}</h1>');
    expect(mail.text).toBe(`Hi <b>Ann</b> {{ .Token }}\n\nGo: ${link}`);
    expect(mail.subject).toBe('Hi <b>Ann</b> {{ .Token }}');
  });

  it('that cannot be read is refused at boot, with file and line', async () => {
    const path = await file('<p>\n\n{{ if .Email }}\n</p>');
    const mistakes: OptionMistake[] = [];
    const given = { recovery: path, invite: join(directory, 'none.html') };
    readSources({ templates: given, subjects: { magic_link: 'a {{ x' } }, mistakes);
    const byPath = new Map(mistakes.map((mistake) => [mistake.path, mistake.reason]));
    expect(byPath.get('mail.templates.recovery')).toContain(`${path}:3`);
    expect(byPath.get('mail.templates.invite')).toContain('ENOENT');
    expect(byPath.get('mail.subjects.magic_link')).toContain('line 1');
    expect(mistakes).toHaveLength(3);
  });

  it('is a function, which answers with the whole mail', async () => {
    const recovery = ({ Token }: Readonly<Record<string, unknown>>) => ({
      subject: 'S',
      html: `<p>${String(Token)}</p>`,
      text: 'T',
    });
    const mail = await mailBy(templates({ templates: { recovery } }));
    expect(mail).toEqual({ to: 'ann@example.com', subject: 'S', html: '<p>123456</p>', text: 'T' });
  });

  it.each([
    ['throws', () => Promise.reject(new RangeError('with the code 123456')), 'RangeError'],
    ['answers with something else', () => ({ subject: 'S' }) as never, '{ subject, html, text }'],
    ['answers with nothing', () => undefined as never, '{ subject, html, text }'],
  ])(
    'that is a function and %s is replaced, and the log says why without secrets',
    async (_, recovery, why) => {
      const mail = await mailBy(templates({ templates: { recovery } }));
      expect(findLink(mail)).toBe(link);
      expect(warnings).toHaveLength(1);
      expect(warnings.join()).toMatch(/recovery/);
      expect(warnings.join()).toContain(why);
      expect(warnings.join()).not.toContain('123456');
    },
  );

  it('is fetched from a URL once in ten minutes', async () => {
    answer = { status: 200, body: '<p>first {{ .Token }}</p>' };
    asked = 0;
    const made = templates({ templates: { recovery: `${base}/t.html` } });
    expect((await mailBy(made)).html).toBe('<p>first 123456</p>');
    answer = { status: 200, body: '<p>second</p>' };
    expect((await mailBy(made)).html).toBe('<p>first 123456</p>');
    clock.advance('11m');
    expect((await mailBy(made)).html).toBe('<p>second</p>');
    expect(asked).toBe(2);
  });

  it.each([
    ['fails', { status: 500, body: '' }],
    ['leads elsewhere', { status: 302, body: '' }],
    ['is broken', { status: 200, body: '<p>{{ if }}' }],
    ['is too large', { status: 200, body: 'x'.repeat(1_000_001) }],
  ])('whose URL %s is replaced by the built-in one, and is there when it is well again', async (_, bad) => {
    answer = bad;
    const made = templates({ templates: { recovery: `${base}/t.html?key=hush` } });
    expect(findLink(await mailBy(made))).toBe(link);
    expect(warnings).toHaveLength(1);
    expect(warnings.join()).not.toContain('hush');
    answer = { status: 200, body: '<p>well</p>' };
    clock.advance('11s');
    expect((await mailBy(made)).html).toBe('<p>well</p>');
  });
});
