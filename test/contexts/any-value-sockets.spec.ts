import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import fc from 'fast-check';
import { AuthGateway, AuthModule, Public } from 'nest-guardian';
import { of } from 'rxjs';
import { companyTokens } from '../module/company-tokens.js';
import { anyValue, hearEscaped, nasties } from '../fallback/values.js';
import { openSocket, type SocketClient } from './socket-client.js';

let value: () => unknown = () => undefined;

@Public()
@AuthGateway()
@WebSocketGateway()
class Anything {
  @SubscribeMessage('returns') returns() {
    return value();
  }
  @SubscribeMessage('wraps') wraps() {
    return { event: 'wrapped', data: value() };
  }
  @SubscribeMessage('names') names() {
    return { event: value(), data: 1 };
  }
  @SubscribeMessage('emits') emits() {
    return of(value());
  }
  @SubscribeMessage('throws') throws() {
    throw value();
  }
  @SubscribeMessage('alive') alive(@MessageBody() turn: number) {
    return { event: 'alive', data: turn };
  }
}

@Module({ imports: [AuthModule.forRoot({ provider: companyTokens('pw') })], providers: [Anything] })
class Application {}

describe.each(['ws', 'socket.io'] as const)('on %s', (kind) => {
  const { escaped, stop } = hearEscaped();
  let app: INestApplication;
  let client: SocketClient;
  let turn = 0;

  beforeAll(async () => {
    app = await NestFactory.create(Application, { logger: false });
    app.useWebSocketAdapter(kind === 'ws' ? new WsAdapter(app) : new IoAdapter(app));
    await app.listen(0, '127.0.0.1');
    client = await openSocket(kind, await app.getUrl());
  });
  afterAll(async () => {
    stop();
    client.close();
    await app.close();
  });

  /** What the client hears of it until the socket has answered twice what comes after it. */
  const hear = async (event: string) => {
    const heard: (readonly [event: string, data: unknown])[] = [];
    client.send(event, 'x');
    for (const _ of [1, 2]) {
      turn += 1;
      client.send('alive', turn);
      for (let next = await client.next(); next[1] !== turn; next = await client.next()) heard.push(next);
    }
    return heard;
  };

  const requireOneAnswer = async (make: () => unknown) => {
    value = make;
    for (const event of ['returns', 'wraps', 'names', 'emits', 'throws']) {
      const heard = await hear(event);
      expect(heard.length).toBeLessThanOrEqual(1);
      expect(JSON.stringify(heard)).not.toContain('boom');
      if (event === 'throws') expect(heard).toEqual([['exception', expect.objectContaining({})]]);
      if (event === 'wraps') expect(heard).toHaveLength(1);
    }
    if (kind === 'socket.io') {
      const refusal = { code: expect.any(String), status: expect.any(Number), message: expect.any(String) };
      expect(await client.emitWithAck('throws', {})).toMatchObject(refusal);
      expect((await client.next())[0]).toBe('exception');
    }
    expect(escaped).toEqual([]);
  };

  it.each(['connect', 'disconnect', 'newListener'])('the name %s has one answer', (name) =>
    requireOneAnswer(() => name),
  );

  it.each(nasties.map((make, index) => [index, make] as const))('nasty %i has one answer', (_index, make) =>
    requireOneAnswer(make),
  );

  it('no value whatever makes the pair throw or answer twice', async () => {
    await fc.assert(fc.asyncProperty(anyValue(), requireOneAnswer), { numRuns: 50 });
  });
});
