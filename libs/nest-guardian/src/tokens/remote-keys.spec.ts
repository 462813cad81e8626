import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Clock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import { AccessTokens } from './access-tokens.js';
import { RemoteKeys } from './remote-keys.js';
import type { JwkGiven } from './token-key.js';

class MovedClock extends Clock {
  at = 1_790_000_000_000;
  now = (): Date => new Date(this.at);
}
const rules = { leeway: 0, maxLifetime: 604_800, adminRoles: [], requireExpiry: true, requireIssuedAt: true };
const jwk = (key: KeyObject, kid: string): JwkGiven => ({
  ...(key.export({ format: 'jwk' }) as JsonWebKey & { kty: string }),
  kid,
});
const first = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const second = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** A GoTrue server's published keys: what it answers now, and how often it was asked. */
const bench = (answer: () => Response | Promise<Response>) => {
  const clock = new MovedClock();
  const world = { answer, clock, asked: 0, urls: [] as string[], inits: [] as (RequestInit | undefined)[] };
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    world.asked++;
    world.urls.push(String(url));
    world.inits.push(init);
    return world.answer();
  };
  const remote = new RemoteKeys({
    url: 'https://auth.example/',
    fetch: fetch as typeof globalThis.fetch,
    clock,
    rules,
  });
  const tokenBy = (key: KeyObject, kid: string): string => {
    const now = clock.at / 1000;
    return AccessTokens.from({ keys: [jwk(key, kid)] }, [], clock).sign({
      sub: kid,
      iat: now,
      exp: now + 3600,
    });
  };
  return Object.assign(world, { remote, tokenBy });
};
const publish =
  (...keys: object[]) =>
  (): Response =>
    Response.json({ keys });
