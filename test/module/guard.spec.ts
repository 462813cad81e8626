import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  AllowAnonymous,
  Auth,
  AuthModule,
  CurrentSession,
  CurrentToken,
  CurrentUser,
  LiveSession,
  OptionalAuth,
  type Principal,
  Public,
  Roles,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { AccessTokens } from '../../libs/nest-guardian/src/tokens/access-tokens.js';
import { SystemClock } from '../../libs/nest-guardian/src/core/ports/clock.js';
import { ask } from '../support/ask.js';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';

const secret = 'a secret of more than thirty-two bytes, for the specs';
const tokens = AccessTokens.from({ secret }, [], new SystemClock());

@Controller()
class Routes {
  @Get('plain')
  plain(@CurrentUser() user: Principal, @CurrentUser('email') email: string) {
    return { id: user.id, email };
  }
  @Public()
  @Get('public')
  open(@CurrentUser() user: Principal | null) {
    return { user };
  }
  @OptionalAuth()
  @Get('optional')
  optional(@CurrentUser('id') id: string | null) {
    return { id };
  }
  @AllowAnonymous()
  @Get('anonymous')
  anonymous(@CurrentUser('isAnonymous') isAnonymous: boolean) {
    return { isAnonymous };
  }
  @Roles('admin', 'service_role')
  @Get('admin')
  admin() {
    return 'in';
  }
  @LiveSession()
  @Get('live')
  live(@CurrentSession() session: string, @CurrentToken() token: string) {
    return { session, token };
  }
  @Public()
  @UseGuards(AuthGuard('jwt'))
  @Get('passport')
  passport() {
    return 'in';
  }
}

class Inherited {
  @Get('inherited')
  inherited() {
    return 'in';
  }
}

@Public()
@Controller('open')
class OpenRoutes extends Inherited {
  @Roles('admin')
  @Get('but-for-admins')
  butForAdmins() {
    return 'in';
  }
}

@Controller('closed')
class ClosedRoutes extends Inherited {}

@Module({
  imports: [
    AuthModule.forRoot({
      provider: local({
        database: ':memory:',
        tokens: { secret, adminRoles: ['service_role', 'operator'] },
        password: { autoconfirm: true },
      }),
    }),
  ],
  controllers: [Routes, OpenRoutes, ClosedRoutes],
})
class App {}

