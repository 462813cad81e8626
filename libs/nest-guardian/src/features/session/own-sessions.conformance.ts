import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type Answer, type Api, type Person, refuses } from '../../testing/api.js';
import type { Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

const path = '/user/sessions';

interface Listed {
  readonly id: string;
  readonly is_current: boolean;
}

const list = (api: Api, bearer?: string): Promise<Answer> => api.ask('GET', path, { bearer });

async function listed(api: Api, bearer: string): Promise<readonly Listed[]> {
  const { status, body, text } = await list(api, bearer);
  assert.equal(status, 200, text);
  return body.sessions as readonly Listed[];
}

const end = (api: Api, bearer: string, id: string): Promise<Answer> =>
  api.ask('DELETE', `${path}/${id}`, { bearer });

const idOf = ({ access_token }: { readonly access_token: string }): string =>
  String(claimsOf(access_token).session_id);

const isEnded = async (api: Api, bearer: string): Promise<void> =>
  refuses(await api.user(bearer), '403 session_not_found');

const isOpen = async (api: Api, { session }: Person): Promise<void> =>
  assert.equal((await api.user(session.access_token)).status, 200);

const laws: readonly Law[] = [
  {
    name: 'somebody sees where they are signed in, and which session it is that asks',
    async holds(api) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      await api.newPerson();
      const sessions = await listed(api, other.access_token);
      const current = sessions.filter(({ is_current }) => is_current).map(({ id }) => id);
      assert.deepEqual(current, [idOf(other)]);
      const ids = sessions.map(({ id }) => id).toSorted();
      assert.deepEqual(ids, [idOf(other), idOf(person.session)].toSorted());
    },
  },
  {
    name: 'a list of sessions says since when, from where and how, and holds no token',
    async holds(api) {
      const { session } = await api.newPerson();
      const { body, text } = await list(api, session.access_token);
      const [first] = body.sessions as readonly object[];
      const names = 'aal amr created_at id ip is_current last_used_at refreshed_at user_agent';
      assert.equal(
        Object.keys(first ?? {})
          .toSorted()
          .join(' '),
        names,
      );
      assert.ok(!text.includes(session.refresh_token));
    },
  },
  {
    name: 'F-11 ending another session of one’s own ends it and no other',
    async holds(api) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      assert.equal((await end(api, person.session.access_token, idOf(other))).status, 204);
      await isEnded(api, other.access_token);
      refuses(await api.refresh(other.refresh_token), '400 refresh_token_not_found');
      await isOpen(api, person);
      assert.equal((await listed(api, person.session.access_token)).length, 1);
    },
  },
  {
    name: 'F-11 ending the session that asks signs out here',
    async holds(api) {
      const { session } = await api.newPerson();
      assert.equal((await end(api, session.access_token, idOf(session))).status, 204);
      await isEnded(api, session.access_token);
    },
  },
  {
    name: 'F-11 ending all others leaves the one that asks, and those of other people',
    async holds(api) {
      const person = await api.newPerson();
      const others = [await api.newSession(person), await api.newSession(person)];
      const stranger = await api.newPerson();
      const answer = await api.ask('DELETE', path, { bearer: person.session.access_token });
      assert.equal(answer.status, 204);
      for (const { access_token } of others) await isEnded(api, access_token);
      await isOpen(api, person);
      await isOpen(api, stranger);
    },
  },
  {
    name: 'A-09 a session that is another person’s, that nobody has, and what is no id are answered alike',
    async holds(api) {
      const victim = await api.newPerson();
      const { session } = await api.newPerson();
      const ids = [idOf(victim.session), randomUUID(), 'banana', '%00', "'; --", 'x'.repeat(500)];
      const answers = [];
      for (const id of ids) answers.push(await end(api, session.access_token, encodeURIComponent(id)));
      for (const answer of answers) refuses(answer, '404 session_not_found');
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
      await isOpen(api, victim);
    },
  },
  {
    name: 'sessions are shown to, and ended by, nobody without a token',
    async holds(api) {
      const { session } = await api.newPerson();
      refuses(await list(api), '401 no_authorization');
      refuses(await api.ask('DELETE', path), '401 no_authorization');
      refuses(await api.ask('DELETE', `${path}/${idOf(session)}`), '401 no_authorization');
      refuses(await list(api, `${session.access_token}x`), '403 bad_jwt');
    },
  },
  {
    name: 'F-11 a session that has ended shows and ends nothing',
    async holds(api) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      await api.signOut(other.access_token, 'local');
      refuses(await list(api, other.access_token), '403 session_not_found');
      refuses(await end(api, other.access_token, idOf(person.session)), '403 session_not_found');
      await isOpen(api, person);
    },
  },
];

export const ownSessionsConformance: Conformance = { feature: 'own sessions', laws };
