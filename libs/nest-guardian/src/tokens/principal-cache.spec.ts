import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Principal } from '../core/principal.js';
import { PrincipalCache } from './principal-cache.js';
import { toPrincipal } from './principal.js';

const principal = (exp: number, sub = 'ann', session_id = 's1'): Principal =>
  toPrincipal({ sub, session_id, exp });

describe('the cache of principals', () => {
  it('answers for the whole token, synchronously, with what it was given', () => {
    const cache = new PrincipalCache();
    const ann = principal(2000);
    cache.set('header.payload.signature', ann, { now: 1000 });
    expect(cache.get('header.payload.signature', 1000)).toBe(ann);
  });

  it('J-80 another header over the same signature is another token', () => {
    const cache = new PrincipalCache();
    cache.set('header.payload.signature', principal(2000), { now: 1000 });
    expect(cache.get('Header.payload.signature', 1000)).toBeUndefined();
    expect(cache.get('header.payload.signature ', 1000)).toBeUndefined();
  });

  it('J-81 an entry dies at exp, not at the age of the cache', () => {
    const cache = new PrincipalCache();
    cache.set('t', principal(1010), { now: 1000 });
    expect(cache.get('t', 1009)).toBeDefined();
    expect(cache.get('t', 1010)).toBeUndefined();
    expect(cache.size).toBe(0);
    cache.set('t', principal(1010), { now: 1010 });
    expect(cache.size).toBe(0);
  });

  it('F-19 an entry is trusted for a minute at most, or as long as was said', () => {
    for (const [cache, age] of [
      [new PrincipalCache(), 60],
      [new PrincipalCache({ maxAge: 5 }), 5],
    ] as const) {
      cache.set('t', principal(Infinity), { now: 1000 });
      expect(cache.get('t', 1000 + age - 1)).toBeDefined();
      expect(cache.get('t', 1000 + age)).toBeUndefined();
    }
  });

  it('an entry from the future is not trusted when the clock is set back', () => {
    const cache = new PrincipalCache();
    cache.set('t', principal(9000), { now: 1000 });
    expect(cache.get('t', 999)).toBeUndefined();
  });

  it('F-19 forgets every token of a session', () => {
    const cache = new PrincipalCache();
    cache.set('a', principal(2000), { now: 1000 });
    cache.set('b', principal(2001), { now: 1000 });
    cache.set('c', principal(2000, 'ann', 's2'), { now: 1000 });
    cache.forgetSession('s1');
    expect(['a', 'b', 'c'].map((token) => cache.get(token, 1000)?.sessionId)).toEqual([
      undefined,
      undefined,
      's2',
    ]);
  });

  it('F-19 forgets every session of a user, or all but one', () => {
    const cache = new PrincipalCache();
    const fill = (): void => {
      for (const session of ['s1', 's2', 's3'])
        cache.set(session, principal(2000, 'ann', session), { now: 1000 });
      cache.set('bob', principal(2000, 'bob', 's4'), { now: 1000 });
    };
    const known = (): string[] => ['s1', 's2', 's3', 'bob'].filter((token) => cache.get(token, 1000));
    fill();
    cache.forgetUser('ann', 's2');
    expect(known()).toEqual(['s2', 'bob']);
    fill();
    cache.forgetUser('ann');
    expect(known()).toEqual(['bob']);
    fill();
    cache.clear();
    expect(known()).toEqual([]);
  });

  it('an answer that was overtaken by a revocation is not remembered', () => {
    const cache = new PrincipalCache();
    for (const revoke of [
      () => cache.forgetSession('s1'),
      () => cache.forgetUser('ann'),
      () => cache.clear(),
    ]) {
      const { version } = cache;
      revoke();
      cache.set('t', principal(2000), { now: 1000, version });
      expect(cache.get('t', 1000)).toBeUndefined();
    }
    cache.set('t', principal(2000), { now: 1000, version: cache.version });
    expect(cache.get('t', 1000)).toBeDefined();
  });

  it('holds so many entries and no more, whatever is done to it', () => {
    const id = fc.integer({ min: 0, max: 30 }).map(String);
    const deed = fc.oneof(
      fc.tuple(fc.constant('set' as const), id, id),
      fc.tuple(fc.constant('session' as const), id, id),
      fc.tuple(fc.constant('user' as const), id, id),
    );
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 200 }), (deeds) => {
        const cache = new PrincipalCache({ maxEntries: 8 });
        for (const [what, one, other] of deeds) {
          if (what === 'set')
            cache.set(`${one}.${other}`, principal(2000, `u${one}`, `s${other}`), { now: 1000 });
          if (what === 'session') cache.forgetSession(`s${one}`);
          if (what === 'user') cache.forgetUser(`u${one}`, `s${other}`);
          if (what === 'session') expect(cache.get(`${other}.${one}`, 1000)).toBeUndefined();
          expect(cache.size).toBeLessThanOrEqual(8);
          expect(cache.indexed).toBeLessThanOrEqual(2 * cache.size);
        }
      }),
    );
  });
});
