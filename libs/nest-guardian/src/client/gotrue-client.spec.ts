import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { createGoTrueClient, type GoTrueClient, OptionsError } from '../client.js';
import { FakeGoTrue, json, person, session } from '../../../../test/support/fake-gotrue.js';

let fake: FakeGoTrue;
let client: GoTrueClient;

beforeAll(async () => {
  fake = await FakeGoTrue.start();
  client = createGoTrueClient({
    url: `${fake.url}/auth/v1/`,
    apiKey: 'anon-key',
    serviceRoleKey: 'service-key',
  });
});
afterAll(() => fake.stop());
beforeEach(() => fake.reset());

const answers = (status: number, body: unknown): void => {
  fake.reply = (response) => json(response, status, body);
};

describe('the client asks', () => {
  const redirect_to = 'https://app.example/welcome?a=1&b=2';
  const email = 'ann@example.com';
  const token = 'access-token';
  const none = undefined;

  it.each<[string, string, unknown, unknown, (client: GoTrueClient) => Promise<unknown>]>([
    ['settings', 'GET /settings', none, { external: {} }, (c) => c.settings()],
    ['health', 'GET /health', none, { name: 'GoTrue' }, (c) => c.health()],
    ['jwks', 'GET /.well-known/jwks.json', none, { keys: [] }, (c) => c.jwks()],
    [
      'openidConfiguration',
      'GET /.well-known/openid-configuration',
      none,
      { issuer: 'x' },
      (c) => c.openidConfiguration(),
    ],
    ['signUp', 'POST /signup', { email, password: 'p' }, session, (c) => c.signUp({ email, password: 'p' })],
    ['signUp (unconfirmed)', 'POST /signup', { email }, person, (c) => c.signUp({ email })],
    [
      'signIn',
      'POST /token?grant_type=password',
      { email, password: 'p' },
      { ...session, weak_password: null },
      (c) => c.signIn({ email, password: 'p' }),
    ],
    [
      'refreshAccessToken',
      'POST /token?grant_type=refresh_token',
      { refresh_token: 'r' },
      session,
      (c) => c.refreshAccessToken('r'),
    ],
    [
      'exchangeCode',
      'POST /token?grant_type=pkce',
      { auth_code: 'a', code_verifier: 'v' },
      session,
      (c) => c.exchangeCode({ auth_code: 'a', code_verifier: 'v' }),
    ],
    [
      'signInWithIdToken',
      'POST /token?grant_type=id_token',
      { id_token: 't', provider: 'google' },
      session,
      (c) => c.signInWithIdToken({ id_token: 't', provider: 'google' }),
    ],
    ['signInAnonymously', 'POST /signup', {}, session, (c) => c.signInAnonymously()],
    ['invite', 'POST /invite', { email, data: { a: 1 } }, person, (c) => c.invite({ email, data: { a: 1 } })],
    ['recover', 'POST /recover', { email }, {}, (c) => c.recover(email)],
    [
      'recover (with a target)',
      `POST /recover?redirect_to=${encodeURIComponent(redirect_to)}`,
      { email },
      {},
      (c) => c.recover({ email, redirect_to }),
    ],
    ['sendMagicLink', 'POST /magiclink', { email }, {}, (c) => c.sendMagicLink(email)],
    ['sendOtp', 'POST /otp', { phone: '1' }, { message_id: 'm' }, (c) => c.sendOtp({ phone: '1' })],
    ['resend', 'POST /resend', { type: 'signup', email }, {}, (c) => c.resend({ type: 'signup', email })],
    [
      'verify',
      'POST /verify',
      { type: 'email', token: '1' },
      session,
      (c) => c.verify({ type: 'email', token: '1' }),
    ],
    [
      'verify (half a change of address)',
      'POST /verify',
      { type: 'email_change', token_hash: 'h' },
      { msg: 'Confirmation link accepted.', code: '200' },
      (c) => c.verify({ type: 'email_change', token_hash: 'h' }),
    ],
    ['getUser', 'GET /user', none, person, (c) => c.getUser(token)],
    [
      'updateUser',
      'PUT /user',
      { data: { a: null } },
      person,
      (c) => c.updateUser(token, { data: { a: null } }),
    ],
    ['reauthenticate', 'GET /reauthenticate', none, {}, (c) => c.reauthenticate(token)],
    ['admin.getUserById', 'GET /admin/users/u', none, person, (c) => c.admin.getUserById('u')],
    ['admin.createUser', 'POST /admin/users', { email }, person, (c) => c.admin.createUser({ email })],
    [
      'admin.updateUserById',
      'PUT /admin/users/u',
      { role: 'editor' },
      person,
      (c) => c.admin.updateUserById('u', { role: 'editor' }),
    ],
    [
      'admin.generateLink',
      'POST /admin/generate_link',
      { type: 'magiclink', email },
      { ...person, action_link: 'https://x' },
      (c) => c.admin.generateLink({ type: 'magiclink', email }),
    ],
    [
      'admin.updateFactor',
      'PUT /admin/users/u/factors/f',
      { friendly_name: 'mine' },
      { id: 'f' },
      (c) => c.admin.updateFactor('u', 'f', { friendly_name: 'mine' }),
    ],
    [
      'admin.deleteFactor',
      'DELETE /admin/users/u/factors/f',
      none,
      { id: 'f' },
      (c) => c.admin.deleteFactor('u', 'f'),
    ],
    [
      'admin.listSessions',
      'GET /admin/users/u/sessions',
      none,
      { sessions: [] },
      (c) => c.admin.listSessions('u'),
    ],
  ])('%s as the contract says, and returns the answer', async (_, ...row) => {
    const [route, body, answer, call] = row;
    answers(200, { ...(answer as object), member_of_a_newer_server: true });
    expect(await call(client)).toEqual({ ...(answer as object), member_of_a_newer_server: true });
    const [method = '', target = ''] = route.split(' ');
    const url = new URL(`http://x/auth/v1${target}`);
    expect(fake.last).toMatchObject({
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { apikey: 'anon-key', 'x-supabase-api-version': '2024-01-01' },
    });
    expect(fake.last.body).toEqual(body);
  });

  it('linkIdentity and unlinkIdentity of the person whose token it is', async () => {
    answers(200, { url: 'https://idp.example/' });
    await expect(client.linkIdentity(token, { provider: 'github', scopes: 'a b' })).resolves.toEqual({
      url: 'https://idp.example/',
      cookies: [],
    });
    expect(fake.last).toMatchObject({
      method: 'GET',
      path: '/auth/v1/user/identities/authorize',
      query: { provider: 'github', scopes: 'a b', skip_http_redirect: 'true' },
      headers: { authorization: 'Bearer access-token' },
    });
    answers(200, {});
    await expect(client.unlinkIdentity(token, 'i')).resolves.toBeUndefined();
    expect(fake.last).toMatchObject({
      method: 'DELETE',
      path: '/auth/v1/user/identities/i',
      headers: { authorization: 'Bearer access-token' },
    });
  });

  it.each(['global', 'local', 'others'] as const)(
    'signOut with scope %s, and expects nothing',
    async (scope) => {
      fake.reply = (response) => response.writeHead(204).end();
      await expect(client.signOut(token, scope)).resolves.toBeUndefined();
      expect(fake.last).toMatchObject({ method: 'POST', path: '/auth/v1/logout', query: { scope } });
      expect(fake.last.headers.authorization).toBe('Bearer access-token');
    },
  );

  it("with the person's token, and with the service-role key only what needs an administrator", async () => {
    answers(200, person);
    await client.getUser(token);
    expect(fake.last.headers.authorization).toBe('Bearer access-token');
    await client.invite({ email });
    expect(fake.last.headers.authorization).toBe('Bearer service-key');
    await client.signUp({ email });
    expect(fake.last.headers.authorization).toBeUndefined();
  });

  it.each([[''], ['two words'], ['line\r\nbreak'], ['ünreadable']])(
    'nobody for a person without a token that can be sent (%p)',
    async (bearer) => {
      await expect(client.getUser(bearer)).rejects.toMatchObject({ code: 'no_authorization', status: 401 });
      expect(fake.heard).toHaveLength(0);
    },
  );

  it('nobody for an administrator without a service-role key', async () => {
    await expect(createGoTrueClient({ baseUrl: fake.url }).invite({ email })).rejects.toMatchObject({
      code: 'no_authorization',
    });
    expect(fake.heard).toHaveLength(0);
  });
});

