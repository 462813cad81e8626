import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import {
  AllowAal1,
  AuthModule,
  Clock,
  CurrentUser,
  FreshAuth,
  gotrue,
  LiveSession,
  Mailer,
  OptionalAuth,
  type ProviderChoice,
  Public,
  RequireAal,
} from 'nest-guardian';
import { createGoTrueClient } from 'nest-guardian/client';
import { local } from 'nest-guardian/local';
import { Api, codeIn, MemoryMailer, MovableClock } from 'nest-guardian/testing';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import type { SessionBody } from '../../libs/nest-guardian/src/wire/session.js';
import { ask } from '../support/ask.js';
import { type RunningApp, startApp } from '../support/start-app.js';

const secret = 'a secret of more than thirty-two bytes, for the specs';

@Controller()
class Routes {
  @Get('plain')
  plain() {
    return 'in';
  }
  @AllowAal1()
  @Get('before')
  before(@CurrentUser('aal') aal: string) {
    return { aal };
  }
  @AllowAal1()
  @LiveSession()
  @Get('before-live')
  beforeLive() {
    return 'in';
  }
  @RequireAal('aal2')
  @Get('aal2')
  aal2() {
    return 'in';
  }
  @FreshAuth('10m')
  @Get('fresh')
  fresh() {
    return 'in';
  }
  @Public()
  @UseGuards(AuthGuard('jwt'))
  @Get('passport')
  passport() {
    return 'in';
  }
}

@Public()
@Controller('open')
class OpenRoutes {
  @FreshAuth('10m')
  @Get('fresh')
  fresh() {
    return 'in';
  }
}

@OptionalAuth()
@Controller('optional')
class OptionalRoutes {
  @RequireAal('aal2')
  @Get()
  aal2() {
    return 'in';
  }
}

@AllowAal1()
@Controller('low')
class LowRoutes {
  @Get()
  low() {
    return 'in';
  }
  @RequireAal('aal2')
  @Get('aal2')
  aal2() {
    return 'in';
  }
}

const clock = new MovableClock();
const mailer = new MemoryMailer();

const start = (provider: ProviderChoice): Promise<RunningApp> => {
  @Module({
    imports: [AuthModule.forRoot({ provider })],
    controllers: [Routes, OpenRoutes, OptionalRoutes, LowRoutes],
  })
  class App {}
  return startApp(App, 'express', (builder) =>
    builder.overrideProvider(Clock).useValue(clock).overrideProvider(Mailer).useValue(mailer),
  );
};

const own = () =>
  local({
    database: ':memory:',
    tokens: { secret, lifetime: '1h' },
    password: { autoconfirm: true },
  });

