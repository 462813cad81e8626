import type { AddressInfo, Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Controller,
  Get,
  type INestApplication,
  Module,
  type NestInterceptor,
  type Type,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  AccessGuard,
  AuthGateway,
  AuthMessages,
  AuthModule,
  BearerSerializer,
  CurrentUser,
  fail,
  FallbackInterceptor,
  NullAs,
  Public,
  withBearer,
} from 'nest-guardian';
import { lastValueFrom, map, of, throwError } from 'rxjs';
import { SocketDoor } from '../../libs/nest-guardian/src/contexts/socket-door.js';
import { companyTokens } from '../module/company-tokens.js';
import { openSocket, type SocketClient } from './socket-client.js';

const gone = () => fail('gone', { since: 'monday' });

/** Handlers that fail without throwing, each in its own way. */
const failing = {
  returned: () => gone(),
  wrapped: () => ({ event: 'wrapped', data: gone() }),
  later: async () => gone(),
  emitted: () => of(gone()),
  emittedLater: async () => of(gone()),
  broken: () => throwError(gone),
  nothing: () => null,
  unsendable: () => ({ event: 'unsendable', data: 1n }),
};
type Way = keyof typeof failing;
const ways = Object.keys(failing) as Way[];

const refusalOf = (way: Way): object => {
  if (way === 'nothing') return expect.objectContaining({ code: 'not_found', status: 404 });
  if (way === 'unsendable') return expect.objectContaining({ code: 'unknown', status: 500 });
  return expect.objectContaining({ code: 'gone', status: 410, since: 'monday' });
};

@AuthGateway()
class Failures {
  @NullAs('not_found')
  @SubscribeMessage('fail')
  fail(@MessageBody() way: Way) {
    return failing[way]();
  }
  @SubscribeMessage('who')
  who(@CurrentUser('id') id: string, @MessageBody() body: unknown) {
    return { event: 'who', data: { id, body } };
  }
}

@WebSocketGateway()
class Gateway extends Failures {
  @SubscribeMessage('added')
  added() {
    return gone();
  }
}

@AuthMessages()
class Messages {
  @NullAs('not_found')
  @MessagePattern('fail')
  fail(way: Way) {
    return failing[way]();
  }
  @MessagePattern('who')
  who(body: unknown) {
    return { body };
  }
}

@Controller()
class MoreMessages extends Messages {
  @MessagePattern('added')
  added() {
    return gone();
  }
}

@Module({
  imports: [AuthModule.forRoot({ provider: companyTokens('pw') })],
  controllers: [MoreMessages],
  providers: [Gateway],
})
class Application {}

const unguarded = {
  provider: companyTokens('pw'),
  guard: false,
  fallback: { everything: true },
} as const;

const failWhenAsked = (value: unknown): unknown => (value === 'fail' ? gone() : value);

@Public()
@Controller()
class Routes {
  @Get('gone')
  gone() {
    return gone();
  }
  @Get('intercepted')
  intercepted() {
    return 'fail';
  }
}

@Public()
@Resolver()
class Fields {
  @Query(() => String, { name: 'gone' })
  gone() {
    return gone();
  }
}

@Module({
  imports: [
    AuthModule.forRoot({ provider: companyTokens('pw') }),
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
  ],
  controllers: [Routes],
  providers: [Fields, Gateway],
})
class Routed {}

@WebSocketGateway()
class Undecorated {
  @SubscribeMessage('fail')
  fail(@MessageBody() way: Way) {
    return failing[way]();
  }
}

const fails: NestInterceptor = {
  intercept: (_, next) => next.handle().pipe(map((way) => failing[way as Way]())),
};

class Echo {
  @SubscribeMessage('fail')
  fail(@MessageBody() way: Way) {
    return way;
  }
}

@AuthGateway()
@WebSocketGateway()
class InterceptedHandler {
  @UseInterceptors(fails)
  @SubscribeMessage('fail')
  fail(@MessageBody() way: Way) {
    return way;
  }
}