const down = (): Response => {
  throw new TypeError('fetch failed');
};
const codeOf = async (verify: () => Principal | Promise<Principal>): Promise<string> => {
  try {
    await verify();
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the keys of a remote server', () => {
  it('are fetched at first sight; from then on the answer is synchronous', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a')));
    const token = world.tokenBy(first.privateKey, 'a');
    const answer = world.remote.verify(token);
    expect(answer).toBeInstanceOf(Promise);
    expect((await answer).id).toBe('a');
    expect((world.remote.verify(token) as Principal).id).toBe('a');
    expect(world.urls).toEqual(['https://auth.example/.well-known/jwks.json']);
    expect(world.inits[0]).toMatchObject({ redirect: 'error', signal: expect.any(AbortSignal) });
  });

  it('are fetched once for many at the same moment', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a')));
    const token = world.tokenBy(first.privateKey, 'a');
    await Promise.all(Array.from({ length: 50 }, () => world.remote.verify(token)));
    expect(world.asked).toBe(1);
  });

  it('J-82 a flood of unknown kids asks once per cool-down', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a')));
    for (let i = 0; i < 200; i++) {
      expect(await codeOf(() => world.remote.verify(world.tokenBy(second.privateKey, `k${i}`)))).toBe(
        'bad_jwt',
      );
    }
    expect(world.asked).toBe(1);
    for (const [passed, asked] of [
      [29_999, 1],
      [1, 2],
    ] as const) {
      world.clock.at += passed;
      await codeOf(() => world.remote.verify(world.tokenBy(second.privateKey, 'x')));
      expect(world.asked).toBe(asked);
    }
  });

  it('a key that was added is found, and one that was withdrawn is gone', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a')));
    await world.remote.verify(world.tokenBy(first.privateKey, 'a'));
    world.answer = publish(jwk(second.publicKey, 'b'));
    world.clock.at += 30_000;
    expect((await world.remote.verify(world.tokenBy(second.privateKey, 'b'))).id).toBe('b');
    expect(await codeOf(() => world.remote.verify(world.tokenBy(first.privateKey, 'a')))).toBe('bad_jwt');
  });

  it('are looked at again after ten minutes, behind an answer that does not wait', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a')));
    await world.remote.verify(world.tokenBy(first.privateKey, 'a'));
    world.clock.at += 600_000;
    expect((world.remote.verify(world.tokenBy(first.privateKey, 'a')) as Principal).id).toBe('a');
    expect(world.asked).toBe(2);
  });

  it('stay good while the server is down; what may be new is a 503', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a')));
    await world.remote.verify(world.tokenBy(first.privateKey, 'a'));
    world.answer = down;
    world.clock.at += 700_000;
    expect((world.remote.verify(world.tokenBy(first.privateKey, 'a')) as Principal).id).toBe('a');
    expect(await codeOf(() => world.remote.verify(world.tokenBy(second.privateKey, 'b')))).toBe(
      'provider_unavailable',
    );
    world.clock.at += 30_000;
    world.answer = publish(jwk(first.publicKey, 'a'));
    expect(await codeOf(() => world.remote.verify(world.tokenBy(second.privateKey, 'b')))).toBe('bad_jwt');
  });

  it('when nothing is known the answer is a 503, and a second later the server is asked again', async () => {
    const world = bench(down);
    const token = world.tokenBy(first.privateKey, 'a');
    expect(await codeOf(() => world.remote.verify(token))).toBe('provider_unavailable');
    expect(await codeOf(() => world.remote.verify(token))).toBe('provider_unavailable');
    await expect(world.remote.count()).rejects.toMatchObject({ code: 'provider_unavailable', status: 503 });
    expect(world.asked).toBe(1);
    world.answer = publish(jwk(first.publicKey, 'a'));
    world.clock.at += 1000;
    expect(await codeOf(() => world.remote.verify(token))).toBe('accepted');
  });

  it.each<[string, () => Response]>([
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://evil.example' } })],
    ['a failure', () => Response.json({ keys: [] }, { status: 500 })],
    ['no JSON', () => new Response('<html>')],
    ['another shape', () => Response.json({ keys: {} })],
    ['more than 64 kB', () => Response.json({ keys: [], pad: 'x'.repeat(65_536) })],
    ['more than 20 keys', publish(...Array.from({ length: 21 }, (_, i) => jwk(first.publicKey, `k${i}`)))],
  ])('%s is no key set', async (_, answer) => {
    const world = bench(answer);
    expect(await codeOf(() => world.remote.verify(world.tokenBy(first.privateKey, 'k0')))).toBe(
      'provider_unavailable',
    );
  });

  it('a server that does not answer is given up', async () => {
    const hangs = (_: unknown, init?: RequestInit): Promise<Response> =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(new Error('late'))),
      );
    const clock = new MovedClock();
    const fetch = hangs as typeof globalThis.fetch;
    const remote = new RemoteKeys({ url: 'https://auth.example', fetch, clock, rules, timeout: 1 });
    await expect(remote.count()).rejects.toMatchObject({ code: 'provider_unavailable' });
  });

  it('J-19 J-20 J-21 J-22 J-24 secrets, private halves and unfit keys are ignored, the others stand', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const secret = Buffer.alloc(32, 7);
    const world = bench(
      publish(
        { kty: 'oct', kid: 'oct', k: secret.toString('base64url'), key_ops: ['verify'] },
        { ...jwk(second.privateKey, 'private'), key_ops: ['verify'] },
        { ...jwk(second.publicKey, 'enc'), use: 'enc' },
        { ...jwk(second.publicKey, 'ops'), key_ops: ['deriveBits'] },
        { ...jwk(second.publicKey, 'off'), y: jwk(second.publicKey, '')['x'] },
        jwk(weak.publicKey, 'weak'),
        { ...jwk(first.publicKey, 'good'), use: 'sig', key_ops: ['verify'], alg: 'ES256' },
      ),
    );
    expect(await world.remote.count()).toBe(1);
    expect(await codeOf(() => world.remote.verify(world.tokenBy(first.privateKey, 'good')))).toBe('accepted');
    for (const kid of ['private', 'enc', 'ops', 'off']) {
      expect(await codeOf(() => world.remote.verify(world.tokenBy(second.privateKey, kid)))).toBe('bad_jwt');
    }
    const oct = { kty: 'oct', kid: 'oct', k: secret.toString('base64url') };
    const now = world.clock.at / 1000;
    const forged = AccessTokens.from({ keys: [oct] }, [], world.clock).sign({
      sub: 'x',
      iat: now,
      exp: now + 60,
    });
    expect(await codeOf(() => world.remote.verify(forged))).toBe('bad_jwt');
  });

  it('J-18 of two keys with one kid neither is used', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a'), jwk(second.publicKey, 'a')));
    for (const key of [first.privateKey, second.privateKey]) {
      expect(await codeOf(() => world.remote.verify(world.tokenBy(key, 'a')))).toBe('bad_jwt');
    }
  });

  it('J-13 a token that no published key could have signed causes no request', async () => {
    const world = bench(publish(jwk(first.publicKey, 'a')));
    const encode = (header: object): string => Buffer.from(JSON.stringify(header)).toString('base64url');
    for (const header of [
      { alg: 'none' },
      { alg: 'HS256', kid: 'a' },
      { alg: 'ES256', jku: 'https://evil.example' },
    ]) {
      expect(await codeOf(() => world.remote.verify(`${encode(header)}.e30.`))).toBe('bad_jwt');
    }
    expect(world.asked).toBe(0);
  });

  it('a stock GoTrue has none', async () => expect(await bench(publish()).remote.count()).toBe(0));
});
