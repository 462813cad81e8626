import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { fallbackProviders } from '../../libs/nest-guardian/src/contexts/fallback-providers.js';

@Controller()
class Exceptions {
  @MessagePattern('throw')
  throw(@Payload() said: string | object) {
    throw new RpcException(said);
  }
  @MessagePattern('look-alike')
  lookAlike() {
    throw Object.assign(new Error('secret'), { getError: () => 'secret' });
  }
}

@Module({ controllers: [Exceptions], providers: fallbackProviders({ everything: true }) })
class App {}

describe('what a handler says in an exception of Nest’s own for messages', () => {
  let stop: () => Promise<void>;
  let client: ClientProxy;
  const refusalOf = (said: string | object) =>
    lastValueFrom(client.send('throw', said)).catch((error: unknown) => error);

  beforeAll(async () => {
    const tcp = { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } } as const;
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(App, { ...tcp, logger: false });
    await app.listen();
    const { port } = app.unwrap<Server>().address() as AddressInfo;
    client = ClientProxyFactory.create({ transport: Transport.TCP, options: { port, host: '127.0.0.1' } });
    stop = async () => {
      await client.close();
      await app.close();
    };
  });
  afterAll(() => stop());

  it('reaches the client with a code', async () => {
    expect(await refusalOf('No such note')).toEqual({
      status: 400,
      code: 'bad_request',
      message: 'No such note',
    });
  });
  it('is believed of no other error', async () => {
    const refusal = await lastValueFrom(client.send('look-alike', '')).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 500, code: 'unknown', message: 'Internal Server Error' });
  });
  it('keeps the code and the status that it names', async () => {
    const said = { status: 409, code: 'stale', message: 'Somebody was faster', version: 3 };
    expect(await refusalOf(said)).toEqual(said);
  });
});
