import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  AuthModule,
  Clock,
  CurrentResource,
  CurrentUser,
  definePermissions,
  defineTokenProfile,
  InjectTokens,
  OptionalAuth,
  permissionsOf,
  Public,
  type TokenPrincipal,
  type TokensOf,
  UseProfile,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { ask } from '../support/ask.js';
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

describe.each(adapters)('routes of a profile, on %s', (adapter) => {
  const clock = new MovableClock();
  let app: RunningApp;
  let tokens: TokensOf<typeof deviceTokens>;
  let devices: Devices;
  const get = (path: string, bearer?: string) =>
    ask(`${app.url}/${path}`, { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });
  const device: Device = { id: 'thermostat', may: ['notes:read'] };

  beforeAll(async () => {
    app = await startApp(Application, adapter, (builder) => builder.overrideProvider(Clock).useValue(clock));
    tokens = app.app.get(Holder).tokens;
    devices = app.app.get(Devices);
    devices.all.set(device.id, device);
  });
  afterAll(() => app.close());

  it('are opened by its tokens', async () => {
    const { token } = await tokens.issue(device);
    expect(await get('device/me', token)).toMatchObject({
      status: 200,
      body: { id: 'thermostat', type: 'access', permissions: ['notes:read'] },
    });
    expect(await get('device/resource', token)).toMatchObject({ status: 200, body: device });
  });
});
