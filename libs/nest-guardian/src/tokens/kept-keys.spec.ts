import { describe, expect, it } from '@jest/globals';
import { isSignedBy, signBytes } from './algorithms.js';
import { KeyRing } from './key-ring.js';
import {
  importKept,
  type KeptKey,
  makeJwk,
  outlived,
  rotation,
  verifyingTime,
  withRoles,
} from './kept-keys.js';

const start = new Date('2026-01-01T00:00:00Z');
const later = (milliseconds: number): Date => new Date(start.getTime() + milliseconds);
const minutes = 60_000;
const day = 86_400_000;

/** Rotates at these times, one after the other. */
function rotated(...times: readonly Date[]): KeptKey[] {
  return times.reduce<KeptKey[]>((keys, now) => {
    const { add, remove = [] } = rotation(keys, now);
    return [...keys.filter(({ kid }) => !remove.includes(kid)), add as KeptKey];
  }, []);
}

const rolesAt = (keys: readonly KeptKey[], now: Date): string[] =>
  withRoles(keys, now).map(({ role }) => role);

describe('a new key', () => {
  it.each(['ES256', 'ES512', 'EdDSA', 'RS256', 'RS512'] as const)(
    'for %s is one that the options take, and signs what it verifies',
    (algorithm) => {
      const jwk = makeJwk(algorithm);
      const mistakes: never[] = [];
      expect(KeyRing.from({ keys: [jwk] }, 'tokens', mistakes).signing).toMatchObject({
        algorithm,
        kid: jwk.kid,
      });
      expect(mistakes).toEqual([]);
      const key = importKept({ kid: jwk.kid as string, jwk });
      expect(isSignedBy(key, 'text', signBytes(algorithm, key.signing!, 'text'))).toBe(true);
    },
  );

  it('is unlike any other', () => expect(makeJwk('EdDSA').x).not.toBe(makeJwk('EdDSA').x));
});

describe('kept keys', () => {
  it('begin with one that signs at once', () => {
    expect(rolesAt(rotated(start), start)).toEqual(['current']);
  });

  it('are published for a quarter of an hour before they sign, to the millisecond', () => {
    const keys = rotated(start, later(day));
    expect(rolesAt(keys, later(day + 15 * minutes - 1))).toEqual(['standby', 'current']);
    expect(rolesAt(keys, later(day + 15 * minutes))).toEqual(['current', 'previous']);
  });

  it('take the algorithm of the key before, unless told otherwise', () => {
    const { add: first } = rotation([], start, 'EdDSA');
    expect(first?.algorithm).toBe('EdDSA');
    expect(rotation([first!], later(day)).add?.algorithm).toBe('EdDSA');
    expect(rotation([first!], later(day), 'RS256').add?.algorithm).toBe('RS256');
    expect(rotation([], start).add?.algorithm).toBe('ES256');
  });

  it('are not rotated while one stands by', () => {
    const keys = rotated(start, later(day));
    expect(() => rotation(keys, later(day + minutes))).toThrow(
      /^The key \S+ stands by already and signs from 2026-01-02/,
    );
    expect(() => rotation(keys, later(day + 15 * minutes))).not.toThrow();
  });

  it('verify for thirty days after the next one took over, and the rotation after that removes them', () => {
    const [first, second] = rotated(start, later(day));
    const keys = [first!, second!];
    const takeover = day + 15 * minutes;
    expect(outlived(keys, later(takeover + verifyingTime - 1))).toEqual([]);
    expect(outlived(keys, later(takeover + verifyingTime))).toEqual([first!.kid]);
    expect(rotation(keys, later(takeover + verifyingTime)).remove).toEqual([first!.kid]);
  });

  it('never lose the one that signs, however old', () => {
    expect(outlived(rotated(start), later(1000 * day))).toEqual([]);
  });

  it('that cannot be used are named by their id, and no part of them is told', () => {
    const jwk = { kty: 'EC', kid: 'k1', crv: 'P-256', x: 'AA', y: 'AA', d: 'hunter2' };
    expect(() => importKept({ kid: 'k1', jwk })).toThrow(
      /^The signing key k1 of auth.guardian_signing_keys /,
    );
    expect(() => importKept({ kid: 'k1', jwk })).not.toThrow(/hunter2/);
  });
});
