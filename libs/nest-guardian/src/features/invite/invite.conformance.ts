import assert from 'node:assert/strict';
import { goodPassword, landingOf, newAddress, refuses, sessionOf } from '../../testing/api.js';
import { aMoment, enters, given, linkTo, newMember, serviceKey, turnsAway } from '../../testing/by-mail.js';
import type { Conformance } from '../../testing/conformance.js';

const invitingLaws = given({ under: 'confirm', needs: ['read mail', 'sign tokens'] }, [
  {
    name: 'A-36 who follows an invitation is signed in, once, and sets a password',
    async holds(api, bench) {
      const email = newAddress();
      const data = { name: 'Ann' };
      const { status, body, text } = await api.post('/invite', { email, data }, serviceKey(bench));
      assert.equal(status, 200, text);
      assert.ok(body.invited_at);
      assert.deepEqual([body.email, body.email_confirmed_at], [email, undefined]);
      const link = await linkTo(bench, email);
      const answer = await api.follow(link);
      assert.equal(landingOf(answer).fragment.get('type'), 'invite');
      const bearer = await enters(api, answer);
      turnsAway(await api.follow(link));
      const user = (await api.user(bearer)).body;
      assert.deepEqual([user.id, (user.user_metadata as { name: string }).name], [body.id, 'Ann']);
      assert.ok(user.email_confirmed_at);
      assert.equal((await api.update(bearer, { password: goodPassword })).status, 200);
      sessionOf(await api.signIn(email, goodPassword));
    },
  },
  {
    name: 'A-36 an invitation is redeemed by the code beside it, for the address it was sent to',
    async holds(api, bench) {
      const email = newAddress();
      await api.post('/invite', { email }, serviceKey(bench));
      const { code } = await bench.mailTo(email);
      refuses(await api.verify({ type: 'invite', email: newAddress(), token: code }), '403 otp_expired');
      const { user } = sessionOf(await api.verify({ type: 'invite', email, token: code }));
      assert.equal(user.email, email);
    },
  },
  {
    name: 'A-36 nobody confirmed is invited',
    async holds(api, bench) {
      const { email } = await newMember(api, bench);
      const answer = await api.post('/invite', { email: email.toUpperCase() }, serviceKey(bench));
      const words = 'A user with this email address has already been registered';
      refuses(answer, '422 email_exists', words);
    },
  },
  {
    name: 'who has not confirmed is invited as the same person, and can be again',
    needs: ['move the clock'],
    async holds(api, bench) {
      const email = newAddress();
      const first = await api.post('/invite', { email }, serviceKey(bench));
      const older = await linkTo(bench, email);
      const second = await api.post('/invite', { email }, serviceKey(bench));
      assert.deepEqual([second.status, second.body.id], [200, first.body.id]);
      const newer = await linkTo(bench, email);
      turnsAway(await api.follow(older));
      await enters(api, await api.follow(newer));
      bench.advance(aMoment);
    },
  },
  {
    name: 'A-36 an invitation of two days ago opens nothing',
    needs: ['move the clock'],
    async holds(api, bench) {
      const email = newAddress();
      await api.post('/invite', { email }, serviceKey(bench));
      const link = await linkTo(bench, email);
      bench.advance('48h');
      turnsAway(await api.follow(link));
    },
  },
  {
    name: 'A-36 an invitation gives no role and no application metadata',
    async holds(api, bench) {
      const email = newAddress();
      const body = { email, role: 'service_role', app_metadata: { admin: true }, data: { role: 'owner' } };
      await api.post('/invite', body, serviceKey(bench));
      const bearer = await enters(api, await api.follow(await linkTo(bench, email)));
      const user = (await api.user(bearer)).body;
      assert.equal(user.role, 'authenticated');
      assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'] });
    },
  },
]);

export const inviteConformance: Conformance = {
  feature: 'invitations',
  laws: [
    ...invitingLaws,
    {
      name: 'only an administrator invites',
      async holds(api) {
        const { session } = await api.newPerson();
        const body = { email: newAddress() };
        refuses(await api.post('/invite', body), '401 no_authorization');
        refuses(await api.post('/invite', body, session.access_token), '403 not_admin');
      },
    },
    {
      name: 'only what is an address is invited',
      needs: ['sign tokens'],
      async holds(api, bench) {
        for (const body of [{}, { email: '' }, { email: 'x' }, { email: 'a@example.com,b@example.com' }]) {
          refuses(await api.post('/invite', body, serviceKey(bench)), '400 validation_failed');
        }
      },
    },
  ],
};
