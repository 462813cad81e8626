import assert from 'node:assert/strict';
import { goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import type { Conformance, Law } from '../../testing/conformance.js';

const nobody = '00000000-0000-4000-8000-00000000beef';

const accountLaws: readonly Law[] = [
  {
    name: 'people read who they are',
    async holds(api) {
      const { email, session } = await api.newPerson({ name: 'Ann' });
      const { status, body } = await api.user(session.access_token);
      assert.equal(status, 200);
      assert.deepEqual([body.id, body.email, body.role], [session.user.id, email, 'authenticated']);
      assert.equal((body.identities as unknown[]).length, 1);
      for (const secret of ['encrypted_password', 'password', 'confirmation_token', 'recovery_token']) {
        assert.ok(!(secret in body));
      }
    },
  },
  {
    name: 'metadata is merged one level deep, and null takes a key away',
    async holds(api) {
      const { session } = await api.newPerson({ name: 'Ann', deep: { a: 1, b: 2 }, gone: true });
      const data = { city: 'Bern', deep: { a: 3 }, gone: null };
      const { status, body } = await api.update(session.access_token, { data });
      assert.equal(status, 200);
      const { name, city, deep, gone } = body.user_metadata as Record<string, unknown>;
      assert.deepEqual([name, city, JSON.stringify(deep), gone], ['Ann', 'Bern', '{"a":3}', undefined]);
    },
  },
  {
    name: 'metadata that no access token could carry is refused, so nobody locks themselves out',
    async holds(api) {
      const half = 'é'.repeat(1_000);
      const { session } = await api.newPerson({ half });
      assert.equal((await api.user(session.access_token)).status, 200);
      const words = 'User metadata may have at most 4096 bytes as JSON';
      const merged = await api.update(session.access_token, { data: { half2: half } });
      refuses(merged, '422 validation_failed', words);
      const more = await api.update(session.access_token, { data: { half2: half.slice(100) } });
      assert.equal(more.status, 200);
      const { access_token } = sessionOf(await api.refresh(session.refresh_token));
      assert.equal((await api.user(access_token)).status, 200);
      const data = { whole: half + half + half };
      refuses(
        await api.signUp({ email: newAddress(), password: goodPassword, data }),
        '422 validation_failed',
      );
    },
  },
  {
    name: 'an update that asks for nothing changes nothing',
    async holds(api) {
      const { session } = await api.newPerson({ name: 'Ann' });
      const before = await api.user(session.access_token);
      const { status, body } = await api.update(session.access_token, {});
      assert.equal(status, 200);
      assert.deepEqual(body.user_metadata, before.body.user_metadata);
    },
  },
  {
    name: 'F-13 a new password opens the door, the old one does not, and the other sessions end',
    async holds(api) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      const password = 'another horse 7 staple';
      assert.equal((await api.update(person.session.access_token, { password })).status, 200);
      refuses(await api.signIn(person.email, goodPassword), '400 invalid_credentials');
      sessionOf(await api.signIn(person.email, password));
      refuses(await api.user(other.access_token), '403 session_not_found');
      refuses(await api.refresh(other.refresh_token), '400 refresh_token_not_found');
      assert.equal((await api.user(person.session.access_token)).status, 200);
    },
  },
  {
    name: 'the same password again and a weak one are refused',
    async holds(api) {
      const { session } = await api.newPerson();
      const same = await api.update(session.access_token, { password: goodPassword });
      refuses(same, '422 same_password', 'New password should be different from the old password.');
      for (const password of ['abc', '']) {
        const answer = await api.update(session.access_token, { password });
        refuses(answer, '422 weak_password');
        assert.deepEqual(answer.body.weak_password, { reasons: ['length'] });
      }
    },
  },
  {
    name: 'nobody writes their own application metadata, role or id',
    async holds(api) {
      const { session } = await api.newPerson();
      const answer = await api.update(session.access_token, { app_metadata: { admin: true } });
      refuses(answer, '403 not_admin', 'Updating app_metadata requires admin privileges');
      const { body } = await api.update(session.access_token, {
        role: 'service_role',
        id: nobody,
        is_anonymous: true,
      });
      assert.deepEqual([body.id, body.role, body.is_anonymous], [session.user.id, 'authenticated', false]);
    },
  },
  {
    name: 'a request for another audience than the token’s is refused',
    async holds(api) {
      const { session } = await api.newPerson();
      const headers = { 'x-jwt-aud': 'banana' };
      const answer = await api.ask('GET', '/user', { bearer: session.access_token, headers });
      refuses(answer, '400 validation_failed', "Token audience doesn't match request audience");
    },
  },
];

export const userConformance: Conformance = { feature: 'user', laws: accountLaws };
