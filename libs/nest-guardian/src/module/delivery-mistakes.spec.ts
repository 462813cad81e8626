import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryMailer } from '../testing/memory-mailer.js';
import { local, type LocalOptions } from './local.js';

const tokens = { secret: 'a secret of more than thirty-two bytes, for the specs' };
const smtp = { smtpHost: 'smtp.example.com', from: 'accounts@example.com' };
const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const environment = process.env.NODE_ENV;
const pathsOf = (options: LocalOptions): string[] =>
  local({ tokens, ...options }).mistakes.map(({ path }) => path);

describe('options that would keep messages from leaving', () => {
  afterEach(() => {
    process.env.NODE_ENV = environment;
  });

  it.each<[LocalOptions, string[]]>([
    [{ mail: smtp }, []],
    [{ mail: { smtpHost: 'smtp.example.com' } }, ['mail.from']],
    [{ mail: { ...smtp, from: 'Ann <ann@example.com>' } }, ['mail.from']],
    [{ mail: { templates: { recovery: '/nowhere/mail.html' } } }, ['mail.templates.recovery']],
    [{ mail: { templates: { surprise: '/nowhere/mail.html' } as never } }, ['mail.templates']],
    [{ mail: { templates: { recovery: 'https://mails.example.com/recovery.html?v=1' } } }, []],
    [{ mail: { templates: { recovery: 'https://[mails/recovery.html' } } }, ['mail.templates.recovery']],
    [
      { mail: { templates: { recovery: 'https://ann:hush@mails.example.com/' } } },
      ['mail.templates.recovery'],
    ],
    [{ mail: { subjects: { recovery: '{{ if }}' } } }, ['mail.subjects.recovery']],
    [{ phone: { template: 'Code {{ .Code' } }, ['phone.template']],
    [{ phone: { testCodesUntil: '2030-01-31T00:00:00Z' } }, []],
    [{ phone: { testCodesUntil: 'for a while' } }, ['phone.testCodesUntil']],
    [{ phone: { webhookUrl: 'http://sms.example.com', webhookSecret: secret } }, []],
    [{ phone: { webhookUrl: 'ftp://sms.example.com' } }, ['phone.webhookUrl']],
    [{ phone: { webhookUrl: 'https://ann:hush@sms.example.com' } }, ['phone.webhookUrl']],
    [{ phone: { webhookUrl: 'https://sms.example.com', webhookSecret: 'short' } }, ['phone.webhookSecret']],
  ])('%j is mistaken at %j', (options, paths) => expect(pathsOf(options)).toEqual(paths));

  it('are more of them in production', () => {
    process.env.NODE_ENV = 'production';
    expect(pathsOf({ mail: smtp })).toEqual(['site.url']);
    expect(pathsOf({ mail: { mailer: new MemoryMailer() } })).toEqual(['site.url']);
    expect(pathsOf({ mail: smtp, site: { url: 'https://app.example.com' } })).toEqual([]);
    expect(pathsOf({ phone: { webhookUrl: 'http://sms.example.com' } })).toEqual(['phone.webhookUrl']);
    expect(pathsOf({ phone: { webhookUrl: 'http://localhost:4000' } })).toEqual([]);
  });

  it('say nothing of a secret', () => {
    const phone = { webhookSecret: 'hush hush' };
    const mail = { templates: { recovery: 'https://ann:hush@mails.example.com/' } };
    const { mistakes } = local({ tokens, phone, mail });
    expect(mistakes).toHaveLength(2);
    expect(JSON.stringify(mistakes)).not.toContain('hush');
  });
});
