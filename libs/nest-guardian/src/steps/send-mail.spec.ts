import { describe, expect, it } from '@jest/globals';
import type { OutgoingMessage } from '../core/ports/outbox.js';
import type { User } from '../core/records.js';
import { actionLink, sendLink, sendMail } from './send-mail.js';

const at = new Date('2026-08-20T10:00:00Z');
const hour = 60 * 60 * 1000;

function bench() {
  const sent: OutgoingMessage[] = [];
  const needs = {
    clock: { now: () => at },
    outbox: { put: async (message: OutgoingMessage) => void sent.push(message) },
    places: { siteUrl: 'https://app.example', apiUrl: 'https://api.example/auth/v1', allowsLoopback: false },
    settings: {
      links: { linkLifetime: hour },
      mail: {
        invitePath: '/verify',
        confirmationPath: '/verify',
        recoveryPath: '/verify',
        emailChangePath: '/verify',
      },
    },
  };
  return { sent, needs };
}

describe('a mail', () => {
  it.each([
    'https://app.example',
    'https://app.example/p?a=b&c=d#e',
    'https://app.example/caf%C3%A9',
    'https://app.example/a+b',
  ])('has a link that leads to %s and nowhere else', (redirectTo) => {
    const link = new URL(actionLink('recovery', { linkToken: 'x', redirectTo }, bench().needs));
    expect([...link.searchParams.keys()]).toEqual(['token', 'type', 'redirect_to']);
    expect(link.searchParams.get('redirect_to')).toBe(redirectTo);
  });

  it.each([
    ['/verify', 'https://api.example/auth/v1/verify?token='],
    ['verify', 'https://api.example/auth/v1/verify?token='],
    ['/auth/v1/verify', 'https://api.example/auth/v1/verify?token='],
    ['/auth/v10/verify', 'https://api.example/auth/v1/auth/v10/verify?token='],
    ['https://app.example/in', 'https://app.example/in?token='],
    ['https://app.example/in?lang=de', 'https://app.example/in?lang=de&token='],
  ])('whose path is %s has a link that begins %s', (recoveryPath, beginning) => {
    const { needs } = bench();
    needs.settings.mail.recoveryPath = recoveryPath;
    const order = { linkToken: 'x', redirectTo: 'https://app.example' };
    expect(actionLink('recovery', order, needs).startsWith(beginning)).toBe(true);
  });

  it('with a link is of use as long as its link, and news of an account for days', async () => {
    const { sent, needs } = bench();
    const user = { email: 'ann@example.com', userMetadata: {} } as User;
    const secret = { code: '1', linkToken: 'x', linkHash: '', codeHash: '' };
    await sendLink(user, { type: 'recovery', secret, redirectTo: 'https://app.example' }, needs);
    await sendMail(user, { kind: 'password_changed_notification', to: 'ann@example.com' }, needs);
    expect(sent.map(({ expiresAt }) => (expiresAt.getTime() - at.getTime()) / hour)).toEqual([1, 72]);
  });
});
