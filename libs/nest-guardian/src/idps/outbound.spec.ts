import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Illness, OtherServer } from '../../../../test/support/other-server.js';
import { Outbound } from './outbound.js';

let other: OtherServer;
let foreign: OtherServer;

beforeAll(async () => {
  other = await OtherServer.start();
  foreign = await OtherServer.start();
  other.json('/here', { here: true });
  foreign.json('/here', { here: true });
});
afterAll(async () => {
  await other.close();
  await foreign.close();
});

const named = (url: string): string => url.replace('127.0.0.1', 'localhost');
const tell = (ask: Promise<unknown>): Promise<string> =>
  ask.then(
    () => 'answered',
    (error: Error) => error.message,
  );

describe('O-12: what is asked of other servers', () => {
  it('is answered with status, type and body', async () => {
    const response = await new Outbound({ ownUrls: [other.origin] }).fetch(`${other.origin}/here`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ here: true });
  });

  it('follows no redirect', async () => {
    other.fall('/moved', 'sends elsewhere');
    const response = await new Outbound({ ownUrls: [other.origin] }).fetch(`${other.origin}/moved`);
    expect(response.status).toBe(302);
    expect(other.asked).not.toContain('/elsewhere');
  });

  it.each<Illness>(['never answers', 'answers drop by drop'])(
    'ends at its deadline when a server %s',
    async (ill) => {
      other.fall('/slow', ill);
      const outbound = new Outbound({ ownUrls: [other.origin], deadline: 100 });
      const begun = performance.now();
      expect(await tell(outbound.fetch(`${other.origin}/slow`))).toMatch(/abort/i);
      expect(performance.now() - begun).toBeLessThan(5_000);
    },
  );

  it('reads no more than a megabyte', async () => {
    other.fall('/endless', 'answers without end');
    const outbound = new Outbound({ ownUrls: [other.origin] });
    expect(await tell(outbound.fetch(`${other.origin}/endless`))).toBe('Answered too much');
  });

  it.each(['http://id.example.com/', 'ftp://id.example.com/', 'file:///etc/passwd', 'data:,x', 'nonsense'])(
    'is never asked of %s',
    async (url) =>
      expect(
        await tell(new Outbound({ ownUrls: ['https://id.example.com', other.origin] }).fetch(url)),
      ).toMatch(/https|Invalid/),
  );

  it('is not asked of this machine unencrypted, unless the operator wrote such an address', async () => {
    const outbound = new Outbound({ ownUrls: ['https://id.example.com'] });
    expect(await tell(outbound.fetch(`${other.origin}/here`))).toBe('Only https:// is asked');
  });

  it('is asked unencrypted of other machines only where the operator allows it', () => {
    expect(new Outbound({ ownUrls: ['http://id.internal'] }).mayAsk('http://id.internal')).toBe(false);
    expect(
      new Outbound({ ownUrls: ['http://id.internal'], allowInsecure: true }).mayAsk('http://id.internal'),
    ).toBe(true);
  });
});

describe('O-12: where an address of somebody else’s leads', () => {
  const abroad = (): Outbound => new Outbound({ ownUrls: ['https://id.example.com'], allowInsecure: true });

  it.each([
    ['http://169.254.169.254/latest/meta-data', 'linkLocal'],
    ['http://[::ffff:169.254.169.254]/', 'linkLocal'],
    ['http://10.0.0.1/', 'private'],
    ['http://0x7f.1/', 'loopback'],
    ['http://2130706433/', 'loopback'],
    ['http://[::1]/', 'loopback'],
    ['http://0.0.0.0/', 'reserved'],
  ])('%s is refused before a connection is made', async (url, place) =>
    expect(await tell(abroad().fetch(url))).toMatch(`leads to a ${place} address`),
  );

  it('is judged by what the name resolves to when the connection is made', async () => {
    const before = foreign.asked.length;
    expect(await tell(abroad().fetch(named(`${foreign.origin}/here`)))).toBe(
      'localhost leads to a loopback address',
    );
    expect(foreign.asked).toHaveLength(before);
  });

  it('may be this machine where the operator’s own address is there too, and no other network', async () => {
    const outbound = new Outbound({ ownUrls: [other.origin], allowInsecure: true });
    expect(await tell(outbound.fetch(named(`${foreign.origin}/here`)))).toBe(
      'localhost leads to a loopback address',
    );
    await outbound.fetch(`${other.origin}/here`);
    expect(await tell(outbound.fetch(named(`${foreign.origin}/here`)))).toBe('answered');
    expect(await tell(outbound.fetch('http://10.0.0.1/'))).toBe('10.0.0.1 leads to a private address');
    expect(await tell(outbound.fetch('http://169.254.169.254/'))).toMatch('leads to a linkLocal address');
  });
});
