import { randomInt } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import { SendingBench } from '../../../../../test/support/sending-bench.js';
import { SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SessionBody } from '../../wire/session.js';
import { sendOtp } from '../otp/otp.contract.js';
import { signInWithPassword, signUp } from '../password/password.contract.js';
import { getSettings } from '../settings/settings.contract.js';
import { resend, verify } from '../verify/verify.contract.js';

const password = 'correct horse 9 battery';
const newNumber = (): string => `1555${randomInt(1_000_000_000, 10_000_000_000)}`;
const tooSoon = (seconds: number) =>
  `429 over_sms_send_rate_limit: For security purposes, you can only request this after ${seconds} seconds.`;
const wrong = '400 invalid_credentials: Invalid login credentials';

const on: LocalOptions = { phone: { enabled: true } };
const gotrue: LocalOptions = { ...on, compatibility: 'gotrue' };
const testNumber = (phone: string, until = ''): LocalOptions['phone'] => ({
  enabled: true,
  testCodes: { [phone]: '123456' },
  testCodesUntil: until,
});

const codeTo = (bench: SendingBench, phone: string) => String(bench.lastTo(phone).variables.Code);
const redeem = (bench: SendingBench, phone: string, token = codeTo(bench, phone)) =>
  bench.ask(verify, { type: 'sms', phone, token });

/** Without what differs from one account to the next. */
const likeness = (answer: unknown): string =>
  JSON.stringify(answer)
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replace(/1555\d{10}/g, 'number');

async function rowsOf(bench: SendingBench, phone: string) {
  const [user] = await bench.query('SELECT * FROM auth.users WHERE phone = $1', [phone]);
  const identities = await bench.query('SELECT * FROM auth.identities WHERE user_id = $1', [user?.id]);
  const audit = await bench.query(
    `SELECT payload->>'action' AS action, payload->'traits' AS traits FROM auth.audit_log_entries
     WHERE payload->>'actor_id' = $1 ORDER BY created_at, payload->>'action' DESC`,
    [user?.id],
  );
  return { user: user as Record<string, unknown>, identities, audit };
}

