import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { SendingBench } from '../../../../../test/support/sending-bench.js';
import { resend, verify } from '../verify/verify.contract.js';
import { signInWithPassword, signUp } from './password.contract.js';

const password = 'correct horse 9 battery';
const challenge = 'a'.repeat(43);
const newAddress = (): string => `${randomUUID()}@example.com`;
const tooSoon =
  '429 over_email_send_rate_limit: For security purposes, you can only request this after 60 seconds.';

/** What two accounts may differ in. */
const masked = (answer: unknown): string =>
  JSON.stringify(answer)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '{id}')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '{time}');

onBothDatabases('a sign-up that is confirmed by mail', (open) => {
  const confirm = (bench: SendingBench, email: string) =>
    bench.query('UPDATE auth.users SET email_confirmed_at = now() WHERE email = $1', [email]);
  const rowOf = async (bench: SendingBench, email: string) =>
    (await bench.query('SELECT * FROM auth.users WHERE email = $1', [email]))[0] ?? {};

  it('mails a link with a code, and says when', async () => {
    const bench = await SendingBench.open(open());
    const email = newAddress();
    const answer = await bench.answerOf(signUp, { email, password });
    const at = bench.clock.now().toISOString();
    expect(answer).toMatchObject({ email, confirmation_sent_at: at, created_at: at, is_anonymous: false });
    expect(answer).not.toHaveProperty('email_confirmed_at');
    const { kind, variables } = bench.lastTo(email);
    expect(kind).toBe('confirmation');
    expect(variables.Token).toMatch(/^\d{6}$/);
    expect(variables.ConfirmationURL).toBe(
      `http://127.0.0.1:9999/verify?token=${variables.TokenHash}&type=signup&redirect_to=http://127.0.0.1:3000`,
    );
    expect((await rowOf(bench, email)).confirmation_sent_at).toEqual(bench.clock.now());
  });

  it('A-04 is answered alike for a new address, one that waits and one that is confirmed, byte by byte', async () => {
    const bench = await SendingBench.open(open());
    const data = { zebra: 1, a: { longer: [1], b: null }, name: 'Ann' };
    const email = newAddress();
    const ask = async (what: object = { password }) => {
      const answer = await bench.answerOf(signUp, { email, password, data, ...what });
      bench.clock.advance('61s');
      return answer as { readonly id: string };
    };
    const unknown = await ask();
    const before = await rowOf(bench, email);
    const waiting = await ask({ password: `${password} of somebody else` });
    await confirm(bench, email);
    const confirmed = await ask();
    expect([masked(waiting), masked(confirmed)]).toEqual([masked(unknown), masked(unknown)]);
    expect(new Set([unknown, waiting, confirmed].map(({ id }) => id)).size).toBe(3);
    expect(bench.sentTo(email).map(({ kind }) => kind)).toEqual([
      'confirmation',
      'confirmation',
      'already_registered',
    ]);
    const { encrypted_password, raw_user_meta_data } = await rowOf(bench, email);
    expect({ encrypted_password, raw_user_meta_data }).toEqual({
      encrypted_password: before.encrypted_password,
      raw_user_meta_data: before.raw_user_meta_data,
    });
  });

  describe('P-01 of two with different passwords', () => {
    const wrong = '400 invalid_credentials: Invalid login credentials';
    const mallorys = 'something that Mallory knows 5';

    /** Both sign up; the first one's choice is what is in the account. */
    async function signUpTwice(bench: SendingBench, second = password): Promise<string> {
      const email = newAddress();
      await bench.ask(signUp, { email, password: mallorys, data: { admin: true } });
      bench.clock.advance('61s');
      await bench.ask(signUp, { email, password: second });
      return email;
    }
    const redeem = (bench: SendingBench, email: string) =>
      bench.ask(verify, { type: 'signup', token_hash: String(bench.lastTo(email).variables.TokenHash) });

    it.each(['at once', 'sent again'])(
      'neither opens the account once the address is proved, %s',
      async (how) => {
        const bench = await SendingBench.open(open());
        const email = await signUpTwice(bench);
        if (how === 'sent again') {
          bench.clock.advance('61s');
          await bench.ask(resend, { type: 'signup', email });
          bench.clock.advance('61s');
          await bench.ask(signUp, { email, password: mallorys });
        }
        expect(await redeem(bench, email)).toMatchObject({
          user: { email, user_metadata: { email, email_verified: true } },
        });
        expect((await rowOf(bench, email)).raw_user_meta_data).not.toHaveProperty('admin');
        for (const tried of [mallorys, password]) {
          expect(await bench.answerOf(signInWithPassword, { email, password: tried })).toBe(wrong);
        }
      },
    );

    it('who has only come twice keeps what they have chosen', async () => {
      const bench = await SendingBench.open(open());
      const email = await signUpTwice(bench, mallorys);
      await redeem(bench, email);
      expect(await bench.ask(signInWithPassword, { email, password: mallorys })).toMatchObject({
        user: { user_metadata: { admin: true } },
      });
    });

    it('GoTrue: the first one’s does', async () => {
      const bench = await SendingBench.open(open(), { compatibility: 'gotrue' });
      const email = await signUpTwice(bench);
      await redeem(bench, email);
      expect(await bench.ask(signInWithPassword, { email, password: mallorys })).toMatchObject({
        user: { email },
      });
    });
  });

  it('A-04 is refused alike the second time, whoever has the address', async () => {
    const bench = await SendingBench.open(open());
    const [waiting, confirmed] = [newAddress(), newAddress()];
    for (const email of [waiting, confirmed]) await bench.ask(signUp, { email, password });
    await confirm(bench, confirmed);
    for (const email of [waiting, confirmed, newAddress()]) {
      bench.clock.advance('61s');
      await bench.ask(signUp, { email, password });
      expect(await bench.answerOf(signUp, { email, password })).toBe(tooSoon);
    }
  });

  it('tells somebody who is banned nothing, and sends them nothing', async () => {
    const bench = await SendingBench.open(open());
    const email = newAddress();
    const first = await bench.answerOf(signUp, { email, password });
    await bench.query("UPDATE auth.users SET banned_until = now() + interval '1 day' WHERE email = $1", [
      email,
    ]);
    bench.clock.advance('61s');
    expect(masked(await bench.answerOf(signUp, { email, password }))).toBe(masked(first));
    expect(bench.sentTo(email)).toHaveLength(1);
  });

  it('is one of many at the same moment, and mails once', async () => {
    const bench = await SendingBench.open(open());
    const email = newAddress();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => bench.answerOf(signUp, { email, password })),
    );
    expect(answers.filter((answer) => answer !== tooSoon)).toHaveLength(1);
    expect(bench.sentTo(email)).toHaveLength(1);
  });

  it('remembers the challenge, and marks the link as one that leads to a code', async () => {
    const bench = await SendingBench.open(open());
    const email = newAddress();
    await bench.ask(signUp, { email, password, code_challenge: challenge, code_challenge_method: 'S256' });
    expect(bench.lastTo(email).variables.TokenHash).toMatch(/^pkce_/);
    const flows = await bench.query(
      `SELECT f.authentication_method, f.provider_type, f.code_challenge, f.code_challenge_method
       FROM auth.flow_state f JOIN auth.users u ON u.id = f.user_id WHERE u.email = $1`,
      [email],
    );
    expect(flows).toEqual([
      {
        authentication_method: 'email/signup',
        provider_type: 'email',
        code_challenge: challenge,
        code_challenge_method: 's256',
      },
    ]);
  });

  it('takes no challenge that protects nobody, and none at all only where links may carry a session', async () => {
    const bench = await SendingBench.open(open(), { links: { implicitFlow: false } });
    const ask = (members: object) => bench.answerOf(signUp, { email: newAddress(), password, ...members });
    expect(await ask({ code_challenge: challenge, code_challenge_method: 'plain' })).toBe(
      "400 validation_failed: code_challenge_method must be 's256'",
    );
    expect(await ask({})).toBe(
      '400 validation_failed: Sessions are handed out only to whoever gives a code_challenge',
    );
    expect(await ask({ code_challenge: challenge, code_challenge_method: 's256' })).toHaveProperty('email');
  });
});

