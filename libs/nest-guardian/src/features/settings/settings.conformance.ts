import assert from 'node:assert/strict';
import type { Conformance } from '../../testing/conformance.js';

export const settingsConformance: Conformance = {
  feature: 'settings',
  laws: [
    {
      name: 'settings say which ways in there are',
      async holds(api) {
        const { status, body } = await api.ask('GET', '/settings');
        assert.equal(status, 200);
        assert.equal((body.external as Record<string, unknown>).email, true);
        assert.deepEqual(
          [body.disable_signup, body.mailer_autoconfirm].map((value) => typeof value),
          ['boolean', 'boolean'],
        );
      },
    },
    {
      name: 'settings say that nobody may sign up',
      under: 'closed',
      async holds(api) {
        const { body } = await api.ask('GET', '/settings');
        assert.equal(body.disable_signup, true);
        assert.equal((body.external as Record<string, unknown>).email, false);
      },
    },
    {
      name: 'health names the server',
      async holds(api) {
        const { status, body } = await api.ask('GET', '/health');
        assert.equal(status, 200);
        for (const member of ['name', 'version', 'description']) assert.equal(typeof body[member], 'string');
      },
    },
    {
      name: 'a shared secret is never among the published keys',
      async holds(api) {
        const { status, headers, body } = await api.ask('GET', '/.well-known/jwks.json');
        assert.equal(status, 200);
        assert.equal(headers.get('cache-control'), 'public, max-age=600');
        for (const key of body.keys as Record<string, unknown>[]) {
          assert.notEqual(key.kty, 'oct');
          assert.equal(key.d, undefined);
        }
      },
    },
    {
      name: 'an unknown route is 404 and a wrong method 405',
      async holds(api) {
        assert.equal((await api.ask('GET', '/banana')).status, 404);
        assert.equal((await api.ask('GET', '/token')).status, 405);
      },
    },
    {
      name: 'a browser of any origin may call, with the headers that auth-js sends',
      async holds(api) {
        const { status, headers } = await api.ask('OPTIONS', '/user', {
          headers: {
            origin: 'https://app.example',
            'access-control-request-method': 'PUT',
            'access-control-request-headers':
              'authorization,content-type,x-client-info,x-supabase-api-version',
          },
        });
        assert.ok(status === 200 || status === 204, String(status));
        assert.ok(['*', 'https://app.example'].includes(headers.get('access-control-allow-origin') ?? ''));
        assert.match(headers.get('access-control-allow-headers') ?? '', /authorization/i);
        assert.notEqual(headers.get('access-control-allow-credentials'), 'true');
      },
    },
  ],
};
