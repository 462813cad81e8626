import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Global, Injectable, Module } from '@nestjs/common';
import {
  AuthModule,
  type AuthModuleOptions,
  AuthProvider,
  Clock,
  CurrentUser,
  OptionsError,
  type Principal,
} from 'nest-guardian';
import { authEntities, local, prepareDatabase } from 'nest-guardian/local';
import { DataSource } from 'typeorm';
import { ask } from '../support/ask.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { CompanyTokens, companyTokens } from './company-tokens.js';

const secret = 'a secret of more than thirty-two bytes, for the specs';
/** One database for all of them: an embedded one takes seconds to make. */
let database: DataSource;
const provider = () => local({ database, tokens: { secret }, password: { autoconfirm: true } });
const person = { email: 'ann@example.com', password: 'correct horse 9 battery' };

beforeAll(async () => {
  const options = await prepareDatabase({ directory: ':memory:' });
  database = await new DataSource({ ...options, entities: authEntities }).initialize();
});
afterAll(() => database.destroy());

@Injectable()
class OptionsFactory {
  createAuthOptions(): AuthModuleOptions {
    return { provider: provider() };
  }
}

@Global()
@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsModule {}

@Controller()
class Me {
  @Get('me')
  me(@CurrentUser() user: Principal) {
    return { id: user.id };
  }
}

describe('AuthModule', () => {
  let running: RunningApp | undefined;
  afterEach(async () => {
    await running?.close();
    await database.query('DELETE FROM auth.users');
  });

  const start = async (auth: ReturnType<typeof AuthModule.forRoot>) => {
    @Module({ imports: [auth], controllers: [Me] })
    class App {}
    running = await startApp(App);
    return running;
  };

  it.each([
    ['forRoot', () => AuthModule.forRoot({ provider: provider() })],
    ['useFactory', () => AuthModule.forRootAsync({ useFactory: () => ({ provider: provider() }) })],
    ['useClass', () => AuthModule.forRootAsync({ useClass: OptionsFactory })],
    ['useExisting', () => AuthModule.forRootAsync({ imports: [OptionsModule], useExisting: OptionsFactory })],
    [
      'inject',
      () =>
        AuthModule.forRootAsync({
          imports: [OptionsModule],
          inject: [OptionsFactory],
          useFactory: (factory: OptionsFactory) => factory.createAuthOptions(),
        }),
    ],
  ])('%s makes an application in which a person signs up and is let in', async (_, auth) => {
    const { url } = await start(auth());
    const { body } = await ask(`${url}/auth/v1/signup`, { body: person });
    expect(await ask(`${url}/me`, { bearer: body.access_token })).toMatchObject({ status: 200 });
    expect((await ask(`${url}/me`)).status).toBe(401);
  });

  it.each(['', '/', 'accounts', '/a/b/'])('the API is mounted under the prefix %j', async (prefix) => {
    const { url } = await start(AuthModule.forRoot({ provider: provider(), prefix }));
    const path = ['', prefix.replace(/^\/|\/$/g, ''), 'settings'].join('/').replace('//', '/');
    expect((await ask(`${url}${path}`)).status).toBe(200);
    expect((await ask(`${url}/me`)).status).toBe(401);
    expect((await ask(`${url}/nobody-serves-this`)).body).toMatchObject({ statusCode: 404 });
  });

  it('without the global guard only guarded routes are guarded', async () => {
    const { url } = await start(AuthModule.forRoot({ provider: provider(), guard: false }));
    expect((await ask(`${url}/me`)).status).toBe(500);
  });

  it('everything wrong with the options is told at boot, at once, with path, reason and remedy, and no secret', async () => {
    const wrong = AuthModule.forRoot({
      provider: local({
        tokens: { secret: 'too short' },
        password: { minLength: 3, autoconfirm: 'yes' as never },
        session: { reuseInterval: 'soon' },
        surprise: true,
      } as never),
      prefix: 'a b',
      trustedProxies: -1,
    });
    const failure: unknown = await start(wrong).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OptionsError);
    const { message, mistakes } = failure as OptionsError;
    const paths = [
      'prefix',
      'trustedProxies',
      'surprise',
      'tokens.secret',
      'password.minLength',
      'password.autoconfirm',
      'session.reuseInterval',
    ];
    for (const path of paths) {
      expect(mistakes.map((mistake) => mistake.path)).toContain(path);
      expect(message).toContain(path);
    }
    expect(message).not.toContain('too short');
    for (const { reason, remedy } of mistakes) expect(`${reason}${remedy}`.length).toBeGreaterThan(10);
  });

  it('a forgotten provider is a mistake that says what to write', async () => {
    const failure: unknown = await start(AuthModule.forRoot({} as never)).catch((error: unknown) => error);
    expect((failure as Error).message).toContain("local() from 'nest-guardian/local'");
  });

  it('in production a missing secret refuses to boot', async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    const choice = local({ database: ':memory:' });
    process.env.NODE_ENV = before;
    expect(choice.mistakes).toEqual([expect.objectContaining({ path: 'tokens.secret' })]);
  });

  it('a port is replaced with overrideProvider', async () => {
    class Noon extends Clock {
      now() {
        return new Date('2026-03-01T12:00:00Z');
      }
    }
    @Module({ imports: [AuthModule.forRoot({ provider: provider() })] })
    class App {}
    running = await startApp(App, 'express', (builder) => builder.overrideProvider(Clock).useClass(Noon));
    const { body } = await ask(`${running.url}/auth/v1/signup`, { body: person });
    expect(body.user.created_at).toBe('2026-03-01T12:00:00.000Z');
  });

  it('a provider of one’s own that only verifies guards the routes, and refuses every operation', async () => {
    const { url } = await start(AuthModule.forRoot({ provider: companyTokens('swordfish') }));
    expect(await ask(`${url}/me`, { bearer: 'swordfish:ann' })).toMatchObject({
      status: 200,
      body: { id: 'ann' },
    });
    expect((await ask(`${url}/me`, { bearer: 'herring:ann' })).status).toBe(401);
    expect((await ask(`${url}/auth/v1/signup`, { body: person })).status).toBe(400);
    expect(running?.app.get(AuthProvider)).toBeInstanceOf(CompanyTokens);
  });
});
