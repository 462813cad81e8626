import { expect, it } from '@jest/globals';
import { MovableClock } from '../testing/movable-clock.js';
import { MailboxMailer, MailboxSmsSender, MemoryMailbox } from './memory-mailbox.js';

const open = () => {
  const lines: string[] = [];
  const log = { log: (line: string) => void lines.push(line), warn: () => undefined };
  return { lines, mailbox: new MemoryMailbox(new MovableClock(), log) };
};

it('the mailbox keeps the last hundred, the newest first', async () => {
  const { mailbox } = open();
  const mailer = new MailboxMailer(mailbox);
  for (let i = 0; i < 120; i += 1) {
    await mailer.send({ to: 'ann@example.com', subject: String(i), html: '', text: '' });
  }
  const kept = mailbox.list();
  expect(kept).toHaveLength(100);
  expect([kept[0]?.subject, kept[99]?.subject]).toEqual(['119', '20']);
  expect(mailbox.find(kept[5]?.id ?? '')).toBe(kept[5]);
  expect(mailbox.find('another')).toBeNull();
});

it('the mailbox cuts what is too long to keep', async () => {
  const { mailbox } = open();
  const long = 'x'.repeat(1_000_000);
  await new MailboxMailer(mailbox).send({ to: 'ann@example.com', subject: 'S', html: long, text: long });
  const [kept] = mailbox.list();
  expect([kept?.html?.length, kept?.text.length]).toEqual([262_144, 262_144]);
});

it('the mailbox keeps texts beside mails, and prints their codes', async () => {
  const { mailbox, lines } = open();
  await new MailboxSmsSender(mailbox).send({ to: '15550100', text: 'Your code is 123456', channel: 'sms' });
  expect(mailbox.list()).toMatchObject([{ channel: 'sms', to: '15550100', html: null, subject: null }]);
  expect(lines).toEqual(['Text to +15550100: 123456']);
});
