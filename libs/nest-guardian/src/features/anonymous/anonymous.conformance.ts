import assert from 'node:assert/strict';
import { goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import type { Conformance } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

export const anonymousConformance: Conformance = {
  feature: 'anonymous',
  laws: [
    {
      name: 'somebody without an address has a session, and a token that says so',
      needs: ['sign in anonymously'],
      async holds(api) {
        const session = sessionOf(await api.signUp({ data: { theme: 'dark' } }));
        assert.deepEqual([session.user.email, session.user.phone, session.user.identities], ['', '', []]);
        assert.deepEqual(session.user.user_metadata, { theme: 'dark' });
        const claims = claimsOf(session.access_token);
        assert.equal(claims.is_anonymous, true);
        assert.equal((claims.amr as { method: string }[])[0]?.method, 'anonymous');
        assert.equal(sessionOf(await api.refresh(session.refresh_token)).user.id, session.user.id);
      },
    },
    {
      name: 'an address makes them somebody, under the same id and in the same session',
      needs: ['sign in anonymously'],
      async holds(api) {
        const { access_token: bearer, user, refresh_token } = sessionOf(await api.signUp({}));
        refuses(await api.update(bearer, { password: goodPassword }), '422 validation_failed');
        const email = newAddress();
        const { status, text } = await api.update(bearer, { email, password: goodPassword });
        assert.equal(status, 200, text);
        const claims = claimsOf(sessionOf(await api.refresh(refresh_token)).access_token);
        assert.deepEqual([claims.sub, claims.email, claims.is_anonymous], [user.id, email, false]);
        assert.equal(sessionOf(await api.signIn(email, goodPassword)).user.id, user.id);
      },
    },
    {
      name: 'an address that is somebody’s makes nobody of them',
      needs: ['sign in anonymously'],
      async holds(api) {
        const { email } = await api.newPerson();
        const { access_token: bearer } = sessionOf(await api.signUp({}));
        refuses(await api.update(bearer, { email }), '422 email_exists');
        assert.equal((await api.user(bearer)).body.is_anonymous, true);
      },
    },
    {
      name: 'nobody signs in without an address where that is off',
      under: 'closed',
      async holds(api) {
        const message = 'Anonymous sign-ins are disabled';
        refuses(await api.signUp({}), '422 anonymous_provider_disabled', message);
      },
    },
  ],
};