describe.each(['local', 'gotrue'] as const)('assurance in the guard, %s', (name) => {
  const running: RunningApp[] = [];
  let api: Api;
  beforeAll(async () => {
    running.push(await start(own()));
    if (name === 'gotrue') {
      running.push(await start(gotrue({ url: `${running[0]?.url}/auth/v1`, jwtSecret: secret })));
    }
    api = new Api(`${running.at(-1)?.url}/auth/v1`);
  });
  afterAll(async () => {
    for (const app of running.toReversed()) await app.close();
  });

  const get = async (path: string, bearer?: string): Promise<string> => {
    const { status, body } = await ask(`${running.at(-1)?.url}/${path}`, { bearer });
    return status === 200 ? 'in' : `${status} ${body.code}`;
  };

  /** Somebody with a second factor, shown in this session. */
  const protectedPerson = async () => {
    const person = await api.newPerson();
    const bearer = person.session.access_token;
    const enrolled = await api.ask('POST', '/factors', { bearer, body: { factor_type: 'totp' } });
    const factor = enrolled.body as { id: string; totp: { secret: string } };
    const show = async (as: string): Promise<SessionBody> => {
      const challenge = await api.ask('POST', `/factors/${factor.id}/challenge`, { bearer: as });
      const code = totpAt(factor.totp.secret, clock.now());
      const body = { challenge_id: challenge.body.id, code };
      const shown = await api.ask('POST', `/factors/${factor.id}/verify`, { bearer: as, body });
      expect(shown.status).toBe(200);
      clock.advance('30s');
      return shown.body as unknown as SessionBody;
    };
    return { person, factor, show, first: bearer, session: await show(bearer) };
  };

  it('M-01 lets in nobody at aal1 where aal2 is asked for, and says what is missing', async () => {
    const { session } = await api.newPerson();
    const { status, headers, body } = await ask(`${running.at(-1)?.url}/aal2`, {
      bearer: session.access_token,
    });
    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'insufficient_aal', detail: 'This action needs a session at aal2' });
    expect(headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
    expect(await get('low/aal2', session.access_token)).toBe('403 insufficient_aal');
    const { session: high } = await protectedPerson();
    expect(await get('aal2', high.access_token)).toBe('in');
  });

  it('M-05 asks whoever has a second factor for it, however they signed in, and forgives where it is said', async () => {
    const { person, show } = await protectedPerson();
    const { access_token: low } = await api.newSession(person);
    for (const path of ['plain', 'fresh', 'passport']) {
      expect(await get(path, low)).toBe('403 insufficient_aal');
    }
    for (const path of ['before', 'before-live', 'low']) expect(await get(path, low)).toBe('in');
    // That it was forgiven is not remembered for others.
    expect(await get('plain', low)).toBe('403 insufficient_aal');
    expect((await api.user(low)).status).toBe(200);
    expect((await api.update(low, { password: 'another harbour 8' })).status).toBe(401);
    const { access_token: high } = await show(low);
    for (const path of ['plain', 'aal2', 'fresh', 'passport', 'before']) {
      expect(await get(path, high)).toBe('in');
    }
  });

  it.each([
    ['magic link', '/otp', 'magiclink'],
    ['recovery', '/recover', 'recovery'],
  ])(
    'M-05 a %s opens a session without the second factor, and a second mail is none',
    async (_, path, type) => {
      const { person } = await protectedPerson();
      const { email } = person;
      for (let mail = 0; mail < 2; mail++) {
        clock.advance('61s');
        expect((await api.ask('POST', path, { body: { email } })).status).toBe(200);
        const token = codeIn(await mailer.next(email));
        const opened = await api.ask('POST', '/verify', { body: { type, email, token } });
        const bearer = opened.body.access_token as string;
        expect(await get('before', bearer)).toBe('in');
        expect(await get('plain', bearer)).toBe('403 insufficient_aal');
        const change = await api.update(bearer, { password: 'another harbour 8' });
        expect([change.status, change.body.code]).toEqual([401, 'insufficient_aal']);
      }
    },
  );

  it('forgives nothing else: neither an ended session nor a bad token', async () => {
    const { session } = await api.newPerson();
    await api.signOut(session.access_token);
    expect(await get('before', session.access_token)).toBe('401 session_not_found');
    expect(await get('before', 'not.a.token')).toBe('401 bad_jwt');
    expect(await get('before')).toBe('401 no_authorization');
  });

  it('M-02 sees at once that a factor is gone, and a refresh puts it right', async () => {
    const { factor, session } = await protectedPerson();
    const { access_token: bearer } = session;
    expect(await get('aal2', bearer)).toBe('in');
    expect((await api.ask('DELETE', `/factors/${factor.id}`, { bearer })).status).toBe(200);
    expect(await get('aal2', bearer)).toBe('401 bad_jwt');
    const { access_token: next } = (await api.refresh(session.refresh_token)).body;
    expect(await get('aal2', next as string)).toBe('403 insufficient_aal');
    expect(await get('plain', next as string)).toBe('in');
  });

  it('M-07 forgets at once the sessions that end when a factor is shown', async () => {
    const person = await api.newPerson();
    const { access_token: other } = await api.newSession(person);
    expect(await get('plain', other)).toBe('in');
    const { access_token: bearer } = person.session;
    const { body } = await api.ask('POST', '/factors', { bearer, body: { factor_type: 'totp' } });
    const { body: challenge } = await api.ask('POST', `/factors/${body.id}/challenge`, { bearer });
    const code = totpAt((body.totp as { secret: string }).secret, clock.now());
    await api.ask('POST', `/factors/${body.id}/verify`, {
      bearer,
      body: { challenge_id: challenge.id, code },
    });
    expect(await get('plain', other)).toBe('401 session_not_found');
  });

  it('knows how old the newest proof is, and a refresh is none', async () => {
    const person = await api.newPerson();
    clock.advance('10m');
    expect(await get('fresh', person.session.access_token)).toBe('in');
    clock.advance('1s');
    expect(await get('fresh', person.session.access_token)).toBe('403 reauthentication_needed');
    const { access_token: refreshed } = (await api.refresh(person.session.refresh_token)).body;
    expect(await get('fresh', refreshed as string)).toBe('403 reauthentication_needed');
    expect(await get('open/fresh', refreshed as string)).toBe('403 reauthentication_needed');
    expect(await get('open/fresh')).toBe('401 no_authorization');
    expect(await get('fresh', (await api.newSession(person)).access_token)).toBe('in');
  });

  it('takes a second factor for a proof as new as it is', async () => {
    const { show, session } = await protectedPerson();
    clock.advance('11m');
    expect(await get('fresh', session.access_token)).toBe('403 reauthentication_needed');
    expect(await get('fresh', (await show(session.access_token)).access_token)).toBe('in');
  });

  it('takes a token that says nothing of proofs for an old one, and one of an unknown level for a low one', async () => {
    const { session } = await api.newPerson();
    const [, payload = ''] = session.access_token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const { amr: _amr, aal: _aal, ...others } = claims;
    expect(await get('fresh', forge({ ...others, aal: 'aal1' }, secret))).toBe('403 reauthentication_needed');
    expect(await get('fresh', forge({ ...others, amr: [] }, secret))).toBe('403 reauthentication_needed');
    expect(await get('aal2', forge({ ...others, aal: 'aal1' }, secret))).toBe('403 insufficient_aal');
    expect(await get('aal2', forge(others, secret))).toBe('403 insufficient_aal');
    expect(await get('aal2', forge({ ...claims, aal: 'aal9' }, secret))).toMatch(/^40[13] /);
  });

  it('opens a route that asks for assurance to nobody without a token', async () => {
    expect(await get('optional')).toBe('401 no_authorization');
  });
});

