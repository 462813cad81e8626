import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { SendingBench } from '../../../../../test/support/sending-bench.js';
import type { Operation } from '../../core/operation.js';
import { signUp } from '../password/password.contract.js';
import { recover } from '../recovery/recovery.contract.js';
import { resend, verify } from '../verify/verify.contract.js';
import { sendMagicLink, sendOtp } from './otp.contract.js';

const password = 'correct horse 9 battery';
const newAddress = (): string => `${randomUUID()}@example.com`;
const tooSoon =
  '429 over_email_send_rate_limit: For security purposes, you can only request this after 60 seconds.';

/** Somebody who has signed up a minute ago. */
async function newPerson(bench: SendingBench, isConfirmed: boolean): Promise<string> {
  const email = newAddress();
  await bench.ask(signUp, { email, password, data: { from: 'sign-up' } });
  if (isConfirmed)
    await bench.query('UPDATE auth.users SET email_confirmed_at = now() WHERE email = $1', [email]);
  bench.clock.advance('61s');
  return email;
}

const kindsTo = (bench: SendingBench, email: string) => bench.sentTo(email).map(({ kind }) => kind);

type Asks = readonly [name: string, operation: Operation<object, object>, members: object];
const ways: readonly Asks[] = [
  ['/otp', sendOtp, {}],
  ['/otp that creates nobody', sendOtp, { create_user: false }],
  ['/magiclink', sendMagicLink, {}],
  ['/recover', recover, {}],
  ['/resend of a sign-up', resend, { type: 'signup' }],
  ['/resend of a change of address', resend, { type: 'email_change' }],
];

onBothDatabases('a link that anybody may ask for', (open) => {
  it.each(ways)('A-05 %s is answered alike whoever has the address, twice', async (_, operation, members) => {
    const bench = await SendingBench.open(open(), { links: { uniformAnswerTime: undefined } });
    const waiting = await newPerson(bench, false);
    const confirmed = await newPerson(bench, true);
    const banned = await newPerson(bench, true);
    await bench.query("UPDATE auth.users SET banned_until = now() + interval '1 day' WHERE email = $1", [
      banned,
    ]);
    const people = [waiting, confirmed, banned, newAddress()];
    const askOf = (email: string) => bench.answerOf(operation, { ...members, email });
    const from = performance.now();
    expect(await Promise.all(people.map(askOf))).toEqual([{}, {}, {}, {}]);
    expect(await Promise.all(people.map(askOf))).toEqual([tooSoon, tooSoon, tooSoon, tooSoon]);
    expect(performance.now() - from).toBeGreaterThan(398);
    bench.clock.advance('61s');
    const inCapitals = people.map((email) => email.toUpperCase());
    expect(await Promise.all(inCapitals.map(askOf))).toEqual([{}, {}, {}, {}]);
    expect(kindsTo(bench, banned)).toEqual(['confirmation']);
  });

  it('A-05 /otp says nothing of closed sign-up, and nobody is created', async () => {
    const bench = await SendingBench.open(open(), { password: { allowSignup: false } });
    const email = newAddress();
    expect(await bench.answerOf(sendOtp, { email })).toEqual({});
    expect(await bench.query('SELECT id FROM auth.users WHERE email = $1', [email])).toEqual([]);
    expect(bench.sentTo(email)).toEqual([]);
  });

  it('A-34 opens the door only if no newer one was asked for', async () => {
    const bench = await SendingBench.open(open());
    for (const [operation, type] of [
      [sendOtp, 'magiclink'],
      [recover, 'recovery'],
    ] as const) {
      const email = await newPerson(bench, true);
      const links: unknown[] = [];
      for (let count = 0; count < 2; count++) {
        await bench.ask(operation as Operation<object, object>, { email });
        links.push(bench.lastTo(email).variables.TokenHash);
        bench.clock.advance('61s');
      }
      const [older, newer] = links as [string, string];
      expect(await bench.answerOf(verify, { type, token_hash: older })).toMatch(/^403 otp_expired/);
      expect(await bench.answerOf(verify, { type, token_hash: newer })).toHaveProperty('access_token');
    }
  });

  it('signs up whoever has no account yet, without a password', async () => {
    const bench = await SendingBench.open(open());
    const email = newAddress();
    await bench.ask(sendOtp, { email, data: { k: 'v' }, redirect_to: 'http://127.0.0.1:3000/in' });
    expect(bench.lastTo(email)).toMatchObject({
      kind: 'confirmation',
      variables: { RedirectTo: 'http://127.0.0.1:3000/in' },
    });
    const [row] = await bench.query('SELECT * FROM auth.users WHERE email = $1', [email]);
    expect(row).toMatchObject({ encrypted_password: '', email_confirmed_at: null });
    expect(row?.raw_user_meta_data).toMatchObject({ k: 'v', email });
    const { code, ...session } = {
      code: bench.lastTo(email).variables.Token as string,
      type: 'email',
      email,
    };
    expect(await bench.answerOf(verify, { ...session, token: code })).toHaveProperty('access_token');
  });

  it('P-01 is a magic link for an account that waits, and not the end of the sign-up that somebody began', async () => {
    const bench = await SendingBench.open(open());
    const email = await newPerson(bench, false);
    await bench.ask(sendOtp, { email });
    expect(kindsTo(bench, email)).toEqual(['confirmation', 'magic_link']);
    const { TokenHash: token_hash } = bench.lastTo(email).variables as { TokenHash: string };
    const answer = await bench.ask(verify, { type: 'magiclink', token_hash });
    expect(answer).toHaveProperty('user.user_metadata.email', email);
    expect(answer).not.toHaveProperty('user.user_metadata.from');
    expect(await bench.query('SELECT encrypted_password FROM auth.users WHERE email = $1', [email])).toEqual([
      { encrypted_password: '' },
    ]);
  });

  it('starts a flow of its own kind for each kind of link', async () => {
    const bench = await SendingBench.open(open());
    const challenge = { code_challenge: 'b'.repeat(43), code_challenge_method: 's256' };
    const [unknown, known] = [newAddress(), await newPerson(bench, true)];
    await bench.ask(sendOtp, { email: unknown, ...challenge });
    await bench.ask(sendMagicLink, { email: known, ...challenge });
    bench.clock.advance('61s');
    await bench.ask(recover, { email: known, ...challenge });
    const flows = await bench.query(
      `SELECT f.provider_type, f.authentication_method FROM auth.flow_state f
       JOIN auth.users u ON u.id = f.user_id WHERE u.email = ANY($1) ORDER BY f.created_at, 2`,
      [[unknown, known]],
    );
    expect(flows).toEqual([
      { provider_type: 'email', authentication_method: 'email/signup' },
      { provider_type: 'magiclink', authentication_method: 'magiclink' },
      { provider_type: 'recovery', authentication_method: 'recovery' },
    ]);
  });

  it.each([
    ['P-07', 'ann＠example.com'],
    ['P-07', 'ann@exаmple.com'],
    ['P-07', 'ann@example.ⅽom'],
    ['P-07', 'aıı@example.com'],
    ['P-07', 'ann@example.com\u00a0'],
    ['P-09', 'attacker@e.test,victim@x.com'],
    ['P-09', 'attacker@e.test;victim@x.com'],
    ['P-09', '"a@b"@c.com'],
    ['P-09', '<a@b.com>'],
    ['P-09', 'Ann <a@b.com>'],
    ['P-09', 'a(comment)@b.com'],
    ['P-09', 'group:a@b.com,c@d.com;'],
    ['P-09', 'a@b.com\r\nBcc: c@d.com'],
    ['P-09', 'a@b.com\n'],
    ['P-07', '\u212aim@example.com'],
    ['P-09', `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c.'.repeat(100)}com`],
  ])('%s %j is no address, wherever one is asked for', async (_, email) => {
    const bench = await SendingBench.open(open());
    const asked: readonly Asks[] = [...ways, ['/signup', signUp, { password }]];
    for (const [, operation, members] of asked) {
      expect(await bench.answerOf(operation, { ...members, email })).toMatch(/^400 validation_failed/);
    }
    expect(bench.sentTo(email)).toEqual([]);
  });
});