@UseInterceptors(fails)
@AuthGateway()
@WebSocketGateway()
class InterceptedAbove extends Echo {}

@AuthGateway()
@UseInterceptors(fails)
@WebSocketGateway()
class InterceptedBelow extends Echo {}

@AuthGateway()
@AuthMessages()
@WebSocketGateway()
class Both {
  @MessagePattern('fail')
  @SubscribeMessage('fail')
  fail(@MessageBody() way: Way) {
    return failing[way]();
  }
}

@UseGuards(AccessGuard)
@Controller()
class GuardedMessages {
  @MessagePattern('fail')
  fail(way: Way) {
    return failing[way]();
  }
}

@AuthMessages()
@Controller()
class InterceptedMessages {
  @UseInterceptors(fails)
  @MessagePattern('fail')
  fail(way: Way) {
    return way;
  }
}

const start = () => NestFactory.create(Application, { logger: false, abortOnError: false });
const interceptor = jest.spyOn(FallbackInterceptor.prototype, 'intercept');
afterAll(() => interceptor.mockRestore());

describe.each(['ws', 'socket.io'] as const)('a gateway of %s', (kind) => {
  let client: SocketClient;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const app = await start();
    app.useWebSocketAdapter(kind === 'ws' ? new WsAdapter(app) : new IoAdapter(app));
    await app.listen(0, '127.0.0.1');
    client = await openSocket(kind, await app.getUrl(), { bearer: 'pw:ann' });
    stop = async () => {
      client.close();
      await app.close();
    };
  });
  afterAll(() => stop());

  it.each(ways)('has the failure heard that is %s', async (way) => {
    expect(await client.ask('fail', way)).toEqual(['exception', refusalOf(way)]);
  });
  it('has those heard of handlers that were added to the gateway that it extends', async () => {
    expect(await client.ask('added')).toEqual(['exception', refusalOf('returned')]);
  });
  it('hands over and answers what is none', async () => {
    expect(await client.ask('who', { n: 1 })).toEqual(['who', { id: 'ann', body: { n: 1 } }]);
  });
  it('pays for no interceptor', () => {
    expect(interceptor).not.toHaveBeenCalled();
  });
});

