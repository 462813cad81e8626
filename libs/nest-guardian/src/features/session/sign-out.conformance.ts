import assert from 'node:assert/strict';
import { type Api, refuses, sessionOf } from '../../testing/api.js';
import type { Conformance, Law } from '../../testing/conformance.js';
import { claimsOf, forge } from '../../testing/tokens.js';

const notFound = 'Invalid Refresh Token: Refresh Token Not Found';

const isEnded = async (api: Api, refreshToken: string): Promise<void> =>
  refuses(await api.refresh(refreshToken), '400 refresh_token_not_found', notFound);

const signOutLaws: readonly Law[] = [
  {
    name: 'F-11 signing out here ends this session and no other',
    async holds(api) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      assert.equal((await api.signOut(person.session.access_token, 'local')).status, 204);
      refuses(await api.user(person.session.access_token), '403 session_not_found');
      await isEnded(api, person.session.refresh_token);
      assert.equal((await api.user(other.access_token)).status, 200);
    },
  },
  {
    name: 'F-11 signing out the others ends them and not this one',
    async holds(api) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      assert.equal((await api.signOut(person.session.access_token, 'others')).status, 204);
      refuses(await api.user(other.access_token), '403 session_not_found');
      await isEnded(api, other.refresh_token);
      assert.equal((await api.user(person.session.access_token)).status, 200);
      sessionOf(await api.refresh(person.session.refresh_token));
    },
  },
  ...[undefined, 'global'].map((scope): Law => ({
    name: `F-11 signing out ${scope === undefined ? 'without a scope' : 'globally'} ends every session of this user alone`,
    async holds(api) {
      const person = await api.newPerson();
      const stranger = await api.newPerson();
      const other = await api.newSession(person);
      assert.equal((await api.signOut(person.session.access_token, scope)).status, 204);
      await isEnded(api, person.session.refresh_token);
      await isEnded(api, other.refresh_token);
      refuses(await api.signOut(person.session.access_token), '403 session_not_found');
      assert.equal((await api.user(stranger.session.access_token)).status, 200);
    },
  })),
  {
    name: 'F-11 an unknown scope ends nothing',
    async holds(api) {
      const { session } = await api.newPerson();
      const answer = await api.signOut(session.access_token, 'galaxy');
      refuses(answer, '400 validation_failed', 'Unsupported logout scope "galaxy"');
      assert.equal((await api.user(session.access_token)).status, 200);
    },
  },
  {
    name: 'F-11 claims that nobody signed end no session',
    async holds(api) {
      const { session } = await api.newPerson();
      const forged = forge(
        claimsOf(session.access_token),
        'a secret of somebody else, long enough for HS256',
      );
      refuses(await api.signOut(forged), '403 bad_jwt');
      assert.equal((await api.user(session.access_token)).status, 200);
    },
  },
  {
    name: 'F-11 nobody ends another user’s session by naming it',
    needs: ['sign tokens'],
    async holds(api, { secret }) {
      const victim = await api.newPerson();
      const { session } = await api.newPerson();
      const { session_id } = claimsOf(victim.session.access_token);
      const mixed = forge({ ...claimsOf(session.access_token), session_id }, secret);
      refuses(await api.signOut(mixed, 'local'), '403 session_not_found');
      assert.equal((await api.user(victim.session.access_token)).status, 200);
    },
  },
];

export const signOutConformance: Conformance = { feature: 'sign-out', laws: signOutLaws };
