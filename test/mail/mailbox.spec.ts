import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gotrue } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { ask } from '../support/ask.js';
import { type RunningApplication, startApplication } from '../support/start-application.js';

describe('the mailbox of development', () => {
  let app: RunningApplication;
  beforeAll(async () => {
    app = await startApplication({
      provider: local({ database: ':memory:' }),
      clock: new MovableClock(),
      adapter: 'Express',
    });
  });
  afterAll(() => app.close());

  /** `fetch` would not let us say another host. */
  const getAs = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      request(`${app.base}/mailbox`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode as number);
      })
        .on('error', reject)
        .end();
    });

  it('shows a mail with its link and its code, and nothing in it is loaded or run', async () => {
    const data = { name: '</iframe><script>alert(1)</script>' };
    await ask(`${app.base}/signup`, {
      body: { email: 'ann@example.com', password: 'correct horse 9 battery', data },
    });
    let list = '';
    while (!list.includes('ann@example.com')) list = (await ask(`${app.base}/mailbox`)).body;
    const [, path = ''] = /href="(mailbox\/[^"]+)"/.exec(list) ?? [];
    const { body, headers } = await ask(`${app.base}/${path}`);
    expect(body).toMatch(/<a href="http:[^"]*\/verify\?token=[^"]+">/);
    expect(body).toContain('sandbox="allow-top-navigation-by-user-activation"');
    expect(body).not.toContain('<script>');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('has no page for a mail that there is not', async () => {
    expect((await ask(`${app.base}/mailbox/none`)).status).toBe(404);
  });

  it.each([
    [{ host: 'evil.example' }],
    [{ host: '127.0.0.1.evil.example:3000' }],
    [{ 'x-forwarded-for': '203.0.113.9' }],
    [{ 'x-real-ip': '203.0.113.9' }],
    [{ 'x-forwarded-proto': 'https' }],
    [{ 'cf-connecting-ip': '203.0.113.9' }],
    [{ forwarded: 'for=203.0.113.9' }],
    [{ via: '1.1 proxy' }],
  ])('is not there for a caller who is elsewhere, or under another name: %j', async (headers) => {
    expect(await getAs(headers)).toBe(404);
  });

  it('is not there through a proxy that says nothing of itself and names us as the host, as nginx does', async () => {
    const { hostname, port } = new URL(app.base);
    const socket = connect(Number(port), hostname);
    socket.write(`GET /auth/v1/mailbox HTTP/1.0\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('is there under the names of this machine', async () => {
    for (const host of ['localhost', 'localhost:3000', '127.0.0.1:1', '[::1]:3000']) {
      expect(await getAs({ host })).toBe(200);
    }
  });

  it('is not readable for a page of another origin', async () => {
    const { headers } = await ask(`${app.base}/mailbox`, { headers: { origin: 'https://evil.example' } });
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is never asked of another server', async () => {
    const delegating = await startApplication({
      provider: gotrue({ url: app.base }),
      clock: new MovableClock(),
      adapter: 'Fastify',
    });
    expect((await ask(`${delegating.base}/mailbox`)).status).toBe(404);
    await delegating.close();
  });
});