describe('second factors through the client', () => {
  it('are set up, shown and replaced by a recovery code', async () => {
    const app = await start(own());
    const { factors } = createGoTrueClient({ url: `${app.url}/auth/v1` });
    const { session } = await new Api(`${app.url}/auth/v1`).newPerson();
    const { id, totp } = await factors.enroll(session.access_token, { factor_type: 'totp' });
    const { id: challenge_id } = await factors.challenge(session.access_token, id);
    const code = totpAt(totp?.secret as string, clock.now());
    const proof = { factor_id: id, challenge_id, code };
    const { access_token: high } = await factors.verify(session.access_token, proof);
    const { codes } = await factors.makeRecoveryCodes(high);
    const raised = await factors.verifyRecoveryCode(high, codes[0] as string);
    expect(await factors.countRecoveryCodes(raised.access_token)).toEqual({ remaining: 9 });
    expect(await factors.unenroll(raised.access_token, id)).toEqual({ id });
    await app.close();
  });
});

describe('assurance that cannot be asked for', () => {
  it.each(['aal4', '', 'AAL2', undefined])('a level %s is a mistake when it is written', (level) => {
    expect(() => RequireAal(level as never)).toThrow(TypeError);
  });

  it.each(['soon', '', '10', '0s', undefined])('an age of %s is a mistake when it is written', (age) => {
    expect(() => FreshAuth(age as never)).toThrow(TypeError);
  });
});

describe('where the options do not ask for a second factor on every way in', () => {
  it('the guard lets in whoever has one and has not shown it', async () => {
    const app = await start(
      local({
        database: ':memory:',
        tokens: { secret },
        password: { autoconfirm: true },
        mfa: { askAlways: false },
      }),
    );
    const api = new Api(`${app.url}/auth/v1`);
    const person = await api.newPerson({ id: randomUUID() });
    const { access_token: bearer } = person.session;
    const { body } = await api.ask('POST', '/factors', { bearer, body: { factor_type: 'totp' } });
    const { body: challenge } = await api.ask('POST', `/factors/${body.id}/challenge`, { bearer });
    const code = totpAt((body.totp as { secret: string }).secret, clock.now());
    await api.ask('POST', `/factors/${body.id}/verify`, {
      bearer,
      body: { challenge_id: challenge.id, code },
    });
    const { access_token: low } = await api.newSession(person);
    expect((await ask(`${app.url}/plain`, { bearer: low })).status).toBe(200);
    expect((await ask(`${app.url}/aal2`, { bearer: low })).status).toBe(403);
    await app.close();
  });
});
