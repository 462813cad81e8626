import assert from 'node:assert/strict';
import { type Api, goodPassword, refuses, sessionOf } from '../../testing/api.js';
import {
  aMoment,
  codeIsRefused,
  given,
  newChallenge,
  newMember,
  newNumber,
  otherThan,
  requireOneOf,
} from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

const signIn = (api: Api, phone: string, password = goodPassword) =>
  api.post('/token?grant_type=password', { phone, password });

const redeem = (api: Api, phone: string, token: string) => api.verify({ type: 'sms', phone, token });

/** A number that signed up and was sent a code. */
async function newcomer(api: Api, bench: Bench): Promise<{ readonly phone: string; readonly code: string }> {
  const phone = newNumber();
  const { status, body, text } = await api.signUp({ phone, password: goodPassword });
  assert.equal(status, 200, text);
  assert.deepEqual([body.phone, body.access_token, body.phone_confirmed_at], [phone, undefined, undefined]);
  return { phone, code: (await bench.textTo(phone)).code };
}

const words = 'Invalid phone number format (E.164 required)';
const malformed = [
  'x',
  '0155512345',
  '+',
  '15551234567890123',
  '1555-1234567',
  '+49 (0)30 1234',
  '１５５５１２３４５６７',
];

const signUpLaws = given({ under: 'confirm', needs: ['read texts'] }, [
  {
    name: 'a texted code confirms a number and opens a session, once',
    async holds(api, bench) {
      const { phone, code } = await newcomer(api, bench);
      refuses(await signIn(api, phone), '400 phone_not_confirmed', 'Phone not confirmed');
      const { access_token, user } = sessionOf(await redeem(api, `+${phone}`, code));
      assert.deepEqual([user.phone, user.app_metadata.provider], [phone, 'phone']);
      assert.ok(user.phone_confirmed_at);
      const amr = claimsOf(access_token).amr as { method: string }[];
      assert.deepEqual([amr[0]?.method, claimsOf(access_token).phone], ['otp', phone]);
      codeIsRefused(await redeem(api, phone, code));
      sessionOf(await signIn(api, `+${phone}`));
      refuses(await signIn(api, phone, 'another horse'), '400 invalid_credentials');
    },
  },
  {
    name: 'a wrong code, or one for another number, confirms nothing',
    async holds(api, bench) {
      const mine = await newcomer(api, bench);
      const theirs = await newcomer(api, bench);
      codeIsRefused(await redeem(api, mine.phone, otherThan(mine.code)));
      const token = mine.code === theirs.code ? otherThan(mine.code) : mine.code;
      codeIsRefused(await redeem(api, theirs.phone, token));
      codeIsRefused(await redeem(api, newNumber(), token));
      codeIsRefused(await api.verify({ type: 'phone_change', phone: mine.phone, token: mine.code }));
      sessionOf(await redeem(api, mine.phone, mine.code));
    },
  },
  {
    name: 'a texted code is of no use after a minute',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { phone, code } = await newcomer(api, bench);
      bench.advance('61s');
      codeIsRefused(await redeem(api, phone, code));
    },
  },
  {
    name: 'A-30 of 50 who post one texted code at once, one is let in',
    async holds(api, bench) {
      const { phone, code } = await newcomer(api, bench);
      await requireOneOf(
        50,
        () => redeem(api, phone, code),
        ({ status }) => status === 200,
      );
    },
  },
  {
    name: 'a number that is none is refused wherever one is taken',
    needs: ['read mail'],
    async holds(api, bench) {
      const { session } = await newMember(api, bench);
      for (const phone of malformed) {
        refuses(await api.signUp({ phone, password: goodPassword }), '400 validation_failed', words);
        refuses(await api.post('/otp', { phone }), '400 validation_failed', words);
        refuses(await redeem(api, phone, '123456'), '400 validation_failed', words);
        refuses(await api.post('/resend', { type: 'sms', phone }), '400 validation_failed', words);
        refuses(await api.update(session.access_token, { phone }), '400 validation_failed', words);
      }
    },
  },
  {
    name: 'a sign-up with a number takes neither a challenge nor a channel that there is not',
    async holds(api) {
      const phone = newNumber();
      const more = [newChallenge().members, { channel: 'pigeon' }];
      for (const members of more) {
        refuses(await api.signUp({ phone, password: goodPassword, ...members }), '400 validation_failed');
      }
    },
  },
]);

