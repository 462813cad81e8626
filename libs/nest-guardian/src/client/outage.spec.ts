import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { AuthError, createGoTrueClient, type GoTrueClient, operation } from '../client.js';
import { common } from '../core/conditions.js';
import { callbackByForm } from '../features/oauth/callback.contract.js';
import { authorize } from '../features/oauth/oauth.contract.js';
import { verifyByLink } from '../features/verify/verify.contract.js';
import { FakeGoTrue, json, session } from '../../../../test/support/fake-gotrue.js';

let fake: FakeGoTrue;
let client: GoTrueClient;

beforeAll(async () => {
  fake = await FakeGoTrue.start();
  client = createGoTrueClient({ url: fake.url, timeout: '150ms', retries: 0 });
});
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

const text = (status: number, contentType: string, body: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'content-type': contentType });
  response.end(body);
};

/** What the call was refused with; a call that goes well fails the test. */
const refusalOf = async (call: Promise<unknown>): Promise<AuthError> => {
  const outcome = await call.then(
    () => 'it went well',
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(AuthError);
  return outcome as AuthError;
};

const html = '<!doctype html><p>Sign in to the wifi</p>';

describe('S-15 S-17 S-18: a server that does not do its work is a 503', () => {
  const cases: [string, (response: ServerResponse) => void][] = [
    ['hangs', () => undefined],
    [
      'sends headers and then hangs',
      (r) => void r.writeHead(200, { 'content-type': 'application/json' }).write('{'),
    ],
    ['hangs up', (r) => r.socket?.destroy()],
    ['resets the connection', (r) => r.socket?.resetAndDestroy()],
    [
      'hangs up in the middle of the answer',
      (r) => {
        r.writeHead(200, { 'content-type': 'application/json', 'content-length': '900' });
        r.write('{"access_token":');
        setImmediate(() => r.socket?.destroy());
      },
    ],
    ['speaks no HTTP', (r) => r.socket?.end('SSH-2.0-OpenSSH_9.6\r\n')],
    ['answers HTML with 200', text(200, 'text/html', html)],
    ['calls HTML JSON', text(200, 'application/json', html)],
    ['answers JSON as text', text(200, 'text/plain', JSON.stringify(session))],
    ['names no content type', (r) => r.writeHead(200).end(JSON.stringify(session))],
    ['answers half a document', text(200, 'application/json', JSON.stringify(session).slice(0, 60))],
    ['answers nothing', text(200, 'application/json', '')],
    ['answers null', text(200, 'application/json', 'null')],
    ['answers a word', text(200, 'application/json', '"ok"')],
    ['answers a list', text(200, 'application/json', '[]')],
    ['answers an empty object', (r) => json(r, 200, {})],
    ['answers no content', (r) => r.writeHead(204).end()],
    ['answers a session without a refresh token', (r) => json(r, 200, { ...session, refresh_token: '' })],
    ['answers a session that lasts a word', (r) => json(r, 200, { ...session, expires_in: '3600' })],
    ['answers a session of nobody', (r) => json(r, 200, { ...session, user: { aud: 'authenticated' } })],
    ['answers a session with a token that is a number', (r) => json(r, 200, { ...session, access_token: 1 })],
    ['answers more than a mebibyte', (r) => json(r, 200, { ...session, padding: 'x'.repeat(1_048_576) })],
    ['redirects', (r) => r.writeHead(302, { location: `${fake.url}/elsewhere` }).end()],
    ['redirects for good', (r) => r.writeHead(308, { location: `${fake.url}/elsewhere` }).end()],
    ['refuses in HTML', text(403, 'text/html', html)],
    ['refuses in plain text', text(404, 'text/plain', '404 page not found\n')],
    ['refuses without a word', (r) => r.writeHead(405).end()],
    [
      'is a gateway that refuses the key',
      (r) => json(r, 401, { message: 'Invalid authentication credentials' }),
    ],
    [
      'is another application',
      (r) => json(r, 404, { statusCode: 404, message: 'Cannot POST', error: 'Not Found' }),
    ],
    ['fails in its own words', (r) => json(r, 500, { code: 'unexpected_failure', message: 'oops' })],
    ['is too late itself', (r) => json(r, 504, { code: 'request_timeout', message: 'late' })],
    ['is behind a gateway that cannot reach it', text(502, 'text/html', html)],
  ];

  it.each(cases)('when it %s', async (_, reply) => {
    fake.reply = reply;
    const error = await refusalOf(client.signIn({ email: 'a@b.c', password: 'p' }));
    expect(error.condition).toBe(common.providerUnavailable);
    expect([error.status, error.applicationStatus]).toEqual([503, 503]);
    expect(fake.heard).toHaveLength(1);
  });

  it('when nobody listens', async () => {
    const gone = await FakeGoTrue.start();
    const { url } = gone;
    await gone.stop();
    const error = await refusalOf(createGoTrueClient({ url }).settings());
    expect(error.condition).toBe(common.providerUnavailable);
    expect(inspect(error, { depth: 9 })).toContain('ECONNREFUSED');
  });

  it('when its name is nobody’s', async () => {
    const error = await refusalOf(createGoTrueClient({ url: 'http://gotrue.invalid' }).settings());
    expect(error.condition).toBe(common.providerUnavailable);
  });

  it('and keeps its own words for the log', async () => {
    fake.reply = (r) => json(r, 500, { code: 'unexpected_failure', message: 'disk full' });
    expect(inspect(await refusalOf(client.settings()))).toContain('disk full');
  });
});

describe('an answer within the limit', () => {
  it('is read to its end', async () => {
    fake.reply = (r) => json(r, 200, { external: {}, padding: 'x'.repeat(1_048_000) });
    await expect(client.settings()).resolves.toHaveProperty('external');
  });

  it('is read though a letter lies across two packets', async () => {
    const bytes = Buffer.from(JSON.stringify({ external: {}, name: 'Zoë' }));
    const cut = bytes.indexOf(0xc3) + 1;
    fake.reply = (r) => {
      r.writeHead(200, { 'content-type': 'application/json' });
      r.write(bytes.subarray(0, cut), () => setImmediate(() => r.end(bytes.subarray(cut))));
    };
    await expect(client.settings()).resolves.toHaveProperty('name', 'Zoë');
  });
});

describe('trying again', () => {
  const patient = (retries?: number): GoTrueClient =>
    createGoTrueClient({ url: fake.url, timeout: '5s', retries });

  it.each([502, 503, 504])('S-17: helps a read through a gateway that fails with %d', async (status) => {
    fake.reply = (r) =>
      fake.heard.length < 3 ? text(status, 'text/html', html)(r) : json(r, 200, { external: {} });
    await expect(patient().settings()).resolves.toEqual({ external: {} });
    expect(fake.heard).toHaveLength(3);
  });

  it('helps a read through a network that fails', async () => {
    fake.reply = (r) => (fake.heard.length < 2 ? r.socket?.destroy() : json(r, 200, { external: {} }));
    await expect(patient().settings()).resolves.toEqual({ external: {} });
    expect(fake.heard).toHaveLength(2);
  });

  it('S-17: ends after as many times as was said', async () => {
    fake.reply = (r) => r.socket?.destroy();
    await refusalOf(patient(1).settings());
    expect(fake.heard).toHaveLength(2);
  });

  it('is not done for an answer that will stay the same', async () => {
    fake.reply = (r) => json(r, 500, { code: 'unexpected_failure', message: 'oops' });
    await refusalOf(patient().settings());
    fake.reply = (r) => json(r, 200, { external: {}, padding: 'x'.repeat(1_100_000) });
    await refusalOf(patient().settings());
    expect(fake.heard).toHaveLength(2);
  });

  it.each<[string, (client: GoTrueClient) => Promise<unknown>]>([
    ['a write', (c) => c.refreshAccessToken('r')],
    ['a sign-out', (c) => c.signOut('t')],
    ['a read that sends a code', (c) => c.reauthenticate('t')],
    ['a link that is redeemed', (c) => c.request(verifyByLink, { token: 'h', type: 'signup' })],
    ['a flow that begins', (c) => c.request(authorize, { provider: 'github' })],
  ])('S-17: is never done for %s', async (_, call) => {
    fake.reply = (r) => r.socket?.destroy();
    await refusalOf(call(patient()));
    expect(fake.heard).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['hangs', () => undefined],
    ['keeps failing', (r) => text(503, 'text/html', html)(r)],
  ])('does not outlive the deadline when the server %s', async (_, reply) => {
    fake.reply = reply;
    const began = performance.now();
    await refusalOf(createGoTrueClient({ url: fake.url, timeout: '800ms', retries: 5 }).settings());
    expect(performance.now() - began).toBeLessThan(1_300);
  });
});

describe('a redirect that is the answer', () => {
  const location = 'http://127.0.0.1:3000/welcome#access_token=a&sb=&token_type=bearer';

  it.each([302, 303] as const)('comes back as it is, with %d', async (status) => {
    fake.reply = (r) => r.writeHead(status, { location, 'content-type': 'text/html' }).end(html);
    await expect(client.request(verifyByLink, { token: 'h', type: 'signup' })).resolves.toEqual({
      location,
      status,
      cookies: [],
    });
    expect(fake.last.query).toEqual({ token: 'h', type: 'signup' });
  });

  it('of a form travels without a body', async () => {
    fake.reply = (r) => r.writeHead(302, { location }).end();
    await client.request(callbackByForm, { state: 's', code: 'c' });
    expect(fake.last).toMatchObject({ method: 'POST', query: { state: 's', code: 'c' }, body: undefined });
  });

  it.each([
    ['leads nowhere', (r: ServerResponse) => r.writeHead(303).end()],
    ['is another kind of redirect', (r: ServerResponse) => r.writeHead(301, { location }).end()],
    ['is no redirect', (r: ServerResponse) => json(r, 200, {})],
  ])('is a 503 when it %s', async (_, reply) => {
    fake.reply = reply;
    const error = await refusalOf(client.request(authorize, { provider: 'github' }));
    expect(error.condition).toBe(common.providerUnavailable);
  });
});

describe('a member in the path', () => {
  const off = common.featureDisabled;
  const remove = operation<{ user_id?: string; soft?: boolean }, object>()({
    name: 'remove',
    method: 'DELETE',
    path: '/admin/users/:user_id',
    access: 'anyone',
    off,
  });

  it('is encoded and leaves the body', async () => {
    fake.reply = (r) => json(r, 200, {});
    await client.request(remove, { user_id: 'a/../b?c#d', soft: true });
    expect(fake.last).toMatchObject({ path: '/admin/users/a%2F..%2Fb%3Fc%23d', body: { soft: true } });
    await client.request(remove, { user_id: 'a' });
    expect(fake.last.body).toBeUndefined();
  });

  it.each([[undefined], [''], ['.'], ['..']])(
    'cannot be %p, which would be another route',
    async (user_id) => {
      const error = await refusalOf(client.request(remove, { user_id }));
      expect(error.status).toBe(400);
      expect(fake.heard).toHaveLength(0);
    },
  );
});

describe('a secret', () => {
  const canaries = [
    'canary-password',
    'canary-bearer',
    'canary-refresh',
    'canary-api-key',
    'canary-service',
    'canary-link',
  ];
  const keyed = (timeout: string): GoTrueClient =>
    createGoTrueClient({
      url: fake.url,
      apiKey: 'canary-api-key',
      serviceRoleKey: 'canary-service',
      timeout,
      retries: 0,
    });

  it.each<[string, (r: ServerResponse) => void]>([
    ['hangs', () => undefined],
    ['hangs up', (r) => r.socket?.destroy()],
    [
      'answers garbage that holds it',
      text(200, 'application/json', `{"refresh_token":"canary-refresh" oops`),
    ],
    ['answers nonsense that holds it', (r) => json(r, 200, { refresh_token: 'canary-refresh' })],
    ['answers HTML that holds it', text(500, 'text/html', 'canary-refresh')],
  ])('is in no error, cause or stack when the server %s', async (_, reply) => {
    fake.reply = reply;
    const c = keyed('100ms');
    const errors = await Promise.all([
      refusalOf(c.signIn({ email: 'a@b.c', password: 'canary-password' })),
      refusalOf(c.refreshAccessToken('canary-refresh')),
      refusalOf(c.getUser('canary-bearer')),
      refusalOf(c.getUser('canary-bearer\n')),
      refusalOf(c.invite({ email: 'a@b.c' })),
      refusalOf(c.request(verifyByLink, { token: 'canary-link', type: 'signup' })),
    ]);
    for (const error of errors) {
      const shown = inspect(error, { depth: 20, showHidden: true });
      for (const canary of canaries) expect(shown).not.toContain(canary);
    }
  });
});
