import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  AuthGateway,
  AuthMessages,
  AuthModule,
  BearerSerializer,
  CurrentUser,
  fail,
  FallbackInterceptor,
  NullAs,
  withBearer,
} from 'nest-guardian';
import { lastValueFrom, of, throwError } from 'rxjs';
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

describe('without Nest', () => {
  it('a handler returns what it returns', () => {
    expect(new Messages().fail('returned')).toEqual(gone());
    expect(new Messages().fail.call(undefined as never, 'returned')).toEqual(gone());
  });
});