onBothDatabases('a telephone number', (open) => {
  describe('a sign-up with a number', () => {
    it('waits for the code that is texted, and leaves the rows that GoTrue leaves', async () => {
      const bench = await SendingBench.open(open(), gotrue);
      const phone = newNumber();
      const data = { name: 'Ann' };
      const answer = await bench.ask(signUp, {
        phone: `+${phone.slice(0, 4)} ${phone.slice(4)}`,
        password,
        data,
      });
      expect(answer).toMatchObject({
        phone,
        email: '',
        app_metadata: { provider: 'phone', providers: ['phone'] },
      });
      expect(answer).not.toHaveProperty('access_token');
      expect(await bench.answerOf(signInWithPassword, { phone, password })).toBe(
        '400 phone_not_confirmed: Phone not confirmed',
      );
      const { user, identities } = await rowsOf(bench, phone);
      const claims = { ...data, sub: user.id, email_verified: false, phone_verified: false };
      expect(identities).toMatchObject([
        { provider: 'phone', provider_id: user.id, identity_data: claims, email: null },
      ]);
      expect(user).toMatchObject({
        email: null,
        phone_confirmed_at: null,
        raw_user_meta_data: claims,
        raw_app_meta_data: { provider: 'phone', providers: ['phone'] },
      });
      expect(user.confirmation_sent_at).not.toBeNull();
      const session = (await redeem(bench, phone)) as SessionBody;
      expect(session.user).toMatchObject({ id: user.id, phone });
      const signedIn = await bench.ask(signInWithPassword, { phone: `+${phone}`, password });
      expect(signedIn.user.id).toBe(user.id);
      expect((await rowsOf(bench, phone)).audit).toEqual(
        expect.arrayContaining([
          { action: 'user_confirmation_requested', traits: { provider: 'phone' } },
          { action: 'login', traits: { provider: 'phone' } },
        ]),
      );
    });

    it('opens a session at once where numbers are confirmed without a text', async () => {
      const bench = await SendingBench.open(open(), { phone: { enabled: true, autoconfirm: true } });
      const phone = newNumber();
      const session = (await bench.ask(signUp, { phone, password })) as SessionBody;
      expect(session.user).toMatchObject({ phone });
      expect(session.user.phone_confirmed_at).toBeDefined();
      expect(bench.sentTo(phone)).toEqual([]);
      expect((await rowsOf(bench, phone)).audit).toEqual(
        expect.arrayContaining([
          { action: 'user_signedup', traits: { provider: 'phone', channel: 'sms' } },
          { action: 'login', traits: { provider: 'phone' } },
        ]),
      );
      expect(await bench.answerOf(signUp, { phone, password: 'another horse 9 battery' })).toBe(
        '422 user_already_exists: User already registered',
      );
      expect(await bench.answerOf(signInWithPassword, { phone, password: 'another horse 9 battery' })).toBe(
        wrong,
      );
    });

    it('A-04 is answered alike whether the number is new, waiting or confirmed, and changes nothing', async () => {
      const bench = await SendingBench.open(open(), on);
      const [waiting, confirmed, unknown] = [newNumber(), newNumber(), newNumber()];
      await bench.ask(signUp, { phone: waiting, password });
      await bench.ask(signUp, { phone: confirmed, password });
      await redeem(bench, confirmed);
      bench.clock.advance('61s');
      const request = { password: 'another horse 9 battery', data: { b: 2, a: 1 } };
      const askAll = () =>
        Promise.all(
          [waiting, confirmed, unknown].map((phone) => bench.answerOf(signUp, { ...request, phone })),
        );
      const answers = (await askAll()).map(likeness);
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain('"role":"authenticated"');
      expect(new Set(await askAll())).toEqual(new Set([tooSoon(60)]));
      expect(bench.sentTo(waiting)).toHaveLength(2);
      expect(bench.sentTo(confirmed)).toHaveLength(1);
      expect((await rowsOf(bench, waiting)).user.encrypted_password).toBe(`plain:${password}`);
      expect((await rowsOf(bench, confirmed)).user.encrypted_password).toBe(`plain:${password}`);
    });

    it('tells a known number apart where GoTrue does', async () => {
      const bench = await SendingBench.open(open(), gotrue);
      const phone = newNumber();
      await bench.ask(signUp, { phone, password });
      expect(await bench.answerOf(signUp, { phone, password })).toBe(tooSoon(60));
      await redeem(bench, phone);
      expect(await bench.answerOf(signUp, { phone, password, data: { a: 1 } })).toMatchObject({
        role: '',
        identities: [],
        user_metadata: { a: 1 },
      });
      const auto = await SendingBench.open(open(), { ...gotrue, password: { autoconfirm: true } });
      expect(await auto.answerOf(signUp, { phone, password })).toBe(
        '422 user_already_exists: User already registered',
      );
    });

    it.each([
      [{ channel: 'pigeon' }, '400 validation_failed: Invalid channel, supported values are'],
      [
        { code_challenge: 'a'.repeat(43), code_challenge_method: 's256' },
        '400 validation_failed: PKCE not supported for phone signups',
      ],
      [{ code_challenge_method: 's256' }, '400 validation_failed: PKCE flow requires'],
      [{ phone: 'abc' }, '400 validation_failed: Invalid phone number format (E.164 required)'],
      [{ email: 'a@example.com' }, '400 validation_failed: Only an email address or phone number'],
      [{ password: '' }, '400 validation_failed: Signup requires a valid password'],
    ])('is refused with %j', async (members, words) => {
      const bench = await SendingBench.open(open(), on);
      expect(await bench.answerOf(signUp, { phone: newNumber(), password, ...members })).toMatch(words);
    });

    it('is refused where numbers are off, after its form and before its number is looked at', async () => {
      const bench = await SendingBench.open(open());
      expect(await bench.answerOf(signUp, { phone: 'abc', password })).toBe(
        '400 phone_provider_disabled: Phone signups are disabled',
      );
      expect(await bench.answerOf(signInWithPassword, { phone: '1', password })).toBe(
        '422 phone_provider_disabled: Phone logins are disabled',
      );
    });

    // An identity's address is what accounts are linked by.
    it('P-01 gives its identity no address that nobody has proved', async () => {
      const bench = await SendingBench.open(open(), gotrue);
      const phone = newNumber();
      await bench.ask(signUp, { phone, password, data: { email: 'victim@example.com', sub: 'x' } });
      const { user, identities } = await rowsOf(bench, phone);
      expect(identities).toMatchObject([{ email: null, identity_data: { sub: user.id } }]);
    });
  });

  describe('a code by text', () => {
    it('A-05 is asked for alike whoever has the number, twice, and takes a fixed time', async () => {
      const bench = await SendingBench.open(open(), { ...on, links: { uniformAnswerTime: undefined } });
      const [waiting, confirmed, banned, unknown] = [newNumber(), newNumber(), newNumber(), newNumber()];
      for (const phone of [waiting, confirmed, banned]) await bench.ask(signUp, { phone, password });
      for (const phone of [confirmed, banned]) await redeem(bench, phone);
      await bench.query("UPDATE auth.users SET banned_until = now() + interval '1 day' WHERE phone = $1", [
        banned,
      ]);
      bench.clock.advance('61s');
      for (const members of [{}, { create_user: false }]) {
        const askAll = () =>
          Promise.all(
            [waiting, confirmed, banned, unknown].map((phone) =>
              bench.answerOf(sendOtp, { ...members, phone }),
            ),
          );
        const from = performance.now();
        expect(await askAll()).toEqual([{}, {}, {}, {}]);
        expect(await askAll()).toEqual(Array.from({ length: 4 }, () => tooSoon(60)));
        expect(performance.now() - from).toBeGreaterThan(398);
        bench.clock.advance('61s');
      }
      expect(bench.sentTo(banned)).toHaveLength(1);
      const nobody = newNumber();
      await bench.ask(sendOtp, { phone: nobody, create_user: false });
      expect(bench.sentTo(nobody)).toEqual([]);
    });

    it('signs in without a password, the first time and every other', async () => {
      const bench = await SendingBench.open(open(), on);
      const phone = newNumber();
      await bench.ask(sendOtp, { phone, data: { name: 'Ann' } });
      const first = (await redeem(bench, phone)) as SessionBody;
      expect(first.user).toMatchObject({ phone, user_metadata: { name: 'Ann' } });
      expect(await bench.answerOf(signInWithPassword, { phone, password: '' })).toBe(wrong);
      bench.clock.advance('61s');
      await bench.ask(sendOtp, { phone, channel: 'whatsapp' });
      expect(bench.lastTo(phone)).toMatchObject({ channel: 'sms', kind: 'whatsapp' });
      expect(((await redeem(bench, phone)) as SessionBody).user.id).toBe(first.user.id);
    });

    it('P-01 takes password and metadata from whoever signed up with the number before its owner', async () => {
      const bench = await SendingBench.open(open(), on);
      const phone = newNumber();
      await bench.ask(signUp, { phone, password, data: { role: 'theirs' } });
      bench.clock.advance('61s');
      await bench.ask(sendOtp, { phone });
      const { user } = (await redeem(bench, phone)) as SessionBody;
      expect(user.user_metadata).toEqual({ sub: user.id, email_verified: false, phone_verified: false });
      expect(user).toMatchObject({ phone, app_metadata: { provider: 'phone', providers: ['phone'] } });
      expect(user.phone_confirmed_at).toBeTruthy();
      expect(await bench.answerOf(signInWithPassword, { phone, password })).toBe(wrong);
      // From now on it is its owner's, and nothing is taken away again.
      bench.clock.advance('61s');
      await bench.ask(sendOtp, { phone });
      expect(((await redeem(bench, phone)) as SessionBody).user.id).toBe(user.id);
    });

    it('P-01 of two who sign up with different passwords has neither’s once it is proved', async () => {
      const bench = await SendingBench.open(open(), on);
      const phone = newNumber();
      await bench.ask(signUp, { phone, password: 'something that Mallory knows 5', data: { admin: true } });
      bench.clock.advance('61s');
      await bench.ask(signUp, { phone, password });
      const { user } = (await redeem(bench, phone)) as SessionBody;
      expect(user.user_metadata).not.toHaveProperty('admin');
      for (const tried of ['something that Mallory knows 5', password]) {
        expect(await bench.answerOf(signInWithPassword, { phone, password: tried })).toBe(wrong);
      }
    });

    it('asking for a code takes nothing from a sign-up that waits: only whoever has the number can', async () => {
      const bench = await SendingBench.open(open(), on);
      const phone = newNumber();
      await bench.ask(signUp, { phone, password, data: { name: 'Ann' } });
      bench.clock.advance('61s');
      await bench.ask(sendOtp, { phone });
      bench.clock.advance('61s');
      await bench.ask(resend, { type: 'sms', phone });
      const { user } = (await redeem(bench, phone)) as SessionBody;
      expect(user.user_metadata).toMatchObject({ name: 'Ann' });
      expect(await bench.ask(signInWithPassword, { phone, password })).toMatchObject({ user: { phone } });
    });

    it('tells numbers apart where GoTrue does', async () => {
      const bench = await SendingBench.open(open(), gotrue);
      const phone = newNumber();
      const disabled = '422 otp_disabled: Signups not allowed for otp';
      expect(await bench.answerOf(sendOtp, { phone, create_user: false })).toBe(disabled);
      expect(await bench.answerOf(sendOtp, { phone: 'abc', create_user: false })).toBe(disabled);
      expect(await bench.answerOf(sendOtp, { phone })).toEqual({});
      expect(await bench.answerOf(sendOtp, { phone })).toBe(tooSoon(60));
      bench.clock.advance('20s');
      expect(await bench.answerOf(sendOtp, { phone })).toBe(tooSoon(40));
      const closed = await SendingBench.open(open(), { ...gotrue, password: { allowSignup: false } });
      expect(await closed.answerOf(sendOtp, { phone: newNumber() })).toBe(
        '422 signup_disabled: Signups not allowed for this instance',
      );
      const off = await SendingBench.open(open(), { compatibility: 'gotrue' });
      expect(await off.answerOf(sendOtp, { phone: 'abc' })).toBe(
        '400 phone_provider_disabled: Unsupported phone provider',
      );
    });

    it('dies after a minute, and when the next one is sent', async () => {
      const bench = await SendingBench.open(open(), on);
      const phone = newNumber();
      const over = '403 otp_expired: Token has expired or is invalid';
      await bench.ask(sendOtp, { phone });
      const first = codeTo(bench, phone);
      bench.clock.advance('61s');
      expect(await bench.answerOf(verify, { type: 'sms', phone, token: first })).toBe(over);
      await bench.ask(sendOtp, { phone });
      const second = codeTo(bench, phone);
      if (first !== second)
        expect(await bench.answerOf(verify, { type: 'sms', phone, token: first })).toBe(over);
      expect(((await redeem(bench, phone, second)) as SessionBody).user.phone).toBe(phone);
    });

    it('is always the same for a number for tests, which gets no text, until its time is over', async () => {
      const phone = newNumber();
      const bench = await SendingBench.open(open(), { phone: testNumber(phone, '2030-01-01T00:00:00Z') });
      expect(await bench.answerOf(sendOtp, { phone })).toEqual({ message_id: 'test-otp' });
      expect(bench.sentTo(phone)).toEqual([]);
      expect(await bench.answerOf(sendOtp, { phone })).toBe(tooSoon(60));
      expect(((await redeem(bench, phone, '123456')) as SessionBody).user.phone).toBe(phone);
      bench.clock.advance('3650d');
      expect(await bench.answerOf(sendOtp, { phone })).toEqual({});
      expect(bench.sentTo(phone)).toHaveLength(1);
    });

    it('shares its waiting time with the confirmation that is sent again', async () => {
      const bench = await SendingBench.open(open(), on);
      const phone = newNumber();
      await bench.ask(signUp, { phone, password });
      expect(await bench.answerOf(resend, { type: 'sms', phone })).toBe(tooSoon(60));
      bench.clock.advance('61s');
      expect(await bench.answerOf(resend, { type: 'sms', phone })).toEqual({});
      expect(await bench.answerOf(sendOtp, { phone })).toBe(tooSoon(60));
    });

    it('is told of in the settings', async () => {
      const bench = await SendingBench.open(open(), {
        phone: { enabled: true, autoconfirm: true, service: 'webhook' },
      });
      expect(await bench.ask(getSettings, {})).toMatchObject({
        external: { phone: true },
        phone_autoconfirm: true,
        sms_provider: 'webhook',
      });
    });
  });

  describe('production without anybody who carries texts', () => {
    const before = process.env.NODE_ENV;
    afterEach(() => {
      process.env.NODE_ENV = before;
    });

    it('says so to everybody alike, but for numbers for tests', async () => {
      process.env.NODE_ENV = 'production';
      const [phone, reviewer] = [newNumber(), newNumber()];
      const bench = await SessionBench.open(open(), { phone: testNumber(reviewer) });
      const failed = { status: 422, code: 'sms_send_failed' };
      await expect(bench.ask(sendOtp, { phone })).rejects.toMatchObject(failed);
      await expect(bench.ask(signUp, { phone, password })).rejects.toMatchObject(failed);
      expect(await bench.query('SELECT id FROM auth.users WHERE phone = $1', [phone])).toEqual([]);
      expect(await bench.ask(sendOtp, { phone: reviewer })).toEqual({ message_id: 'test-otp' });
    });
  });
});
