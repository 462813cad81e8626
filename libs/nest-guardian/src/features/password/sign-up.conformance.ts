import assert from 'node:assert/strict';
import { goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import { aMoment, newMember } from '../../testing/by-mail.js';
import type { Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

const weak = 'abc';
const tooLong = 'x'.repeat(5000);
const phone = '15551234567';

/** Each row breaks a check and every later one; the checks are made in this order (contract 2.3). */
const refusalOrder: readonly (readonly [what: string, body: object, refusal: string])[] = [
  ['no password', { email: 'x', phone, code_challenge: 'x' }, '400 validation_failed'],
  ['a password that is too long', { email: 'x', phone, password: tooLong }, '400 validation_failed'],
  ['a weak password', { email: 'x', phone, password: weak, code_challenge: 'x' }, '422 weak_password'],
  [
    'two addresses',
    { email: 'x', phone, password: goodPassword, code_challenge: 'x' },
    '400 validation_failed',
  ],
  ['half a challenge', { email: 'x', password: goodPassword, code_challenge: 'x' }, '400 validation_failed'],
  ['an address that is none', { email: 'x', password: goodPassword }, '400 validation_failed'],
];

const words = [
  'Signup requires a valid password',
  /^Password cannot be longer than \d+ characters$/,
  /^Password should be at least \d+ characters/,
  'Only an email address or phone number should be provided on signup.',
  'PKCE flow requires code_challenge_method and code_challenge',
  'Unable to validate email address: invalid format',
];

const orderLaws: readonly Law[] = refusalOrder.map(([what, body, refusal], index) => ({
  name: `a sign-up is refused for ${what} before anything later is looked at`,
  async holds(api) {
    const answer = await api.signUp(body);
    refuses(answer, refusal);
    const said = String(answer.body.message);
    const expected = words[index] as string | RegExp;
    assert.ok(typeof expected === 'string' ? said === expected : expected.test(said), said);
  },
}));

/** What can be seen of an answer apart from what differs from one person to the next. */
const shapeOf = (body: object, email: string): string =>
  JSON.stringify(body)
    .replaceAll(email, 'address')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+(\.\d+)?Z/g, (time) => 'x'.repeat(time.length > 20 ? 2 : 1));

const signUpLaws: readonly Law[] = [
  {
    name: 'a sign-up opens a session where addresses are confirmed at once',
    async holds(api) {
      const email = newAddress();
      const answer = await api.signUp({ email, password: goodPassword, data: { name: 'Ann' } });
      const session = sessionOf(answer);
      assert.equal(session.token_type, 'bearer');
      assert.ok(session.expires_in > 0);
      assert.equal(session.user.email, email);
      assert.equal(session.user.user_metadata.name, 'Ann');
      assert.deepEqual(session.user.app_metadata, { provider: 'email', providers: ['email'] });
      const claims = claimsOf(session.access_token);
      assert.equal(claims.sub, session.user.id);
      assert.equal(claims.exp, session.expires_at);
      assert.deepEqual([claims.aal, claims.role, claims.is_anonymous], ['aal1', 'authenticated', false]);
      assert.deepEqual(
        (claims.amr as { method: string }[]).map(({ method }) => method),
        ['password'],
      );
    },
  },
  {
    name: 'a sign-up answers with the user alone where addresses are confirmed by mail',
    under: 'confirm',
    async holds(api) {
      const email = newAddress();
      const { status, body } = await api.signUp({ email, password: goodPassword });
      assert.equal(status, 200);
      assert.equal(body.email, email);
      assert.equal(body.access_token, undefined);
      assert.equal(body.email_confirmed_at, undefined);
    },
  },
  {
    name: 'a known address is told so where addresses are confirmed at once, however it is written',
    async holds(api) {
      const { email } = await api.newPerson();
      const again = await api.signUp({ email: email.toUpperCase(), password: goodPassword });
      refuses(again, '422 user_already_exists', 'User already registered');
    },
  },
  {
    name: 'a known address is answered like a new one where addresses are confirmed by mail, and nothing changes',
    under: 'confirm',
    needs: ['move the clock'],
    async holds(api, bench) {
      const email = newAddress();
      const first = await api.signUp({ email, password: goodPassword, data: { a: 1 } });
      bench.advance(aMoment);
      const again = await api.signUp({ email, password: `${goodPassword} other`, data: { a: 1 } });
      assert.equal(again.status, first.status, again.text);
      assert.deepEqual(Object.keys(again.body).toSorted(), Object.keys(first.body).toSorted());
      refuses(await api.signIn(email, goodPassword), '400 email_not_confirmed');
      refuses(await api.signIn(email, `${goodPassword} other`), '400 invalid_credentials');
    },
  },
  {
    name: 'A-04 who signs up does not learn whether the address is known, nor by asking twice',
    under: 'confirm',
    needs: ['move the clock', 'read mail'],
    async holds(api, bench) {
      const { email: confirmed } = await newMember(api, bench);
      const unconfirmed = newAddress();
      await api.signUp({ email: unconfirmed, password: goodPassword });
      bench.advance(aMoment);
      const seen: object[] = [];
      for (const email of [newAddress(), unconfirmed, confirmed]) {
        const password = 'another horse 7 staple';
        const { status, body } = await api.signUp({ email, password, data: { a: 1 } });
        const again = await api.signUp({ email, password, data: { a: 1 } });
        seen.push([status, shapeOf(body, email), again.status, shapeOf(again.body, email)]);
      }
      assert.deepEqual(seen[1], seen[0]);
      assert.deepEqual(seen[2], seen[0]);
    },
  },
  {
    name: 'nobody writes their own role, id or application metadata at sign-up',
    async holds(api) {
      const id = '00000000-0000-4000-8000-000000000001';
      const session = sessionOf(
        await api.signUp({
          email: newAddress(),
          password: goodPassword,
          id,
          role: 'service_role',
          is_anonymous: true,
          app_metadata: { admin: true },
          data: { sub: id, email: 'else@example.com' },
        }),
      );
      assert.notEqual(session.user.id, id);
      assert.notEqual(claimsOf(session.access_token).sub, id);
      assert.equal(session.user.role, 'authenticated');
      assert.equal(session.user.app_metadata.admin, undefined);
      assert.notEqual(session.user.user_metadata.sub, id);
    },
  },
  {
    name: 'nobody signs up where sign-up is off, whatever else is wrong',
    under: 'closed',
    async holds(api) {
      const answer = await api.signUp({ email: 'x', password: weak });
      refuses(answer, '422 signup_disabled', 'Signups not allowed for this instance');
    },
  },
  {
    name: 'a weak password is refused with its reasons',
    async holds(api) {
      const answer = await api.signUp({ email: newAddress(), password: weak });
      refuses(answer, '422 weak_password');
      assert.deepEqual(answer.body.weak_password, { reasons: ['length'] });
    },
  },
  ...orderLaws,
];

export const signUpConformance: Conformance = { feature: 'sign-up', laws: signUpLaws };
