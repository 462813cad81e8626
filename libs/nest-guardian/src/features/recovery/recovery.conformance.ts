import assert from 'node:assert/strict';
import { type Api, goodPassword, landingOf, newAddress, refuses, sessionOf } from '../../testing/api.js';
import { aMoment, enters, given, linkTo, turnsAway } from '../../testing/by-mail.js';
import type { Conformance, Law } from '../../testing/conformance.js';

const password = 'another horse 7 staple';

const asks = async (api: Api, email: string): Promise<void> => {
  const { status, text } = await api.post('/recover', { email });
  assert.deepEqual([status, text.trim()], [200, '{}']);
};

const mailedLaws = given({ needs: ['read mail'] }, [
  {
    name: 'who forgot the password gets in by a mailed link and sets a new one',
    async holds(api, bench) {
      const { email } = await api.newPerson();
      await asks(api, email);
      const answer = await api.follow(await linkTo(bench, email));
      assert.equal(landingOf(answer).fragment.get('type'), 'recovery');
      const bearer = await enters(api, answer);
      const updated = await api.update(bearer, { password });
      assert.equal(updated.status, 200, updated.text);
      refuses(await api.signIn(email, goodPassword), '400 invalid_credentials');
      sessionOf(await api.signIn(email, password));
    },
  },
  {
    name: 'or by the code beside it',
    async holds(api, bench) {
      const person = await api.newPerson();
      await asks(api, person.email);
      const { code } = await bench.mailTo(person.email);
      const redeem = () => api.verify({ type: 'recovery', email: person.email, token: code });
      const { user } = sessionOf(await redeem());
      assert.equal(user.id, person.session.user.id);
      refuses(await redeem(), '403 otp_expired');
    },
  },
  {
    name: 'a mail for a new password changes none by being sent or followed',
    async holds(api, bench) {
      const person = await api.newPerson();
      await asks(api, person.email);
      sessionOf(await api.signIn(person.email, goodPassword));
      await enters(api, await api.follow(await linkTo(bench, person.email)));
      sessionOf(await api.signIn(person.email, goodPassword));
      assert.equal((await api.user(person.session.access_token)).status, 200);
    },
  },
  {
    name: 'a mail for a new password proves an address that was not confirmed',
    under: 'confirm',
    needs: ['move the clock'],
    async holds(api, bench) {
      const email = newAddress();
      await api.signUp({ email, password: goodPassword });
      await bench.mailTo(email);
      bench.advance(aMoment);
      await asks(api, email);
      const bearer = await enters(api, await api.follow(await linkTo(bench, email)));
      assert.ok((await api.user(bearer)).body.email_confirmed_at);
      const updated = await api.update(bearer, { password });
      assert.equal(updated.status, 200, updated.text);
      sessionOf(await api.signIn(email, password));
    },
  },
  {
    name: 'A-34 a new password voids every mail that is under way',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { email, session } = await api.newPerson();
      await asks(api, email);
      const link = await linkTo(bench, email);
      await api.update(session.access_token, { email: newAddress() });
      assert.equal((await api.update(session.access_token, { password })).status, 200);
      turnsAway(await api.follow(link));
      const change = await linkTo(bench, email);
      turnsAway(await api.follow(change));
      assert.equal((await api.user(session.access_token)).body.email, email);
    },
  },
]);

const laws: readonly Law[] = [
  ...mailedLaws,
  {
    name: 'a new password is not mailed to nobody, nor to what is no address',
    async holds(api) {
      const missing = await api.post('/recover', {});
      refuses(missing, '400 validation_failed', 'Password recovery requires an email');
      const words = 'Unable to validate email address: invalid format';
      refuses(await api.post('/recover', { email: 'x' }), '400 validation_failed', words);
    },
  },
  {
    name: 'an unknown address is answered as if a mail had been sent',
    holds: (api) => asks(api, newAddress()),
  },
];

export const recoveryConformance: Conformance = { feature: 'a forgotten password', laws };
