import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AuthProvider } from '../core/auth-provider.js';
import { offer } from '../features/feature.js';
import { signUp } from '../features/password/password.contract.js';
import { SignUpBody } from '../features/password/password.input.js';
import { getUser } from '../features/user/user.contract.js';
import { Api, type ApiMatch } from './api.js';

/** Answers when it is told to. */
class Waiting extends AuthProvider {
  answer: () => void = () => undefined;
  verify(): never {
    throw new Error('is not asked');
  }
  confirmSession(): never {
    throw new Error('is not asked');
  }
  override execute<O>(): Promise<O> {
    return new Promise((resolve) => {
      this.answer = () => resolve({ id: '1' } as O);
    });
  }
}

const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`;

/** Writes as fast as the server reads, until the connection ends; returns all that came back. */
async function sendWithoutEnd(socket: Socket): Promise<string> {
  let received = '';
  const write = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', write).on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (text) => (received += text));
  write();
  // Being cut off in the middle of a write is an error, and what is asked for.
  await new Promise((resolve) => socket.once('close', resolve));
  return received;
}

describe('the API on a bare server', () => {
  const provider = new Waiting();
  const logged: string[] = [];
  const logger = { error: (message: string) => void logged.push(message) };
  const offers = [offer(getUser, null), offer(signUp, null, SignUpBody)];
  const api = new Api(provider, offers, { prefix: '', trustedProxies: 0, logger });
  let server: Server;
  let port: number;
  let answered: Promise<void>;

  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.headers['x-cors']) response.setHeader('access-control-allow-origin', 'https://a.example');
      if (request.headers['x-early'] === 'at once') response.end('of the host');
      answered = api.answer(request, response, api.match(request) as ApiMatch);
      if (request.headers['x-early'] === 'later') response.writeHead(503).end('of the host');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    logged.length = 0;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it.each([
    ['in chunks', 'Transfer-Encoding: chunked'],
    ['of a length that is told', 'Content-Length: 1000000000'],
  ])('answers a body without end %s with 413 and cuts it off', async (_, header) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST /signup HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
    const received = await sendWithoutEnd(socket);
    expect(received).toMatch(/^HTTP\/1.1 413 /);
    expect(received).toContain('request_entity_too_large');
    await answered;
  });

  it.each(['at once', 'later'])('leaves the answer that the host has given %s', async (early) => {
    const headers = { 'x-early': early, origin: 'https://example.com' };
    const response = await fetch(`http://127.0.0.1:${port}/user`, { headers });
    expect(await response.text()).toBe('of the host');
    provider.answer();
    await answered;
    expect(logged).toEqual([]);
  });

  it('leaves the origin that the host lets in, and lets any in where it has said nothing', async () => {
    const originFor = async (headers: Record<string, string>) => {
      const asked = { method: 'POST', body: '[]', headers: { origin: 'https://b.example', ...headers } };
      const response = await fetch(`http://127.0.0.1:${port}/signup`, asked);
      return response.headers.get('access-control-allow-origin');
    };
    expect(await originFor({ 'x-cors': 'of the host' })).toBe('https://a.example');
    expect(await originFor({})).toBe('*');
  });
});
