import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { AuthModule, Clock, CurrentUser, LiveSession } from 'nest-guardian';
import { authEntities, embeddedDataSourceOptions, local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { DataSource } from 'typeorm';
import { ask } from '../support/ask.js';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';

const password = 'correct horse 9 battery';
const secret = 'a secret of more than thirty-two bytes, for the specs';
const embedded = embeddedDataSourceOptions({ directory: ':memory:' });
const dataSource = new DataSource({ ...embedded, entities: authEntities });

@Controller()
class Routes {
  @Get('plain')
  plain(@CurrentUser('email') email: string) {
    return { email };
  }
  @LiveSession()
  @Get('live')
  live() {
    return 'in';
  }
}

const provider = local({ database: dataSource, tokens: { secret }, password: { autoconfirm: true } });
@Module({ imports: [AuthModule.forRoot({ provider })], controllers: [Routes] })
class App {}

interface Session {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly user: { readonly id: string };
}

beforeAll(async () => void (await dataSource.initialize()));
afterAll(() => dataSource.destroy());

describe.each(adapters)('the bearer token of a request, on %s', (adapter) => {
  const clock = new MovableClock();
  let running: RunningApp;
  let session: Session;
  let people = 0;
  const authorized = async (authorization: string, path = 'plain') =>
    (await ask(`${running.url}/${path}`, { headers: { authorization } })).status;
  const api = (path: string, body: object) => ask(`${running.url}/auth/v1${path}`, { body });

  beforeAll(async () => {
    running = await startApp(App, adapter, (builder) => builder.overrideProvider(Clock).useValue(clock));
  });
  afterAll(() => running.close());
  beforeEach(async () => {
    const email = `bearer-${adapter}-${(people += 1)}@example.com`;
    session = (await api('/signup', { email, password })).body;
  });

  it('J-53 nothing else that we issue is one', async () => {
    for (const other of [session.refresh_token, session.user.id]) {
      expect(await authorized(`Bearer ${other}`)).toBe(401);
    }
  });

  it('J-54 an access token is nothing else: it refreshes, verifies and exchanges nothing', async () => {
    const token = session.access_token;
    const answers = await Promise.all([
      api('/token?grant_type=refresh_token', { refresh_token: token }),
      api('/token?grant_type=pkce', { auth_code: token, code_verifier: token }),
      api('/token?grant_type=id_token', { provider: 'google', id_token: token }),
      api('/verify', { type: 'signup', token_hash: token }),
    ]);
    for (const { status, body } of answers) {
      expect([400, 401, 403, 404, 422]).toContain(status);
      expect(body).not.toHaveProperty('access_token');
    }
    expect(answers[0]).toMatchObject({ status: 400 });
    expect(await authorized(`Bearer ${token}`)).toBe(200);
  });

  it('J-60 banned: seen at once by a route that asks, by every other within a minute', async () => {
    const bearer = `Bearer ${session.access_token}`;
    expect(await authorized(bearer)).toBe(200);
    const until = new Date(clock.now().getTime() + 86_400_000);
    await dataSource.query('UPDATE auth.users SET banned_until = $2 WHERE id = $1', [session.user.id, until]);
    expect(await authorized(bearer, 'live')).toBe(401);
    clock.advance('61s');
    expect(await authorized(bearer)).toBe(401);
  });

  it('J-60 deleted: seen at once by a route that asks, by every other within a minute', async () => {
    const bearer = `Bearer ${session.access_token}`;
    expect(await authorized(bearer)).toBe(200);
    await dataSource.query('DELETE FROM auth.users WHERE id = $1', [session.user.id]);
    expect(await authorized(bearer, 'live')).toBe(401);
    clock.advance('61s');
    expect(await authorized(bearer)).toBe(401);
  });

  it('J-60 a new password ends the tokens of every other session at once', async () => {
    const { access_token: bearer } = session;
    const { body: account } = await ask(`${running.url}/plain`, { bearer });
    const { body: other } = await api('/token?grant_type=password', { ...account, password });
    expect(await authorized(`Bearer ${other.access_token}`)).toBe(200);
    await ask(`${running.url}/auth/v1/user`, { method: 'PUT', body: { password: 'new horse 9' }, bearer });
    expect(await authorized(`Bearer ${other.access_token}`)).toBe(401);
    expect(await authorized(`Bearer ${bearer}`)).toBe(200);
  });

  it('J-72 two Authorization headers are none, in whichever order', async () => {
    const good = `Bearer ${session.access_token}`;
    for (const headers of [
      [good, good],
      [good, 'Bearer x'],
      ['Bearer x', good],
    ]) {
      expect(await statusOf(`${running.url}/plain`, headers)).toBe(401);
    }
    expect(await statusOf(`${running.url}/plain`, [good])).toBe(200);
  });

  it('J-73 the header holds one token and nothing more', async () => {
    const token = session.access_token;
    for (const malformed of [
      'Bearer',
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${token} ${token}`,
      `Bearer\t${token}`,
      `Bearer${token}`,
      `Token ${token}`,
      `Basic ${token}`,
      token,
    ]) {
      expect([malformed, await authorized(malformed)]).toEqual([malformed, 401]);
    }
    expect(await authorized(`Bearer  ${token}`)).toBe(200);
  });

  it.each(['bearer', 'BEARER', 'bEaReR'])('J-74 the scheme may be written %s', async (scheme) => {
    expect(await authorized(`${scheme} ${session.access_token}`)).toBe(200);
  });

  it('J-75 J-77 in query, body or cookie it is not looked for, once or twice', async () => {
    const token = session.access_token;
    for (const query of [
      `access_token=${token}`,
      `access_token[]=${token}`,
      `access_token=${token}&access_token=${token}`,
      `apikey=${token}`,
    ]) {
      expect((await ask(`${running.url}/plain?${query}`)).status).toBe(401);
      expect((await ask(`${running.url}/auth/v1/user?${query}`)).status).toBe(401);
    }
    for (const cookie of [`access_token=${token}`, `access_token=${token}; access_token=${token}`]) {
      expect((await ask(`${running.url}/plain`, { headers: { cookie } })).status).toBe(401);
      expect((await ask(`${running.url}/auth/v1/user`, { headers: { cookie } })).status).toBe(401);
    }
    const put = { method: 'PUT', body: { access_token: token, data: { a: 1 } } };
    expect((await ask(`${running.url}/auth/v1/user`, put)).status).toBe(401);
    expect(running.errors.join('\n')).not.toContain(token);
  });

  it('J-84 no refresh token of version 2 stands in the tables', async () => {
    const tables = ['users', 'sessions', 'refresh_tokens', 'audit_log_entries'];
    const dumps = await Promise.all(
      tables.map((table) => dataSource.query(`SELECT to_jsonb(t) AS row FROM auth.${table} t`)),
    );
    const text = JSON.stringify(dumps);
    expect(text).toContain(session.user.id);
    expect(text).not.toContain(session.refresh_token);
    expect(text).not.toContain(session.access_token);
  });
});

/** With as many header lines as there are texts, which `fetch` would join. */
const statusOf = (url: string, authorization: string[]): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const lines = authorization.flatMap((line) => ['authorization', line]);
    const asked = httpRequest(url, { headers: ['host', 'localhost', ...lines] }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