onBothDatabases('a link that anybody may ask for, in the way of GoTrue', (open) => {
  const compatible = (more = {}) => SendingBench.open(open(), { compatibility: 'gotrue', ...more });

  it('goes to nobody new where none is to be created, and says so', async () => {
    const bench = await compatible();
    const refusal = '422 otp_disabled: Signups not allowed for otp';
    expect(await bench.answerOf(sendOtp, { email: newAddress(), create_user: false })).toBe(refusal);
    expect(await bench.answerOf(sendOtp, { email: 'x', create_user: false })).toBe(refusal);
    const closed = await compatible({ password: { allowSignup: false } });
    expect(await closed.answerOf(sendOtp, { email: newAddress() })).toBe(
      '422 signup_disabled: Signups not allowed for this instance',
    );
  });

  it('ends the sign-up of an account that waits', async () => {
    const bench = await compatible();
    const email = await newPerson(bench, false);
    await bench.ask(sendOtp, { email });
    expect(kindsTo(bench, email)).toEqual(['confirmation', 'confirmation']);
  });

  it('comes once a minute to each person, and unknown addresses never hear of it', async () => {
    const bench = await compatible();
    const email = await newPerson(bench, true);
    await bench.ask(recover, { email });
    expect(await bench.answerOf(sendOtp, { email })).toBe(tooSoon);
    const unknown = newAddress();
    for (let count = 0; count < 2; count++) {
      expect(await bench.answerOf(recover, { email: unknown })).toEqual({});
    }
  });

  it('is a magic link at once where addresses are confirmed without one', async () => {
    const bench = await compatible({ password: { autoconfirm: true } });
    const email = newAddress();
    await bench.ask(sendOtp, { email });
    expect(kindsTo(bench, email)).toEqual(['magic_link']);
    const [row] = await bench.query('SELECT email_confirmed_at FROM auth.users WHERE email = $1', [email]);
    expect(row?.email_confirmed_at).not.toBeNull();
  });
});
