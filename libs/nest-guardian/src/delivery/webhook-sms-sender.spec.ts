import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MessageRefused } from '../core/ports/mailer.js';
import { MovableClock } from '../testing/movable-clock.js';
import { WebhookSmsSender } from './webhook-sms-sender.js';

const key = Buffer.alloc(32, 7);
const message = { to: '15550100', text: 'Your code is 123456', channel: 'sms' } as const;

describe('the webhook that carries texts', () => {
  let server: Server;
  let url: string;
  let status = 200;
  let heard: { headers: IncomingHttpHeaders; body: string }[] = [];
  const clock = new MovableClock();

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        heard.push({ headers: request.headers, body });
        response.writeHead(status, { location: url }).end('answer');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const send = (secret = '') => {
    heard = [];
    return new WebhookSmsSender({ url, secret }, clock).send(message);
  };

  it('hears number, words and channel', async () => {
    status = 204;
    await send();
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual({ ...message, to: '+15550100' });
    expect(heard[0]?.headers['webhook-signature']).toBeUndefined();
  });

  it('can tell who posts and when, and that it is the same text again', async () => {
    status = 200;
    await send(`whsec_${key.toString('base64')}`);
    const [{ headers, body }] = heard as [(typeof heard)[0]];
    const id = headers['webhook-id'] as string;
    const timestamp = headers['webhook-timestamp'] as string;
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${mac}`);
    expect(timestamp).toBe(String(Math.floor(clock.now().getTime() / 1000)));
    await send(`whsec_${key.toString('base64')}`);
    expect(heard[0]?.headers['webhook-id']).toBe(id);
  });

  it.each([
    [400, true],
    [404, true],
    [408, false],
    [429, false],
    [500, false],
    [302, false],
  ])('that answers %i is given up: %s, and is asked once', async (code, isFinal) => {
    status = code;
    const error = await send().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof MessageRefused).toBe(isFinal);
    expect(heard).toHaveLength(1);
  });
});
