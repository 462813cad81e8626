import { createServer, request as ask, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AuthProvider } from '../core/auth-provider.js';
import type { Caller } from '../core/caller.js';
import type { Operation } from '../core/operation.js';
import { offer } from '../features/feature.js';
import { SignUpBody } from '../features/password/password.input.js';
import { signUp } from '../features/password/password.contract.js';
import { getUser } from '../features/user/user.contract.js';
import { Api, type ApiMatch } from './api.js';

class Slow extends AuthProvider {
  readonly asked: Caller[] = [];
  constructor(private readonly answer: Promise<unknown>) {
    super();
  }
  verify(): never {
    throw new Error('is not asked');
  }
  confirmSession(): never {
    throw new Error('is not asked');
  }
  override async execute<I, O>(_: Operation<I, O>, __: I, caller: Caller): Promise<O> {
    this.asked.push(caller);
    return this.answer as Promise<O>;
  }
}

describe('the deadline of a request', () => {
  let server: Server;
  const logged: string[] = [];
  const start = async (provider: AuthProvider, deadline: number): Promise<number> => {
    const logger = { error: (message: string) => void logged.push(message) };
    const offers = [offer(getUser, null), offer(signUp, null, SignUpBody)];
    const api = new Api(provider, offers, { prefix: '', trustedProxies: 0, logger, deadline });
    server = createServer((request, response) => {
      void api.answer(request, response, api.match(request) as ApiMatch);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  afterEach(async () => {
    logged.length = 0;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const never = new Promise<never>(() => undefined);

  it('ends with 504 request_timeout when nobody answers', async () => {
    const port = await start(new Slow(never), 50);
    const response = await fetch(`http://127.0.0.1:${port}/user`);
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error_code: 'request_timeout' });
    expect(logged).toHaveLength(1);
  });

  it('is told to the provider, so that late work is not kept', async () => {
    const provider = new Slow(Promise.resolve({ id: '1' }));
    const port = await start(provider, 5_000);
    const before = performance.now();
    expect((await fetch(`http://127.0.0.1:${port}/user`)).status).toBe(200);
    const { until } = provider.asked[0] as Caller;
    expect(until).toBeGreaterThanOrEqual(before + 5_000);
    expect(until).toBeLessThanOrEqual(performance.now() + 5_000);
  });

  it('counts the body: one that trickles is cut off', async () => {
    const port = await start(new Slow(never), 50);
    const slow = ask({ port, host: '127.0.0.1', path: '/signup', method: 'POST' });
    slow.on('error', () => undefined);
    slow.write('{"email":');
    const [response] = await once(slow, 'response');
    expect(response.statusCode).toBe(504);
    response.resume();
    await once(slow.socket as Socket, 'close');
  });

  it('S-35: a client that goes away in the middle of its body is nobody’s failure', async () => {
    const provider = new Slow(never);
    const port = await start(provider, 5_000);
    const gone = ask({ port, host: '127.0.0.1', path: '/signup', method: 'POST' });
    gone.on('error', () => undefined);
    gone.write('{"email":');
    const [incoming] = await once(server, 'request');
    const closed = new Promise((resolve) => incoming.once('close', resolve));
    gone.destroy();
    await closed;
    // What follows from the closing is over by then.
    await new Promise(setImmediate);
    expect([logged, provider.asked]).toEqual([[], []]);
  });
});
