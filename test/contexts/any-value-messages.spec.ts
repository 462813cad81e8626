import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, UseFilters, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  Transport,
} from '@nestjs/microservices';
import fc from 'fast-check';
import { AuthMessages, AuthModule, Public } from 'nest-guardian';
import { lastValueFrom, of, throwError, timeout, toArray } from 'rxjs';
import { TotalFallbackFilter } from '../../libs/nest-guardian/src/contexts/fallback.filter.js';
import { FallbackInterceptor } from '../../libs/nest-guardian/src/contexts/fallback.interceptor.js';
import { companyTokens } from '../module/company-tokens.js';
import { anyValue, hearEscaped, nasties } from '../fallback/values.js';

let value: () => unknown = () => undefined;
let events = 0;

const ways = {
  returns: () => value(),
  wraps: () => ({ data: value() }),
  emits: () => of(value()),
  breaks: () => throwError(value),
  throws: () => {
    throw value();
  },
};
type Way = keyof typeof ways;
const allWays = Object.keys(ways) as Way[];

@Controller()
class Anything {
  @MessagePattern('asked') asked(@Payload() way: Way) {
    return ways[way]();
  }
  @EventPattern('told') told(@Payload() way: Way) {
    events += 1;
    return ways[way]();
  }
  @MessagePattern('alive') alive(@Payload() turn: number) {
    return turn;
  }
}

@Public()
@AuthMessages()
@Controller()
class Bound extends Anything {}

@UseInterceptors(FallbackInterceptor)
@UseFilters(TotalFallbackFilter)
@Controller()
class Intercepted extends Anything {}

describe.each([
  ['heard by the decorator', Bound],
  ['heard by the interceptor', Intercepted],
])('over TCP, %s', (_how, controller) => {
  @Module({
    imports: [AuthModule.forRoot({ provider: companyTokens('pw'), guard: false, fallback: false })],
    controllers: [controller],
  })
  class Application {}

  const { escaped, stop } = hearEscaped();
  let client: ClientProxy;
  let close: () => Promise<void>;
  let turn = 0;

  beforeAll(async () => {
    const tcp = { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } } as const;
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(Application, {
      ...tcp,
      logger: false,
    });
    await app.listen();
    const { port } = app.unwrap<Server>().address() as AddressInfo;
    client = ClientProxyFactory.create({ transport: Transport.TCP, options: { port, host: '127.0.0.1' } });
    close = async () => {
      await client.close();
      await app.close();
    };
  });
  afterAll(async () => {
    stop();
    await close();
  });

  /** Everything that the caller is answered, or the error of it. */
  const ask = (pattern: string, data: unknown): Promise<{ values: unknown[] } | { error: unknown }> =>
    lastValueFrom(client.send<unknown>(pattern, data).pipe(timeout(5000), toArray())).then(
      (values) => ({ values }),
      (error: unknown) => ({ error }),
    );

  const requireOneAnswer = async (make: () => unknown) => {
    value = make;
    const refusal = { code: expect.any(String), status: expect.any(Number), message: expect.any(String) };
    for (const way of allWays) {
      const answer = await ask('asked', way);
      expect(JSON.stringify(answer)).not.toContain('boom');
      if ('error' in answer) expect(answer.error).toMatchObject(refusal);
      else expect(answer.values.length).toBeLessThanOrEqual(1);
      if (way === 'throws' || way === 'breaks') expect(answer).toHaveProperty('error');
    }
    events = 0;
    for (const way of allWays) client.emit('told', way);
    turn += 1;
    expect(await ask('alive', turn)).toEqual({ values: [turn] });
    expect(events).toBe(allWays.length);
    expect(escaped).toEqual([]);
  };

  it.each(nasties.map((make, index) => [index, make] as const))('nasty %i has one answer', (_index, make) =>
    requireOneAnswer(make),
  );

  it('no value whatever makes the pair throw, answer twice or not at all', async () => {
    await fc.assert(fc.asyncProperty(anyValue(), requireOneAnswer), { numRuns: 50 });
  });
});