describe('urlForProvider', () => {
  it('builds the address and asks nobody', () => {
    const url = new URL(
      client.urlForProvider('github', {
        redirectTo: 'https://app.example/in?x=1',
        scopes: ['user', 'repo'],
        codeChallenge: 'c'.repeat(43),
        query: { prompt: 'consent', provider: 'evil' },
      }),
    );
    expect(url.origin + url.pathname).toBe(`${fake.url}/auth/v1/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      provider: 'github',
      redirect_to: 'https://app.example/in?x=1',
      scopes: 'user repo',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 's256',
      prompt: 'consent',
    });
    expect(fake.heard).toHaveLength(0);
  });
});

describe('what the server refuses', () => {
  it.each([
    ['2024', { code: 'weak_password', message: 'Too short', weak_password: { reasons: ['length'] } }],
    [
      'legacy',
      { code: 422, error_code: 'weak_password', msg: 'Too short', weak_password: { reasons: ['length'] } },
    ],
  ])('is the same AuthError from a %s server', async (_, body) => {
    answers(422, body);
    await expect(client.signUp({ email: 'a@b.c', password: 'p' })).rejects.toMatchObject({
      name: 'AuthError',
      code: 'weak_password',
      status: 422,
      message: 'Too short',
      members: { weak_password: { reasons: ['length'] } },
    });
  });

  it('is 401 on application routes for a wrong password and a spent refresh token', async () => {
    answers(400, { code: 'invalid_credentials', message: 'Invalid login credentials' });
    await expect(client.signIn({})).rejects.toMatchObject({ status: 400, applicationStatus: 401 });
    answers(400, { code: 'refresh_token_already_used', message: 'Invalid Refresh Token: Already Used' });
    await expect(client.refreshAccessToken('r')).rejects.toMatchObject({
      status: 400,
      applicationStatus: 401,
    });
  });

  it('in the OAuth dialect is one too', async () => {
    answers(400, { error: 'invalid nonce', error_description: 'Nonces mismatch' });
    await expect(client.signInWithIdToken({ id_token: 't' })).rejects.toMatchObject({
      code: 'invalid nonce',
      message: 'Nonces mismatch',
      applicationStatus: 401,
    });
  });

  it('is a 503 when it is our own service-role key, and no reason to sign in again', async () => {
    answers(403, { code: 'bad_jwt', message: 'invalid JWT' });
    await expect(client.invite({ email: 'a@b.c' })).rejects.toMatchObject({ code: 'provider_unavailable' });
  });
});

describe('options', () => {
  it('are all judged at once, with a TypeError that quotes no secret', () => {
    const make = (): unknown =>
      createGoTrueClient({
        url: 'https://user:hunter2@example.com',
        apiKey: 'can ary',
        serviceRoleKey: 'canary\n',
        headers: { 'x-own': 'canary\u0000' },
        timeout: 'soon',
        retries: -1,
        unknown: 1,
      } as never);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(OptionsError);
    const message = String(attempt(make));
    for (const name of ['url', 'apiKey', 'serviceRoleKey', 'headers', 'timeout', 'retries', 'unknown']) {
      expect(message).toContain(`client.${name}`);
    }
    expect(message).not.toMatch(/hunter2|can ?ary/);
  });

  it('need to say where the server is', () => {
    expect(() => createGoTrueClient({})).toThrow(/client\.url: is missing/);
  });

  it('do not show in the client', () => {
    expect(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client)).not.toMatch(
      /service-key|anon-key/,
    );
  });
});

function attempt(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}
