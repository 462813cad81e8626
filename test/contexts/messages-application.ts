import type { AddressInfo, Server } from 'node:net';
import { Controller, Module, type Provider } from '@nestjs/common';
import {
  type ClientOptions,
  type ClientProxy,
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  type RedisOptions,
  type TcpOptions,
  Transport,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import {
  AuthMessages,
  AuthModule,
  BearerSerializer,
  Clock,
  CurrentToken,
  CurrentUser,
  defineTokenProfile,
  fail,
  InjectTokens,
  type Principal,
  Public,
  RequireAal,
  Roles,
  type TokensOf,
  UseProfile,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { of, throwError } from 'rxjs';

/** Tokens with which one service asks another. */
export const serviceTokens = defineTokenProfile({
  name: 'services',
  audience: 'services',
  types: { access: '5m' },
  defaultType: 'access',
  subject: (service: { readonly id: string }) => service.id,
  resolve: ({ sub }) => ({ id: sub }),
});

/** What event handlers have heard. */
export const heard: unknown[] = [];

@AuthMessages()
@Controller()
export class Notes {
  constructor(@InjectTokens(serviceTokens) readonly tokens: TokensOf<typeof serviceTokens>) {}

  @MessagePattern('notes.mine')
  mine(@CurrentUser() user: Principal, @Payload() data: unknown) {
    return { of: user.email, data };
  }
  @MessagePattern('notes.seen')
  seen(@Payload() data: unknown, @Ctx() context: object) {
    return { data, visible: JSON.stringify({ data, keys: Object.keys(context) }) };
  }
  @MessagePattern('notes.token')
  token(@CurrentToken() token: string) {
    return token;
  }
  @MessagePattern('notes.missing')
  missing() {
    return fail('not_found', 'No such note');
  }
  @MessagePattern('notes.wrapped')
  wrapped() {
    return { data: fail('gone') };
  }
  @MessagePattern('notes.streamed')
  streamed(@Payload() isGood: boolean) {
    return isGood ? of('good') : throwError(() => fail('conflict'));
  }
  @MessagePattern('notes.broken')
  broken() {
    throw new Error('the password is hunter2');
  }
  @Roles('service_role')
  @MessagePattern('notes.purge')
  purge() {
    return 'purged';
  }
  @RequireAal('aal2')
  @MessagePattern('notes.secret')
  secret() {
    return 'secret';
  }
  @Public()
  @MessagePattern('notes.open')
  open(@CurrentUser() user: unknown, @Payload() data: unknown) {
    return { user, data };
  }
  @UseProfile(serviceTokens)
  @MessagePattern('notes.index')
  index(@CurrentUser('id') id: string) {
    return id;
  }
  @EventPattern('notes.changed')
  changed(@CurrentUser('email') email: string, @Payload() data: unknown) {
    heard.push({ email, data });
  }
  @EventPattern('notes.failing')
  failing(@Payload() data: Record<string, unknown>) {
    return fail('locked', data);
  }
}

/** What every application here consists of; `everything` is left at its default. */
export const applicationOf = (provider: ReturnType<typeof local>, more: readonly Provider[] = []) => {
  @Module({
    imports: [AuthModule.forRoot({ provider, profiles: [serviceTokens] })],
    controllers: [Notes],
    providers: [...more],
  })
  class Application {}
  return Application;
};

export const provider = () => local({ database: ':memory:', password: { autoconfirm: true } });

type Choice = TcpOptions | RedisOptions;

/** Of how the handlers get their guard: by the decorator alone, by it and the application's own, without any HTTP. */
export const shapes = ['hybrid', 'hybrid with inheritAppConfig', 'pure'] as const;

export interface Messaging {
  readonly clock: MovableClock;
  readonly errors: string[];
  readonly get: <T>(token: abstract new (...args: never[]) => T) => T;
  /** With the serializer, as one of ours, or without, as anybody's. */
  client(isOurs: boolean): ClientProxy;
  close(): Promise<void>;
}

const redis = process.env.TEST_REDIS_URL;

/** On a free port, or on Redis, where nobody else uses these patterns at the same time. */
export async function startMessaging(
  shape: (typeof shapes)[number],
  transport: 'TCP' | 'Redis',
): Promise<Messaging> {
  const server = choiceOf(transport);
  const clock = new MovableClock();
  const errors: string[] = [];
  const silent = () => undefined;
  const note = (...told: unknown[]) => void errors.push(told.join(' '));
  const module = await Test.createTestingModule({ imports: [applicationOf(provider())] })
    .overrideProvider(Clock)
    .useValue(clock)
    .setLogger({ log: silent, warn: note, error: note })
    .compile();
  const clients: ClientProxy[] = [];
  let port = 0;
  let close: () => Promise<void>;
  if (shape === 'pure') {
    const app = module.createNestMicroservice<MicroserviceOptions>(server);
    await app.listen();
    if (transport === 'TCP') port = (app.unwrap<Server>().address() as AddressInfo).port;
    close = () => app.close();
  } else {
    const app = module.createNestApplication();
    const inheritAppConfig = shape !== 'hybrid';
    const connected = app.connectMicroservice<MicroserviceOptions>(server, { inheritAppConfig });
    await app.startAllMicroservices();
    await app.listen(0, '127.0.0.1');
    if (transport === 'TCP') port = (connected.unwrap<Server>().address() as AddressInfo).port;
    close = () => app.close();
  }
  return {
    clock,
    errors,
    get: (token) => module.get(token, { strict: false }),
    client(isOurs) {
      const serializer = isOurs ? new BearerSerializer() : undefined;
      const options = { ...server.options, ...(transport === 'TCP' && { port }), serializer };
      const client: ClientProxy = ClientProxyFactory.create({
        transport: server.transport,
        options,
      } as ClientOptions);
      clients.push(client);
      return client;
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await close();
    },
  };
}

function choiceOf(transport: 'TCP' | 'Redis'): Choice {
  if (transport === 'TCP') return { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } };
  const { hostname: host, port } = new URL(redis as string);
  return { transport: Transport.REDIS, options: { host, port: Number(port) } };
}