describe('a controller of messages', () => {
  let client: ClientProxy;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const app = await start();
    const tcp = { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } } as const;
    const connected = app.connectMicroservice<MicroserviceOptions>(tcp);
    await app.startAllMicroservices();
    await app.init();
    const { port } = connected.unwrap<Server>().address() as AddressInfo;
    const options = { port, host: '127.0.0.1', serializer: new BearerSerializer() };
    client = ClientProxyFactory.create({ transport: Transport.TCP, options });
    stop = async () => {
      await client.close();
      await app.close();
    };
  });
  afterAll(() => stop());

  const ask = (pattern: string, data?: unknown): Promise<unknown> =>
    lastValueFrom(client.send<unknown>(pattern, withBearer('pw:ann', data))).then(
      (value) => ({ value }),
      (refusal: unknown) => ({ refusal }),
    );

  it.each(ways)('has the failure heard that is %s', async (way) => {
    expect(await ask('fail', way)).toEqual({ refusal: refusalOf(way) });
  });
  it('has those heard of handlers that were added to the controller that it extends', async () => {
    expect(await ask('added')).toEqual({ refusal: refusalOf('returned') });
  });
  it('hands over and answers what is none', async () => {
    expect(await ask('who', { n: 1 })).toEqual({ value: { body: { n: 1 } } });
  });
  it('pays for no interceptor', () => {
    expect(interceptor).not.toHaveBeenCalled();
  });
});

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('routes and resolvers on %s', (_name, adapter) => {
  let app: INestApplication;
  beforeAll(async () => {
    app = await NestFactory.create(Routed, adapter(), { logger: false, abortOnError: false });
    app.useGlobalInterceptors({ intercept: (_, next) => next.handle().pipe(map(failWhenAsked)) });
    await app.listen(0, '127.0.0.1');
  });
  afterAll(() => app.close());

  it.each(['gone', 'intercepted'])('have the failure heard of %s', async (path) => {
    const response = await fetch(`${await app.getUrl()}/${path}`);
    expect([response.status, await response.json()]).toEqual([
      410,
      expect.objectContaining({ code: 'gone' }),
    ]);
  });
  it('have it heard in GraphQL', async () => {
    const response = await fetch(`${await app.getUrl()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ gone }' }),
    });
    const { errors } = (await response.json()) as { readonly errors: readonly object[] };
    expect(errors).toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'gone' }) }),
    ]);
  });
});

let app: INestApplication | null = null;
let client: SocketClient | null = null;
afterEach(async () => {
  client?.close();
  await app?.close();
  [app, client] = [null, null];
});

async function openGateway(gateway: Type, kind: 'ws' | 'socket.io'): Promise<SocketClient> {
  @Module({ imports: [AuthModule.forRoot(unguarded)], providers: [gateway] })
  class Open {}
  app = await NestFactory.create(Open, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(kind === 'ws' ? new WsAdapter(app) : new IoAdapter(app));
  await app.listen(0, '127.0.0.1');
  return openSocket(kind, await app.getUrl(), { bearer: 'pw:ann' });
}

describe.each([
  ['with an interceptor on a handler', InterceptedHandler],
  ['with an interceptor above', InterceptedAbove],
  ['with an interceptor below', InterceptedBelow],
  ['that takes messages of both kinds', Both],
])('a gateway %s', (_how, gateway) => {
  it.each(['ws', 'socket.io'] as const)('on %s has failures heard, and what cannot be sent', async (kind) => {
    client = await openGateway(gateway, kind);
    expect(await client.ask('fail', 'returned')).toEqual(['exception', refusalOf('returned')]);
    expect(await client.ask('fail', 'unsendable')).toEqual(['exception', refusalOf('unsendable')]);
  });
});

describe('a gateway without a decorator, in an application without a guard', () => {
  it.each(['ws', 'socket.io'] as const)('on %s tells failures in Nest’s own words', async (kind) => {
    client = await openGateway(Undecorated, kind);
    for (const way of ['returned', 'unsendable'])
      expect((await client.ask('fail', way))[0]).toBe('exception');
  });
});

describe.each([
  ['with a guard alone, of an application that inherits', GuardedMessages, true],
  ['with an interceptor on a handler', InterceptedMessages, false],
])('a controller of messages %s', (_how, controller, inheritAppConfig) => {
  it('has failures heard', async () => {
    @Module({ imports: [AuthModule.forRoot(unguarded)], controllers: [controller] })
    class Hybrid {}
    const app = await NestFactory.create(Hybrid, { logger: false, abortOnError: false });
    const tcp = { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } } as const;
    const connected = app.connectMicroservice<MicroserviceOptions>(tcp, { inheritAppConfig });
    await app.startAllMicroservices();
    const { port } = connected.unwrap<Server>().address() as AddressInfo;
    const options = { port, host: '127.0.0.1', serializer: new BearerSerializer() };
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
    const asked = lastValueFrom(client.send('fail', withBearer('pw:ann', 'returned')));
    await expect(asked).rejects.toEqual(refusalOf('returned'));
    await client.close();
    await app.close();
  });
});

describe('before any socket came', () => {
  it('nothing may be sent that socket.io could not send', async () => {
    const app = await start();
    expect(app.get(SocketDoor).canSend({ event: 'connect' })).toBe(false);
    expect(app.get(SocketDoor).canSend({ event: 'notes' })).toBe(true);
    await app.close();
  });
});

describe('without Nest', () => {
  it('a handler returns what it returns', () => {
    expect(new Messages().fail('returned')).toEqual(gone());
    expect(new Messages().fail.call(undefined as never, 'returned')).toEqual(gone());
  });
});