onBothDatabases('a sign-up that is confirmed by mail, in the way of GoTrue', (open) => {
  const compatible = () => SendingBench.open(open(), { compatibility: 'gotrue' });

  it('is told from one for a confirmed address by its role and its identities', async () => {
    const bench = await compatible();
    const email = newAddress();
    await bench.ask(signUp, { email, password });
    await bench.query('UPDATE auth.users SET email_confirmed_at = now() WHERE email = $1', [email]);
    const answer = await bench.answerOf(signUp, { email, password, data: { a: 1 } });
    expect(answer).toMatchObject({ role: '', user_metadata: { a: 1 }, identities: [] });
    expect(answer).toHaveProperty('confirmation_sent_at');
    expect(bench.sentTo(email)).toHaveLength(1);
  });

  it('shows the account that waits, unless it was invited, and waits a minute for the next mail', async () => {
    const bench = await compatible();
    const email = newAddress();
    const first = (await bench.ask(signUp, { email, password, data: { a: 1 } })) as { readonly id: string };
    const again = () => bench.answerOf(signUp, { email, password: `${password} other` });
    bench.clock.advance('20s');
    expect(await again()).toBe(tooSoon.replace('60', '40'));
    bench.clock.advance('40s');
    expect(await again()).toMatchObject({ id: first.id, user_metadata: { a: 1 } });
    bench.clock.advance('61s');
    await bench.query('UPDATE auth.users SET invited_at = now() WHERE email = $1', [email]);
    expect(await again()).toMatchObject({ id: first.id, user_metadata: {}, identities: [] });
  });

  it('notes what was asked, and what was asked again', async () => {
    const bench = await compatible();
    const email = newAddress();
    await bench.ask(signUp, { email, password });
    await bench.query('UPDATE auth.users SET email_confirmed_at = now() WHERE email = $1', [email]);
    await bench.ask(signUp, { email, password });
    const lines = await bench.query(
      `SELECT payload ->> 'action' AS action, payload -> 'traits' AS traits FROM auth.audit_log_entries
       WHERE payload ->> 'actor_username' = $1 ORDER BY created_at`,
      [email],
    );
    const traits = { provider: 'email' };
    expect(lines.map(({ action }) => action).toSorted()).toEqual([
      'user_confirmation_requested',
      'user_repeated_signup',
    ]);
    expect(lines.map((line) => line.traits)).toEqual([traits, traits]);
  });
});
