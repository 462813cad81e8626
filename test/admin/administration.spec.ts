import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gotrue, type ProviderChoice } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { allFeatures } from '../../libs/nest-guardian/src/module/features.js';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { password, secret, startGuarded } from '../reliability/guarded-app.js';
import { ask } from '../support/ask.js';
import type { Adapter, RunningApp } from '../support/start-app.js';

const admins = allFeatures
  .flatMap(({ offers }) => offers)
  .map(({ operation }) => operation)
  .filter(({ access }) => access === 'admin');

/** Every route of administrators with every method that a client can send. */
const routes = [...new Set(admins.map(({ path }) => path))].flatMap((path) =>
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [
    method,
    path.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000009'),
    admins.some((operation) => operation.path === path && operation.method === method),
  ]),
) as [method: string, path: string, isThere: boolean][];

const now = (): number => Math.floor(Date.now() / 1000);
const tokenOf = (role: string, since = now(), by = secret): string =>
  forge({ role, iat: since, exp: since + 600 }, by);

describe.each<[string, Adapter]>([
  ['local', 'express'],
  ['local', 'fastify'],
  ['delegating', 'express'],
  ['delegating', 'fastify'],
])('administration, %s on %s', (name, adapter) => {
  const running: RunningApp[] = [];
  let app: RunningApp;
  beforeAll(async () => {
    const own = local({ database: ':memory:', tokens: { secret }, password: { autoconfirm: true } });
    const start = async (provider: ProviderChoice) => {
      running.push(await startGuarded(provider, undefined, adapter));
    };
    await start(own);
    const url = `${running[0]?.url}/auth/v1`;
    if (name === 'delegating') await start(gotrue({ url, jwtSecret: secret }));
    app = running.at(-1) as RunningApp;
  });
  afterAll(async () => {
    for (const one of running.toReversed()) await one.close();
  });

  const api = (method: string, path: string, more: { bearer?: string; body?: unknown } = {}) =>
    ask(`${app.url}/auth/v1${path}`, { method, ...more });
  const newPerson = async () => {
    const email = `p${Math.random()}@example.com`;
    const { body } = await api('POST', '/signup', { body: { email, password } });
    return body as { access_token: string; user: { id: string; email: string } };
  };

  it('has twenty routes and more', () => {
    expect(routes.filter(([, , isThere]) => isThere).length).toBeGreaterThanOrEqual(20);
  });

  it('Z-01 refuses who is no administrator, whatever the route and the method', async () => {
    const { access_token: person } = await newPerson();
    const refused: [string | undefined, number[]][] = [
      [undefined, [401]],
      [person, [403]],
      [tokenOf('anon'), [403]],
      [tokenOf('service_role', now() - 3600), [403]],
      [tokenOf('service_role', now(), 'another secret, just as long as the right one'), [403]],
    ];
    for (const [method, path, isThere] of routes) {
      for (const [bearer, statuses] of refused) {
        const body = method === 'GET' ? undefined : {};
        const { status } = await api(method, path, { bearer, body });
        // Where somebody else has the method, they answer before they look who asks.
        expect([`${method} ${path}`, isThere ? statuses : [...statuses, 404, 405]]).toEqual([
          `${method} ${path}`,
          expect.arrayContaining([status]),
        ]);
      }
    }
  }, 60_000);

  it.each([
    ['a ban', 'PUT', '', { ban_duration: '1h' }],
    ['a new password', 'PUT', '', { password: 'another horse 9 battery' }],
    ['a deletion', 'DELETE', '', { should_soft_delete: false }],
    ['a soft deletion', 'DELETE', '', { should_soft_delete: true }],
    ['the end of their sessions', 'DELETE', '/sessions', undefined],
  ])('after %s the next request to the application is refused', async (...[, method, tail, body]) => {
    const { access_token: bearer, user } = await newPerson();
    const mine = () => ask(`${app.url}/mine`, { bearer });
    expect((await mine()).status).toBe(200);
    expect((await ask(`${app.url}/live`, { bearer })).status).toBe(200);
    const path = `/admin/users/${user.id}${tail}`;
    const done = await api(method, path, { bearer: tokenOf('service_role'), body });
    expect([200, 204]).toContain(done.status);
    expect((await mine()).status).toBe(401);
    expect((await ask(`${app.url}/live`, { bearer })).status).toBe(401);
    expect((await api('GET', '/user', { bearer })).status).toBe(403);
  });

  it('says nothing of a failure but that there was one', async () => {
    const bearer = tokenOf('service_role');
    const { status, text } = await api('PUT', '/admin/users/banana', { bearer, body: { role: 'x' } }).then(
      ({ status, body }) => ({ status, text: JSON.stringify(body) }),
    );
    expect(status).toBe(404);
    expect(text).not.toMatch(/select|postgres|typeorm|node_modules/i);
    expect(app.errors).toEqual([]);
  });
});
