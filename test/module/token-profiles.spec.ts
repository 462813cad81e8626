import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module, type Type } from '@nestjs/common';
import {
  Auth,
  AuthModule,
  type AuthModuleShape,
  Clock,
  CurrentResource,
  CurrentUser,
  definePermissions,
  defineTokenProfile,
  FreshAuth,
  InjectTokens,
  OptionalAuth,
  Permissions as AnyPermissions,
  permissionsOf,
  type ProviderChoice,
  Public,
  RequireAal,
  Roles,
  TokenHooks,
  type TokenPrincipal,
  type TokensOf,
  UseProfile,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { Test } from '@nestjs/testing';
import { claimsOf } from '../../libs/nest-guardian/src/testing/tokens.js';
import { ask } from '../support/ask.js';
import { CompanyTokens } from './company-tokens.js';
import { moduleKeys } from '../support/profile-bench.js';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';

interface Device {
  readonly id: string;
  readonly may: readonly ('notes:read' | 'notes:write')[];
}

@Injectable()
class Devices {
  readonly all = new Map<string, Device>();
}

const rights = definePermissions({ notes: ['read', 'write'] });
const deviceTokens = defineTokenProfile({
  name: 'devices',
  audience: 'devices',
  types: { access: '15m', refresh: '30d' },
  defaultType: 'access',
  exchange: { refresh: ['access'] },
  subject: (device: Device) => device.id,
  resolve: ({ sub }, find) => find(Devices).all.get(sub) ?? null,
  permissions: rights,
  grant: (device) => device.may,
  oneTime: { pairing: '10m' },
});
const Permissions = permissionsOf(deviceTokens);

@UseProfile(deviceTokens)
@Controller('device')
class DeviceRoutes {
  @Get('me')
  me(@CurrentUser() device: TokenPrincipal, @CurrentUser('type') type: string) {
    return { id: device.id, type, permissions: device.permissions };
  }
  @Get('resource')
  resource(@CurrentResource() device: Device) {
    return device;
  }
  @Permissions({ all: ['notes:write'] })
  @Get('write')
  write() {
    return 'written';
  }
  @OptionalAuth()
  @Get('optional')
  optional(@CurrentUser('id') id: string | null, @CurrentResource() device: Device | null) {
    return { id, device };
  }
  @Public()
  @Get('public')
  open(@CurrentUser() user: unknown) {
    return { user };
  }
  @UseProfile('devices', { type: 'refresh' })
  @Get('renew')
  renew() {
    return 'renewed';
  }
}

@Controller('person')
class PersonRoutes {
  @Get('me')
  me() {
    return 'in';
  }
}

@Injectable()
class Holder {
  constructor(@InjectTokens(deviceTokens) readonly tokens: TokensOf<typeof deviceTokens>) {}
}

@Module({
  imports: [
    AuthModule.forRoot({
      provider: local({
        database: ':memory:',
        tokens: { secret: 'a secret of more than thirty-two bytes, for the specs' },
        password: { autoconfirm: true },
      }),
      profiles: [deviceTokens],
    }),
  ],
  controllers: [DeviceRoutes, PersonRoutes],
  providers: [Devices, Holder],
})
class Application {}

const nothing = (): void => undefined;
const silent = { log: nothing, warn: nothing, error: nothing };
const person = { email: 'ann@example.com', password: 'correct horse 9 battery' };
const invalid = 'Bearer error="invalid_token"';
const refused = (description: string, error = 'invalid_token') =>
  `Bearer realm="devices", error="${error}", error_description="${description}"`;
const malformed = refused('The token is invalid: its form or its signature is wrong');

describe.each(adapters)('routes of a profile, on %s', (adapter) => {
  const clock = new MovableClock();
  let app: RunningApp;
  let tokens: TokensOf<typeof deviceTokens>;
  let devices: Devices;
  const get = async (path: string, bearer?: string) => {
    const { status, body, headers } = await ask(`${app.url}/${path}`, { bearer });
    return { status, body, challenge: headers.get('www-authenticate') };
  };
  const api = (path: string, body: unknown, bearer?: string) =>
    ask(`${app.url}/auth/v1${path}`, { body, bearer });
  const device: Device = { id: 'thermostat', may: ['notes:read'] };

  beforeAll(async () => {
    app = await startApp(Application, adapter, (builder) => builder.overrideProvider(Clock).useValue(clock));
    tokens = app.app.get(Holder).tokens;
    devices = app.app.get(Devices);
    devices.all.set(device.id, device);
  });
  afterAll(() => app.close());

  it('are opened by its tokens, of the type that they ask for', async () => {
    const { token } = await tokens.issue(device);
    expect(await get('device/me', token)).toMatchObject({
      status: 200,
      body: { id: 'thermostat', type: 'access', permissions: ['notes:read'] },
    });
    const refresh = await tokens.issue(device, { type: 'refresh' });
    const wrong = {
      status: 401,
      challenge: refused('The token is of another type'),
      body: { code: 'token_type_wrong' },
    };
    expect(await get('device/me', refresh.token)).toMatchObject(wrong);
    expect(await get('device/renew', token)).toMatchObject(wrong);
    expect(await get('device/renew', refresh.token)).toMatchObject({ status: 200 });
  });

  it('ask for a token, and say no more to who has none', async () => {
    expect(await get('device/me')).toMatchObject({ status: 401, challenge: 'Bearer realm="devices"' });
    expect(await get('device/optional')).toMatchObject({ status: 200, body: { id: null, device: null } });
    expect(await get('device/optional', 'rubbish')).toMatchObject({ status: 401, challenge: malformed });
    expect(await get('device/public', 'rubbish')).toMatchObject({ status: 200, body: { user: null } });
  });

  it('are not opened by people, nor people’s by its tokens', async () => {
    const { body } = await api('/signup', { ...person, email: `${adapter}@example.com` });
    expect(await get('person/me', body.access_token)).toMatchObject({ status: 200 });
    expect(await get('device/me', body.access_token)).toMatchObject({ status: 401, challenge: malformed });
    const { token } = await tokens.issue(device);
    expect(await get('person/me', token)).toMatchObject({ status: 401, challenge: invalid });
    expect((await ask(`${app.url}/auth/v1/user`, { bearer: token })).status).toBe(403);
  });

  it('ask for permissions', async () => {
    const reader = await tokens.issue(device);
    expect(await get('device/write', reader.token)).toMatchObject({
      status: 403,
      challenge: `${refused('This action needs a permission that the token does not carry', 'insufficient_scope')}, scope="notes:write"`,
      body: { code: 'insufficient_permission' },
    });
    const writer = await tokens.issue({ ...device, may: ['notes:write'] });
    expect(await get('device/write', writer.token)).toMatchObject({ status: 200, body: 'written' });
  });

  it('load whom the token was made for, who may be gone', async () => {
    const { token } = await tokens.issue(device);
    expect(await get('device/resource', token)).toMatchObject({ status: 200, body: device });
    expect(await get('device/optional', token)).toMatchObject({ body: { id: device.id, device } });
    const sold = await tokens.issue({ id: 'sold', may: [] });
    expect(await get('device/resource', sold.token)).toMatchObject({
      status: 401,
      challenge: refused('Whom the token was made for does not exist any more'),
      body: { code: 'principal_gone' },
    });
  });

  it('are shut to what was taken back, and to who acts in an ended session', async () => {
    const refresh = await tokens.issue(device, { type: 'refresh' });
    expect(await get('device/renew', refresh.token)).toMatchObject({ status: 200 });
    await tokens.revokeAll(device.id);
    expect(await get('device/renew', refresh.token)).toMatchObject({ body: { code: 'token_revoked' } });

    const { body } = await api('/signup', { ...person, email: `admin.${adapter}@example.com` });
    const { sub, session_id } = claimsOf(body.access_token) as { sub: string; session_id: string };
    const acting = await tokens.impersonate({ id: sub, sessionId: session_id }, device);
    expect(await get('device/me', acting.token)).toMatchObject({ status: 200 });
    const { body: lines } = await app.app.get(Auth).listAuditEntries({ query: 'action:impersonation' });
    const { claims } = acting;
    expect(lines[0]?.payload).toMatchObject({
      action: 'impersonation_started',
      actor_id: sub,
      log_type: 'token',
      traits: { profile: 'devices', subject: device.id, token_id: claims.jti, actor_id: sub },
    });
    expect((await api('/logout', {}, body.access_token)).status).toBe(204);
    expect(await get('device/me', acting.token)).toMatchObject({
      status: 401,
      challenge: refused('The session that the token belongs to is not open'),
      body: { code: 'token_session_not_found' },
    });
  });

  it('hear of a spent token that is shown to them, and its whole line ends', async () => {
    const { token } = await tokens.issue(device, { type: 'refresh' });
    const next = await tokens.refresh(token);
    expect(await get('device/renew', next.token)).toMatchObject({ status: 200 });
    expect(await get('device/renew', token)).toMatchObject({ body: { code: 'token_already_used' } });
    expect(await get('device/renew', next.token)).toMatchObject({ body: { code: 'token_revoked' } });
  });

  it('know tokens that are good once', async () => {
    const { token } = await tokens.oneTime.issue('pairing', device.id, { data: { room: 'hall' } });
    expect(await tokens.oneTime.take('pairing', token)).toEqual({
      subject: device.id,
      data: { room: 'hall' },
    });
    expect(await tokens.oneTime.take('pairing', token)).toBeNull();
  });
});

describe('the routes of an application', () => {
  const mistakesOf = async (
    controller: Type,
    profiles: AuthModuleShape['profiles'] = [deviceTokens],
    provider = company,
  ) => {
    const imports = [AuthModule.forRoot({ provider, profiles })];
    const building = Test.createTestingModule({ imports, controllers: [controller] })
      .setLogger(silent)
      .compile();
    const starting = building.then((made) => made.createNestApplication().init());
    return starting.then(
      () => 'started',
      (error: Error) => error.message,
    );
  };
  const company: ProviderChoice = {
    name: 'company',
    mistakes: [],
    create: async () => new CompanyTokens('open sesame'),
  };
  const keys = { secret: 'this secret is long enough for the specs of profiles' };
  const stateless = defineTokenProfile({
    name: 'stateless',
    audience: 'stateless',
    types: { access: '15m' },
    defaultType: 'access',
    subject: (one: Device) => one.id,
    resolve: () => null,
    permissions: rights,
    grant: (one) => one.may,
    tracking: false,
    keys,
  });

  it('need no rows and no local provider', async () => {
    @UseProfile('stateless')
    @Controller()
    class Fine {
      @Permissions({ any: ['notes:read', 'notes:write'] })
      @Get()
      get() {}
    }
    expect(await mistakesOf(Fine, [stateless])).toBe('started');
  });

  it('do not start with a profile, a type, an age or a permission that there is not', async () => {
    @Controller()
    class Misspelt {
      @UseProfile('devcies')
      @Get('a')
      profile() {}
      @UseProfile('stateless', { type: 'acess' })
      @Get('b')
      type() {}
      @UseProfile('stateless')
      @AnyPermissions({ all: ['notes:raed'] })
      @Get('c')
      permission() {}
      @AnyPermissions({ all: ['notes:read'] })
      @Get('d')
      nobodys() {}
      @UseProfile('stateless', { maxAge: 'long' })
      @Get('e')
      age() {}
      @UseProfile('stateless')
      @Roles('admin')
      @Get('f')
      role() {}
      @UseProfile('stateless')
      @AnyPermissions({ any: ['constructor'] })
      @Get('g')
      prototype() {}
    }
    const message = await mistakesOf(Misspelt, [stateless]);
    for (const name of ['profile', 'type', 'permission', 'nobodys', 'age', 'role', 'prototype']) {
      expect(message).toContain(`  - Misspelt.${name}: `);
    }
  });

  it('do not start where tokens of the class’s profile are asked how somebody signed in', async () => {
    @UseProfile('stateless')
    @Controller()
    class Asking {
      @RequireAal('aal2')
      @Get('h')
      factor() {}
      @FreshAuth('10m')
      @Get('i')
      fresh() {}
    }
    const message = await mistakesOf(Asking, [stateless]);
    for (const name of ['factor', 'fresh']) expect(message).toContain(`  - Asking.${name}: `);
  });

  it('do not compile with a permission that there is not, nor with none', () => {
    // @ts-expect-error: misspelt
    expect(() => Permissions({ all: ['notes:raed'] })).toThrow(TypeError);
    expect(() => Permissions({})).toThrow(TypeError);
    expect(() => AnyPermissions({ all: [] })).toThrow(TypeError);
  });

  it('do not start with profiles that need rows which nobody keeps, keys that nobody has, or one name twice', async () => {
    @Controller()
    class Empty {}
    const message = await mistakesOf(Empty, [deviceTokens, stateless, stateless]);
    for (const path of ['devices.tracking', 'devices.oneTime', 'devices.keys', 'stateless']) {
      expect(message).toContain(`  - profiles.${path}: `);
    }
    const weak = { ...stateless, given: { ...stateless.given, keys: { secret: 'x' } } };
    expect(await mistakesOf(Empty, [weak])).toContain('profiles.stateless.keys.secret: is shorter');
  });

  it('PR 748, J-33: do not start with keys that are missing at run time, though the module has some', async () => {
    const empty = [
      undefined,
      null,
      {},
      ...[undefined, null, '', Buffer.alloc(0)].map((secret) => ({ secret })),
    ];
    const withKeys = (name: string, keys: unknown) => ({
      ...stateless,
      name,
      settings: { ...stateless.settings, name },
      given: { ...stateless.given, keys: keys as null },
    });
    const profiles = empty.map((value, index) => withKeys(`p${index}`, () => value));
    const tokenKit = { keysFor: moduleKeys, tracking: null, noteImpersonation: async () => nothing() };
    const create = async () => Object.assign(new CompanyTokens('open sesame'), { tokenKit });
    @Controller()
    class Empty {}
    expect(await mistakesOf(Empty, [withKeys('borrowing', null)], { ...company, create })).toBe('started');
    const message = await mistakesOf(Empty, profiles, { ...company, create });
    for (const { name } of profiles) expect(message).toContain(`  - profiles.${name}.keys`);
  });

  it('do not start with hooks that cannot be made', async () => {
    @Injectable()
    class Unmakeable extends TokenHooks {
      constructor(readonly missing: Holder) {
        super();
      }
    }
    @Controller()
    class Empty {}
    const hooked = { ...stateless, given: { ...stateless.given, hooks: [Unmakeable] } };
    expect(await mistakesOf(Empty, [hooked])).toMatch(/Unmakeable/);
  });
});
