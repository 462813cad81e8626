import assert from 'node:assert/strict';
import { goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import type { Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

const phone = '15551234567';

const signInLaws: readonly Law[] = [
  {
    name: 'people sign in with address and password, however they write the address',
    async holds(api) {
      const { email, session } = await api.newPerson();
      const answer = await api.signIn(email.toUpperCase(), goodPassword);
      assert.equal(sessionOf(answer).user.id, session.user.id);
      assert.equal(answer.body.weak_password, null);
      assert.notEqual(
        claimsOf(String(answer.body.access_token)).session_id,
        claimsOf(session.access_token).session_id,
      );
    },
  },
  {
    name: 'an unknown address and a wrong password are answered with the same bytes',
    async holds(api) {
      const { email } = await api.newPerson();
      const wrong = await api.signIn(email, `${goodPassword} `);
      const unknown = await api.signIn(newAddress(), goodPassword);
      refuses(wrong, '400 invalid_credentials', 'Invalid login credentials');
      assert.equal(unknown.text, wrong.text);
      assert.equal(unknown.status, wrong.status);
      assert.deepEqual([...unknown.headers.keys()], [...wrong.headers.keys()]);
    },
  },
  {
    name: 'who is not confirmed is told so only with the right password',
    under: 'confirm',
    async holds(api) {
      const email = newAddress();
      await api.signUp({ email, password: goodPassword });
      refuses(await api.signIn(email, goodPassword), '400 email_not_confirmed', 'Email not confirmed');
      refuses(await api.signIn(email, 'wrong horse 9 battery'), '400 invalid_credentials');
    },
  },
  {
    name: 'who is banned does not sign in',
    needs: ['ban and delete'],
    async holds(api, bench) {
      const { email, session } = await api.newPerson();
      await bench.remove(session.user.id, 'ban');
      refuses(await api.signIn(email, goodPassword), '400 user_banned', 'User is banned');
    },
  },
  {
    name: 'a sign-in names one address',
    async holds(api) {
      const both = { email: 'a@example.com', phone, password: goodPassword };
      const ask = (body: object) => api.ask('POST', '/token?grant_type=password', { body });
      const message = 'Only an email address or phone number should be provided on login.';
      refuses(await ask(both), '400 validation_failed', message);
      refuses(await ask({ password: goodPassword }), '400 validation_failed', 'missing email or phone');
    },
  },
  {
    name: 'nobody signs in by e-mail where that is off',
    under: 'closed',
    async holds(api) {
      refuses(
        await api.signIn('a@example.com', goodPassword),
        '422 email_provider_disabled',
        'Email logins are disabled',
      );
    },
  },
  {
    name: 'an unknown grant is refused before the body is read',
    async holds(api) {
      for (const path of ['/token', '/token?grant_type=banana', '/token?grant_type=__proto__']) {
        const answer = await api.ask('POST', path, { raw: '{' });
        refuses(answer, '400 invalid_credentials', 'unsupported_grant_type');
      }
    },
  },
  {
    name: 'A-21 a password counts to its last character',
    async holds(api) {
      const email = newAddress();
      const password = 'p'.repeat(70);
      sessionOf(await api.signUp({ email, password: `${password}ab` }));
      refuses(await api.signIn(email, `${password}ac`), '400 invalid_credentials');
      sessionOf(await api.signIn(email, `${password}ab`));
    },
  },
];

export const signInConformance: Conformance = { feature: 'sign-in', laws: signInLaws };
