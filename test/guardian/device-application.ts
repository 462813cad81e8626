import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Injectable, Module, Param, Post } from '@nestjs/common';
import {
  AuthModule,
  CurrentResource,
  CurrentUser,
  definePermissions,
  defineTokenProfile,
  fail,
  type Failure,
  InjectTokens,
  permissionsOf,
  type Principal,
  Public,
  type TokenPrincipal,
  type TokensOf,
  UseProfile,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';

/** A thing that acts for a person, with rights of its own. */
export interface Device {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly isReadOnly: boolean;
}

@Injectable()
export class Devices {
  readonly #all = new Map<string, Device>();

  add(device: Omit<Device, 'id'>): Device {
    const added = { id: randomUUID(), ...device };
    this.#all.set(added.id, added);
    return added;
  }

  find(id: string): Device | null {
    return this.#all.get(id) ?? null;
  }
}

export const rights = definePermissions({ notes: ['read', 'write'] });

export const devices = defineTokenProfile({
  name: 'devices',
  audience: 'devices',
  types: { access: '15m', refresh: { lifetime: '30d', absolute: '365d' } },
  defaultType: 'access',
  exchange: { refresh: ['access'] },
  subject: (device: Device) => device.id,
  resolve: ({ sub }, find) => find(Devices).find(sub),
  permissions: rights,
  grant: (device) => (device.isReadOnly ? ['notes:read'] : ['notes:read', 'notes:write']),
  // With a row of its own an access token, too, ends at once when its line is revoked.
  tracking: { types: ['refresh', 'access'] },
});
const Permissions = permissionsOf(devices);
type DeviceTokens = TokensOf<typeof devices>;

/** What people do with their devices: routes that are opened by a person's session. */
@Controller('devices')
export class PeopleController {
  constructor(
    @InjectTokens(devices) private readonly tokens: DeviceTokens,
    private readonly all: Devices,
  ) {}

  @Post()
  async register(@CurrentUser('id') ownerId: string, @Body() given: { name: string; isReadOnly?: boolean }) {
    const { name, isReadOnly = false } = given;
    const device = this.all.add({ ownerId, name, isReadOnly });
    const refresh = await this.tokens.issue(device, { type: 'refresh' });
    const access = await this.tokens.exchange(refresh.token, { to: 'access' });
    return { id: device.id, refresh_token: refresh.token, access_token: access.token };
  }

  @Delete(':id')
  async revoke(@Param('id') id: string, @CurrentUser() person: Principal): Promise<Failure | object> {
    const device = this.all.find(id);
    // Whose device it is, a stranger is not told; nor that there is one.
    if (device?.ownerId !== person.id) return fail('not_found');
    return { revoked: await this.tokens.revokeAll(device.id) };
  }
}

/** What devices do for themselves, with their refresh token in the body. */
@Public()
@Controller('device')
export class RenewalController {
  constructor(@InjectTokens(devices) private readonly tokens: DeviceTokens) {}

  @HttpCode(200)
  @Post('refresh')
  async renew(@Body() given: { refresh_token: string }) {
    const refresh = await this.tokens.refresh(given.refresh_token);
    const access = await this.tokens.exchange(refresh.token, { to: 'access' });
    return { refresh_token: refresh.token, access_token: access.token };
  }

  @HttpCode(200)
  @Post('sign-out')
  async signOut(@Body() given: { refresh_token: string }) {
    await this.tokens.revoke(given.refresh_token);
    return {};
  }
}

@UseProfile(devices, { type: 'access' })
@Controller('notes')
export class NotesController {
  readonly #notes = new Map<string, string[]>();

  @Permissions({ all: ['notes:read'] })
  @Get()
  read(@CurrentResource() device: Device) {
    return { notes: this.#notes.get(device.ownerId) ?? [] };
  }

  @Permissions({ all: ['notes:write'] })
  @Post()
  write(
    @CurrentUser() device: TokenPrincipal,
    @CurrentResource() { ownerId }: Device,
    @Body() { text }: { text: string },
  ) {
    if (!text) return fail.validation({ text: ['is missing'] });
    this.#notes.set(ownerId, [...(this.#notes.get(ownerId) ?? []), text]);
    return { text, by: device.id };
  }
}

@Module({
  imports: [
    AuthModule.forRoot({
      provider: local({
        database: ':memory:',
        tokens: { secret: 'a secret of more than thirty-two bytes, for the example' },
        password: { autoconfirm: true },
      }),
      profiles: [devices],
    }),
  ],
  controllers: [PeopleController, RenewalController, NotesController],
  providers: [Devices],
})
export class DeviceApplication {}