describe.each(adapters)('the guard on %s', (adapter) => {
  let running: RunningApp;
  let bearer: string;
  let signedUp: { user: { id: string }; access_token: string; refresh_token: string };
  const get = (path: string, token?: string, headers?: Record<string, string>) =>
    ask(`${running.url}/${path}`, { bearer: token, headers });
  const now = () => Math.floor(Date.now() / 1000);
  const signed = (claims: object) =>
    tokens.sign({ aud: 'authenticated', role: 'authenticated', iat: now(), exp: now() + 60, ...claims });

  beforeAll(async () => {
    running = await startApp(App, adapter);
    const body = { email: `guard@example.com`, password: 'correct horse 9 battery' };
    signedUp = (await ask(`${running.url}/auth/v1/signup`, { body })).body;
    bearer = signedUp.access_token;
  });
  afterAll(() => running.close());

  it('an undecorated route lets a signed-in person in and nobody else', async () => {
    expect(await get('plain', bearer)).toMatchObject({ status: 200, body: { email: 'guard@example.com' } });
    const refused = await get('plain');
    expect(refused).toMatchObject({ status: 401, body: { code: 'no_authorization' } });
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    const broken = await get('plain', 'not.a.jwt');
    expect(broken).toMatchObject({ status: 401, body: { code: 'bad_jwt' } });
    expect(broken.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('an undecorated route refuses the service role, and a role route lets in whoever is named', async () => {
    const service = signed({ role: 'service_role' });
    expect((await get('plain', service)).status).toBe(403);
    expect((await get('admin', service)).status).toBe(200);
    expect((await get('admin', bearer)).status).toBe(403);
  });

  it('a role that the options name as an administrator’s is no signed-in person, for Passport neither', async () => {
    const operator = signed({ sub: signedUp.user.id, role: 'operator' });
    expect((await get('plain', operator)).status).toBe(403);
    expect((await get('passport', operator)).status).toBe(403);
  });

  it('a role that people wrote into their own metadata opens nothing', async () => {
    const body = { data: { role: 'admin', roles: ['admin'] } };
    await ask(`${running.url}/auth/v1/user`, { method: 'PUT', body, bearer });
    const again = await ask(`${running.url}/auth/v1/token?grant_type=refresh_token`, {
      body: { refresh_token: signedUp.refresh_token },
    });
    expect((await get('admin', again.body.access_token)).status).toBe(403);
  });

  it('an anonymous person comes in only where the route says so', async () => {
    const anonymous = signed({ sub: signedUp.user.id, is_anonymous: true });
    expect((await get('plain', anonymous)).status).toBe(403);
    expect(await get('anonymous', anonymous)).toMatchObject({ status: 200, body: { isAnonymous: true } });
  });

  it('a token for another audience is refused', async () => {
    expect((await get('plain', signed({ sub: signedUp.user.id, aud: 'elsewhere' }))).status).toBe(401);
  });

  it('a public route looks at no token, an optional one refuses a bad one (J-85)', async () => {
    expect(await get('public', 'nonsense')).toMatchObject({ status: 200, body: { user: null } });
    expect(await get('optional')).toMatchObject({ status: 200, body: { id: null } });
    expect(await get('optional', bearer)).toMatchObject({ body: { id: signedUp.user.id } });
    expect((await get('optional', 'nonsense')).status).toBe(401);
  });

  it('a class that is open does not open a handler that asks for a role', async () => {
    expect((await get('open/but-for-admins')).status).toBe(401);
    expect((await get('open/but-for-admins', bearer)).status).toBe(403);
  });

  it('an inherited handler is judged by the class that it runs in', async () => {
    expect((await get('open/inherited')).status).toBe(200);
    expect((await get('closed/inherited')).status).toBe(401);
  });

  it('only one well-formed Authorization header counts (J-72 to J-75)', async () => {
    for (const authorization of [
      'Bearer',
      `Bearer ${bearer}, Bearer x`,
      `Bearer ${bearer} x`,
      `Token ${bearer}`,
    ]) {
      expect((await get('plain', undefined, { authorization })).status).toBe(401);
    }
    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      expect((await get('plain', undefined, { authorization: `${scheme} ${bearer}` })).status).toBe(200);
    }
    expect((await get(`plain?access_token=${bearer}`)).status).toBe(401);
  });

  it('Passport has the same opinion of a token as the guard', async () => {
    expect((await get('passport', bearer)).status).toBe(200);
    expect((await get('passport', 'nonsense')).status).toBe(401);
    expect((await get('passport')).status).toBe(401);
    expect((await get('passport', signed({ sub: signedUp.user.id, is_anonymous: true }))).status).toBe(403);
    expect((await get('passport', signed({ role: 'service_role' }))).status).toBe(403);
  });

  it('signing out is seen at once in this process, whether or not the token was remembered (F-19, J-59)', async () => {
    const body = { email: 'guard@example.com', password: 'correct horse 9 battery' };
    const session = (await ask(`${running.url}/auth/v1/token?grant_type=password`, { body })).body;
    expect((await get('plain', session.access_token)).status).toBe(200);
    expect((await get('live', session.access_token)).body.token).toBe(session.access_token);
    await ask(`${running.url}/auth/v1/logout?scope=local`, { method: 'POST', bearer: session.access_token });
    expect(await get('plain', session.access_token)).toMatchObject({
      status: 401,
      body: { code: 'session_not_found' },
    });
    expect((await get('live', session.access_token)).status).toBe(401);
    expect((await get('plain', bearer)).status).toBe(200);
  });

  it('the facade throws what the application can let out: 401 for an unknown address and a wrong password alike', async () => {
    const auth = running.app.get(Auth);
    const refusals = await Promise.all(
      ['guard@example.com', 'nobody@example.com'].map((email) =>
        auth.signIn({ email, password: 'wrong horse 9 battery' }).catch((error: unknown) => error),
      ),
    );
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ applicationStatus: 401, code: 'invalid_credentials' });
    expect(await auth.getUser({}, { bearer })).toMatchObject({ email: 'guard@example.com' });
  });
});
