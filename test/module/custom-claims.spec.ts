import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  AuthModule,
  CurrentUser,
  CustomClaims,
  PasswordHasher,
  type Session,
  type User,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';
import { type Answer, ask, type Ask } from '../support/ask.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { password, PlainHasher, secret } from '../reliability/guarded-app.js';

let claims: (user: User, session: Session) => Record<string, unknown> | Promise<Record<string, unknown>>;

@Injectable()
class TeamClaims extends CustomClaims {
  claimsFor(user: User, session: Session) {
    return claims(user, session);
  }
}

@Controller()
class Me {
  @Get('me')
  me(@CurrentUser('claims') { team, seen }: Record<string, unknown>) {
    return { team, seen };
  }
}

describe('custom claims', () => {
  let database: Database;
  let running: RunningApp;
  const api = (path: string, question?: Ask): Promise<Answer> =>
    ask(`${running.url}/auth/v1${path}`, question);
  const red = (user: User, session: Session) => ({ team: 'red', seen: `${user.email} ${session.aal}` });

  beforeAll(async () => {
    database = await openDatabase(':memory:', 'run');
    const provider = local({
      database: database.dataSource,
      migrations: 'off',
      password: { autoconfirm: true },
      tokens: { secret },
    });
    @Module({ imports: [AuthModule.forRoot({ provider, customClaims: TeamClaims })], controllers: [Me] })
    class App {}
    running = await startApp(App, 'fastify', (builder) =>
      builder.overrideProvider(PasswordHasher).useValue(new PlainHasher()),
    );
  });
  afterAll(async () => {
    await running.close();
    await database.close();
  });
  beforeEach(() => {
    claims = red;
  });

  const signUp = async () => {
    const email = `${randomUUID()}@example.com`;
    const { body } = await api('/signup', { body: { email, password } });
    return { email, session: body };
  };
  const sessions = async (email: string): Promise<Record<string, unknown>[]> =>
    database.dataSource.query(
      'SELECT s.refresh_token_counter AS counter FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id WHERE u.email = $1',
      [email],
    );

  it('are read by handlers, after a sign-in and after a refresh', async () => {
    const { email, session } = await signUp();
    const expected = { status: 200, body: { team: 'red', seen: `${email} aal1` } };
    expect(await ask(`${running.url}/me`, { bearer: session.access_token })).toMatchObject(expected);
    claims = () => ({ team: 'blue' });
    const { body } = await api('/token?grant_type=refresh_token', {
      body: { refresh_token: session.refresh_token },
    });
    expect(await ask(`${running.url}/me`, { bearer: body.access_token })).toMatchObject({
      body: { team: 'blue' },
    });
  });

  it.each([
    ['a protected name', () => ({ role: 'service_role' }), 'role'],
    ['too many bytes', () => ({ team: 'x'.repeat(3_000) }), '2048'],
    ['an error', () => Promise.reject(new Error('the directory is away')), 'directory'],
  ])('that are %s open no session and spend no refresh token', async (_, bad, logged) => {
    const { email, session } = await signUp();
    claims = bad;
    const signIn = await api('/token?grant_type=password', { body: { email, password } });
    const refresh = () =>
      api('/token?grant_type=refresh_token', { body: { refresh_token: session.refresh_token } });
    for (const answer of [signIn, await refresh()]) {
      expect(answer).toMatchObject({ status: 500, body: { error_code: 'unexpected_failure' } });
    }
    expect(running.errors.join()).toContain(logged);
    expect(await sessions(email)).toEqual([{ counter: '0' }]);
    claims = red;
    expect((await refresh()).status).toBe(200);
  });

  it('that never come hold nobody up for longer than a second, and the client may try again', async () => {
    const { email } = await signUp();
    claims = () => new Promise(() => undefined);
    const started = performance.now();
    expect((await api('/token?grant_type=password', { body: { email, password } })).status).toBe(504);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(await sessions(email)).toHaveLength(1);
  });
});
