import { randomInt, randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { SendingBench } from '../../../../../test/support/sending-bench.js';
import { signUp } from '../password/password.contract.js';
import { resend } from './verify.contract.js';

const password = 'correct horse 9 battery';
const challenge = { code_challenge: 'c' };

/** Each row breaks a check and every later one; the checks are made in this order (contract 2.7). */
const refusals: readonly (readonly [what: string, body: object, words: string])[] = [
  [
    'an unknown type',
    { type: 'x', ...challenge },
    'Missing one of these types: signup, email_change, sms, phone_change',
  ],
  [
    'half a challenge',
    { type: 'signup', ...challenge },
    'PKCE flow requires code_challenge_method and code_challenge',
  ],
  ['no e-mail address', { type: 'signup', phone: 'x' }, 'Type provided requires an email address'],
  ['no number', { type: 'sms', email: 'x' }, 'Type provided requires a phone number'],
  [
    'two addresses',
    { type: 'signup', email: 'x', phone: 'x' },
    'Only an email address or phone number should be provided.',
  ],
  ['no address', { type: 'email_change' }, 'Missing email address or phone number'],
  [
    'an address that is none',
    { type: 'signup', email: 'x' },
    'Unable to validate email address: invalid format',
  ],
  ['a number that is none', { type: 'sms', phone: 'x' }, 'Invalid phone number format (E.164 required)'],
];

onBothDatabases('what is sent again', (open) => {
  const bench = (more = {}) => SendingBench.open(open(), { phone: { enabled: true }, ...more });

  it.each(refusals)('is refused for %s before anything later is looked at', async (_, body, words) => {
    expect(await (await bench()).answerOf(resend, body)).toBe(`400 validation_failed: ${words}`);
  });

  it('is nothing where its way is off', async () => {
    const closed = await bench({ phone: { enabled: false }, password: { enabled: false } });
    expect(await closed.answerOf(resend, { type: 'signup', email: 'x' })).toMatch(
      /^400 email_provider_disabled/,
    );
    expect(await closed.answerOf(resend, { type: 'sms', phone: 'x' })).toMatch(
      /^400 phone_provider_disabled/,
    );
  });

  it.each(['strict', 'gotrue'] as const)(
    'is the link of a sign-up until it is confirmed, %s',
    async (how) => {
      const here = await bench({ compatibility: how });
      const email = `${randomUUID()}@example.com`;
      await here.ask(signUp, { email, password });
      here.clock.advance('61s');
      expect(await here.answerOf(resend, { type: 'signup', email })).toEqual({});
      expect(here.sentTo(email).map(({ kind }) => kind)).toEqual(['confirmation', 'confirmation']);
      await here.query('UPDATE auth.users SET email_confirmed_at = now() WHERE email = $1', [email]);
      here.clock.advance('61s');
      expect(await here.answerOf(resend, { type: 'signup', email })).toEqual({});
      expect(here.sentTo(email)).toHaveLength(2);
    },
  );

  it('is both mails of a change of address, though the person asked for them a moment ago', async () => {
    const here = await bench();
    const [email, newEmail] = [`${randomUUID()}@example.com`, `${randomUUID()}@example.com`];
    await here.ask(signUp, { email, password });
    await here.query(
      'UPDATE auth.users SET email_confirmed_at = $2, email_change = $3, email_change_sent_at = $2 WHERE email = $1',
      [email, here.clock.now(), newEmail],
    );
    expect(await here.answerOf(resend, { type: 'email_change', email })).toEqual({});
    expect([here.lastTo(email).kind, here.lastTo(newEmail).kind]).toEqual(['email_change', 'email_change']);
  });

  it.each(['strict', 'gotrue'] as const)('is the code that a number waits for, %s', async (how) => {
    const tooSoon = /^429 over_sms_send_rate_limit/;
    const [phone, newPhone, test] = [newNumber(), newNumber(), newNumber()];
    const here = await bench({
      compatibility: how,
      phone: { enabled: true, testCodes: { [test]: '123456' } },
    });
    for (const number of [phone, test]) {
      await here.query(
        `INSERT INTO auth.users (instance_id, id, aud, role, phone, encrypted_password, confirmation_token,
           recovery_token, email_change_token_new, email_change, phone_change)
         VALUES ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated',
           $1, '', '', '', '', '', $2)`,
        [number, number === phone ? newPhone : ''],
      );
    }
    expect(await here.answerOf(resend, { type: 'sms', phone: `+${phone}` })).toEqual({});
    expect(await here.answerOf(resend, { type: 'sms', phone })).toMatch(tooSoon);
    expect(here.lastTo(phone)).toMatchObject({
      channel: 'sms',
      variables: { Code: expect.stringMatching(/^\d{6}$/) },
    });
    expect(await here.answerOf(resend, { type: 'phone_change', phone })).toEqual({});
    expect(here.sentTo(newPhone)).toHaveLength(1);
    await here.query('UPDATE auth.users SET phone = $2 WHERE phone = $1', [test, newPhone]);
    here.clock.advance('61s');
    expect(await here.answerOf(resend, { type: 'phone_change', phone })).toEqual({});
    expect(here.sentTo(newPhone)).toHaveLength(1);
    await here.query('UPDATE auth.users SET phone = $1 WHERE phone = $2', [test, newPhone]);
    expect(await here.answerOf(resend, { type: 'sms', phone: test })).toEqual({ message_id: 'test-otp' });
    expect(here.sentTo(test)).toEqual([]);
  });
});

const newNumber = (): string => `1555${randomInt(1_000_000_000, 9_999_999_999)}`;