const otpLaws = given({ under: 'confirm', needs: ['read texts', 'move the clock'] }, [
  {
    name: 'somebody signs in by texted codes alone, the first time and every other',
    async holds(api, bench) {
      const phone = newNumber();
      assert.equal((await api.post('/otp', { phone, data: { name: 'Ann' } })).status, 200);
      const first = sessionOf(await redeem(api, phone, (await bench.textTo(phone)).code));
      assert.equal(first.user.user_metadata.name, 'Ann');
      refuses(await signIn(api, phone), '400 invalid_credentials');
      bench.advance(aMoment);
      assert.equal((await api.post('/otp', { phone: `+${phone}` })).status, 200);
      const second = sessionOf(await redeem(api, phone, (await bench.textTo(phone)).code));
      assert.equal(second.user.id, first.user.id);
    },
  },
  {
    name: 'the next text waits, and the answer says how long',
    async holds(api, bench) {
      const phone = newNumber();
      await api.post('/otp', { phone });
      await bench.textTo(phone);
      const again = await api.post('/otp', { phone });
      refuses(again, '429 over_sms_send_rate_limit');
      assert.match(String(again.body.message), /only request this after ([1-9]|[1-5]\d|60) seconds\.$/);
      bench.advance(aMoment);
      assert.equal((await api.post('/otp', { phone })).status, 200);
    },
  },
]);

const changeLaws = given({ under: 'confirm', needs: ['read texts', 'move the clock'] }, [
  {
    name: 'a number changes once the new one is proved, and not before',
    async holds(api, bench) {
      const { phone, code } = await newcomer(api, bench);
      const { access_token, user } = sessionOf(await redeem(api, phone, code));
      const next = newNumber();
      const { status, body, text } = await api.update(access_token, { phone: `+${next}` });
      assert.equal(status, 200, text);
      assert.deepEqual([body.phone, body.new_phone], [phone, next]);
      refuses(await signIn(api, next), '400 invalid_credentials');
      const change = await bench.textTo(next);
      codeIsRefused(await redeem(api, phone, change.code));
      const token = { type: 'phone_change', phone: next, token: change.code };
      const session = sessionOf(await api.verify(token));
      assert.deepEqual([session.user.id, session.user.phone], [user.id, next]);
      codeIsRefused(await api.verify(token));
      sessionOf(await signIn(api, next));
      refuses(await signIn(api, phone), '400 invalid_credentials');
    },
  },
  {
    name: 'who has an address adds a number, and signs in with either',
    needs: ['read mail'],
    async holds(api, bench) {
      const { email, session } = await newMember(api, bench);
      const phone = newNumber();
      assert.equal((await api.update(session.access_token, { phone })).status, 200);
      const { code } = await bench.textTo(phone);
      const { user } = sessionOf(await api.verify({ type: 'phone_change', phone, token: code }));
      assert.deepEqual([user.email, user.phone], [email, phone]);
      assert.deepEqual((user.app_metadata.providers as string[]).toSorted(), ['email', 'phone']);
      sessionOf(await signIn(api, phone));
      sessionOf(await api.signIn(email, goodPassword));
    },
  },
  {
    name: 'nobody gets a number that is in use',
    needs: ['read mail'],
    async holds(api, bench) {
      const { phone, code } = await newcomer(api, bench);
      const owner = sessionOf(await redeem(api, phone, code));
      const { session } = await newMember(api, bench);
      await api.update(session.access_token, { phone });
      assert.notEqual((await api.user(session.access_token)).body.phone, phone);
      assert.equal(sessionOf(await signIn(api, phone)).user.id, owner.user.id);
    },
  },
]);

const whereNumbersAreOff: Law = {
  name: 'nobody signs in by number where numbers are off',
  under: 'closed',
  async holds(api) {
    const phone = newNumber();
    refuses(await api.post('/otp', { phone }), '400 phone_provider_disabled');
    refuses(await signIn(api, phone), '422 phone_provider_disabled', 'Phone logins are disabled');
  },
};

export const phoneConformance: Conformance = {
  feature: 'telephone numbers',
  laws: [...signUpLaws, ...otpLaws, ...changeLaws, whereNumbersAreOff],
};
