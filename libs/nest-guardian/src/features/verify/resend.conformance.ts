import assert from 'node:assert/strict';
import { type Api, goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import {
  aMoment,
  codeIsRefused,
  enters,
  given,
  linkTo,
  newMember,
  newNumber,
  otherThan,
  turnsAway,
} from '../../testing/by-mail.js';
import type { Conformance, Law } from '../../testing/conformance.js';

const email = 'nobody@example.com';
const phone = '15551234567';

/** What is asked for again, and what is said to it (contract 2.7). */
const refusals: Readonly<Record<string, object>> = {
  'no type': { email },
  'a type that is none': { type: 'banana', email },
  'a sign-in link': { type: 'magiclink', email },
  'a mail without an address': { type: 'signup' },
  'a text without a number': { type: 'sms' },
  'a mail to a number': { type: 'signup', phone },
  'two addresses': { type: 'signup', email, phone },
  'an address that is none': { type: 'signup', email: 'x' },
  'a number that is none': { type: 'sms', phone: 'x' },
};

const refusalLaws = Object.entries(refusals).map(([what, body]): Law => ({
  name: `nothing is sent again for ${what}`,
  under: 'confirm',
  needs: ['read texts'],
  async holds(api) {
    refuses(await api.post('/resend', body), '400 validation_failed');
  },
}));

async function again(api: Api, body: object): Promise<void> {
  const { status, text } = await api.post('/resend', body);
  assert.deepEqual([status, text.trim()], [200, '{}'], text);
}

const sendingLaws = given({ under: 'confirm' }, [
  {
    name: 'the mail of a sign-up is sent again',
    needs: ['read mail', 'move the clock'],
    async holds(api, bench) {
      const address = newAddress();
      await api.signUp({ email: address, password: goodPassword });
      await bench.mailTo(address);
      refuses(
        await api.post('/resend', { type: 'signup', email: address }),
        '429 over_email_send_rate_limit',
      );
      bench.advance(aMoment);
      await again(api, { type: 'signup', email: address });
      await enters(api, await api.follow(await linkTo(bench, address)));
      sessionOf(await api.signIn(address, goodPassword));
    },
  },
  {
    name: 'the mails of a change of address are sent again, and those before open nothing any more',
    needs: ['read mail', 'move the clock'],
    async holds(api, bench) {
      const { email: from, session } = await newMember(api, bench);
      const to = newAddress();
      await api.update(session.access_token, { email: to });
      const older = [await linkTo(bench, from), await linkTo(bench, to)];
      bench.advance(aMoment);
      await again(api, { type: 'email_change', email: from });
      const newer = [await linkTo(bench, from), await linkTo(bench, to)];
      for (const link of older) turnsAway(await api.follow(link));
      for (const link of newer) await api.follow(link);
      sessionOf(await api.signIn(to, goodPassword));
    },
  },
  {
    name: 'the text of a sign-up is sent again',
    needs: ['read texts', 'move the clock'],
    async holds(api, bench) {
      const number = newNumber();
      await api.signUp({ phone: number, password: goodPassword });
      const older = await bench.textTo(number);
      refuses(await api.post('/resend', { type: 'sms', phone: number }), '429 over_sms_send_rate_limit');
      bench.advance(aMoment);
      await again(api, { type: 'sms', phone: number });
      const { code } = await bench.textTo(number);
      const wrong = older.code === code ? otherThan(code) : older.code;
      codeIsRefused(await api.verify({ type: 'sms', phone: number, token: wrong }));
      sessionOf(await api.verify({ type: 'sms', phone: number, token: code }));
    },
  },
  {
    name: 'the text of a change of number is sent again',
    needs: ['read mail', 'read texts', 'move the clock'],
    async holds(api, bench) {
      const { session } = await newMember(api, bench);
      const [first, second] = [newNumber(), newNumber()];
      await api.update(session.access_token, { phone: first });
      const { code } = await bench.textTo(first);
      sessionOf(await api.verify({ type: 'phone_change', phone: first, token: code }));
      bench.advance(aMoment);
      await api.update(session.access_token, { phone: second });
      await bench.textTo(second);
      bench.advance(aMoment);
      await again(api, { type: 'phone_change', phone: first });
      const newer = await bench.textTo(second);
      sessionOf(await api.verify({ type: 'phone_change', phone: second, token: newer.code }));
    },
  },
  {
    name: 'nothing is sent again to somebody unknown, somebody confirmed, or without a change under way',
    needs: ['read mail', 'read texts', 'move the clock'],
    async holds(api, bench) {
      const { email: known } = await newMember(api, bench);
      bench.advance(aMoment);
      for (const address of [known, newAddress()]) {
        await again(api, { type: 'signup', email: address });
        await again(api, { type: 'email_change', email: address });
      }
      await again(api, { type: 'sms', phone: newNumber() });
      await again(api, { type: 'phone_change', phone: newNumber() });
      await api.post('/recover', { email: known });
      const { searchParams } = new URL(await linkTo(bench, known));
      assert.equal(searchParams.get('type'), 'recovery');
    },
  },
]);

export const resendConformance: Conformance = {
  feature: 'sending again',
  laws: [...refusalLaws, ...sendingLaws],
};
