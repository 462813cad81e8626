import assert from 'node:assert/strict';
import { administrator, isShutOut, userOf } from '../../testing/administrator.js';
import { goodPassword, refuses, sessionOf } from '../../testing/api.js';
import { given } from '../../testing/by-mail.js';
import type { Conformance } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

export const shutOutConformance: Conformance = {
  feature: 'whom an administrator shuts out',
  laws: given({ needs: ['sign tokens'] }, [
    {
      name: 'who is banned is out at once, and who is not any more signs in',
      async holds(api, bench) {
        const person = await api.newPerson();
        const admin = administrator(api, bench);
        const path = `/${person.session.user.id}`;
        assert.ok(userOf(await admin.ask('PUT', path, { ban_duration: '24h' })).banned_until);
        await isShutOut(api, person);
        refuses(await api.signIn(person.email, person.password), '400 user_banned');
        assert.equal(userOf(await admin.ask('PUT', path, { ban_duration: 'none' })).banned_until, undefined);
        sessionOf(await api.signIn(person.email, person.password));
      },
    },
    {
      name: 'who gets a new password from an administrator is out at once',
      async holds(api, bench) {
        const person = await api.newPerson();
        const password = 'another horse 9 battery';
        const path = `/${person.session.user.id}`;
        userOf(await administrator(api, bench).ask('PUT', path, { password }));
        await isShutOut(api, person);
        refuses(await api.signIn(person.email, person.password), '400 invalid_credentials');
        sessionOf(await api.signIn(person.email, password));
      },
    },
    {
      name: 'who is deleted, softly or not, is out at once, and the address is free',
      async holds(api, bench) {
        for (const body of [{ should_soft_delete: true }, { should_soft_delete: false }, undefined]) {
          const person = await api.newPerson();
          const answer = await administrator(api, bench).ask('DELETE', `/${person.session.user.id}`, body);
          assert.deepEqual([answer.status, answer.body], [200, {}]);
          await isShutOut(api, person);
          sessionOf(await api.signUp({ email: person.email, password: goodPassword }));
        }
      },
    },
    {
      name: 'an administrator shows and ends the sessions of somebody',
      async holds(api, bench) {
        const person = await api.newPerson();
        const other = await api.newSession(person);
        const admin = administrator(api, bench);
        const path = `/${person.session.user.id}/sessions`;
        const { body } = await admin.ask('GET', path);
        const ids = (body.sessions as { id: string }[]).map(({ id }) => id).toSorted();
        const own = claimsOf(person.session.access_token).session_id;
        assert.deepEqual(ids, [own, claimsOf(other.access_token).session_id].toSorted());
        assert.equal((await admin.ask('DELETE', `${path}/${own as string}`)).status, 204);
        await isShutOut(api, person);
        refuses(await admin.ask('DELETE', `${path}/${own as string}`), '404 session_not_found');
        assert.equal((await api.user(other.access_token)).status, 200);
        assert.equal((await admin.ask('DELETE', path)).status, 204);
        assert.equal((await api.user(other.access_token)).status, 403);
      },
    },
  ]),
};
