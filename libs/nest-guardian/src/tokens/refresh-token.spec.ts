import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  issueRefreshToken,
  newHmacKey,
  newRefreshTokenV1,
  parseRefreshToken,
  verifyRefreshTokenMac,
  type RefreshTokenV2,
} from './refresh-token.js';

const uuid = fc.uuid({ version: [1, 2, 3, 4, 5, 6, 7, 8] });
const counter = fc.maxSafeNat();
const hmacKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((key) => Buffer.from(key).toString('base64url'));
const parts = fc.record({ sessionId: uuid, counter, hmacKey });

const parseV2 = (token: string): RefreshTokenV2 => {
  const parsed = parseRefreshToken(token);
  if (parsed?.kind !== 'v2') throw new Error('No v2 token');
  return parsed;
};

// Written by a Go program after GoTrue's layout: key 01 02 .. 20, this session.
const sessionId = '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516';
const goKey = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const written: [number, string][] = [
  [0, 'AD8qHE5bbUeImgvB0uP0BRYACgXCkfRUHNgkcT8OzyvCT_5-Ap0'],
  [1, 'AD8qHE5bbUeImgvB0uP0BRYBcjhG5EnFTgKn0Je70_E2I37Jpm4'],
  [127, 'AD8qHE5bbUeImgvB0uP0BRZ_dYcIRWfZVuaaFKLPEfcjQot7DR0'],
  [128, 'AD8qHE5bbUeImgvB0uP0BRaAAZKIzCm7KD5zTKt6DHrq9E4APRXi'],
  [300, 'AD8qHE5bbUeImgvB0uP0BRasApYpLZI31SuwpkSyRuFLqrb7VTNS'],
  [Number.MAX_SAFE_INTEGER, 'AD8qHE5bbUeImgvB0uP0BRb_________D6Kn5hlNjBBKfV7nEILCvnmNKwr4'],
];

describe('a refresh token of the second kind', () => {
  it.each(written)('with counter %d is written as GoTrue writes it, and read', (count, token) => {
    expect(issueRefreshToken({ sessionId, counter: count, hmacKey: goKey })).toBe(token);
    const parsed = parseV2(token);
    expect(parsed).toMatchObject({ sessionId, counter: count });
    expect(verifyRefreshTokenMac(parsed, goKey)).toBe(true);
  });

  it('comes back as it was issued, and only its own key knows it', () => {
    fc.assert(
      fc.property(parts, hmacKey, (given, other) => {
        const parsed = parseV2(issueRefreshToken(given));
        expect(parsed).toMatchObject({ sessionId: given.sessionId, counter: given.counter });
        expect(verifyRefreshTokenMac(parsed, given.hmacKey)).toBe(true);
        expect(verifyRefreshTokenMac(parsed, other)).toBe(other === given.hmacKey);
      }),
    );
  });

  it('F-07 with any bit flipped is malformed, which no store need be asked', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (given, at) => {
        const bytes = Buffer.from(issueRefreshToken(given), 'base64url');
        const bit = at % (bytes.length * 8);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(parseRefreshToken(bytes.toString('base64url'))).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('with its parts altered and the checksum made to fit does not verify', () => {
    fc.assert(
      fc.property(parts, parts, (given, other) => {
        fc.pre(given.hmacKey !== other.hmacKey);
        const forged = parseV2(issueRefreshToken({ ...given, hmacKey: other.hmacKey }));
        expect(verifyRefreshTokenMac(forged, given.hmacKey)).toBe(false);
      }),
    );
  });

  it('has one spelling', () => {
    for (const [, token] of written) {
      for (const odd of [`${token}=`, ` ${token}`, `${token}\n`, token.slice(0, -1), `${token}A`]) {
        expect(parseRefreshToken(odd)).toBeNull();
      }
      expect(parseRefreshToken(token.replaceAll('_', '/') + (token.includes('_') ? '' : '.'))).toBeNull();
    }
  });

  it('of another version, or with a counter spelt longer, is malformed though its checksum is right', () => {
    const id = Buffer.from(sessionId.replaceAll('-', ''), 'hex');
    const forge = (version: number, ...counterBytes: number[]): string => {
      const checked = Buffer.concat([
        Buffer.from([version]),
        id,
        Buffer.from(counterBytes),
        Buffer.alloc(16),
      ]);
      const checksum = createHash('sha256').update(checked).digest().subarray(0, 4);
      return Buffer.concat([checked, checksum]).toString('base64url');
    };
    expect(parseV2(forge(0, 1)).counter).toBe(1);
    for (const odd of [
      forge(1, 1),
      forge(2, 1),
      forge(0),
      forge(0, 0x81, 0),
      forge(0, 0x81),
      forge(0, 1, 1),
    ]) {
      expect(parseRefreshToken(odd)).toBeNull();
    }
    const tooLarge = Array.from({ length: 7 }, () => 0xff);
    expect(parseRefreshToken(forge(0, ...tooLarge, 0x7f))).toBeNull();
  });

  it('a counter that is none is a mistake of ours', () => {
    for (const count of [-1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => issueRefreshToken({ sessionId, counter: count, hmacKey: goKey })).toThrow(TypeError);
    }
    expect(() => issueRefreshToken({ sessionId: 'x', counter: 0, hmacKey: goKey })).toThrow(TypeError);
    expect(() => issueRefreshToken({ sessionId, counter: 0, hmacKey: 'short' })).toThrow(TypeError);
  });
});

describe('what is presented as a refresh token', () => {
  it('F-07 is read or malformed, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.anything()), (text) => {
        const parsed = parseRefreshToken(text as string);
        if (parsed?.kind === 'v1') expect(text).toMatch(/^[a-z0-9]{12}$/);
        else expect(parsed).toBeNull();
      }),
      { numRuns: 2000 },
    );
    const odd = [
      "' OR 1=1--",
      'a'.repeat(1_000_000),
      '\u0000',
      'ABCDEFGHIJKL',
      'abcdefghijk',
      'abcdefghijkl\n',
      'eyJhbGciOi.e.s',
    ];
    for (const text of odd) expect(parseRefreshToken(text)).toBeNull();
  });

  it('a v1 token is twelve letters and digits of base32, and never the same', () => {
    const tokens = Array.from({ length: 500 }, newRefreshTokenV1);
    for (const token of tokens) {
      expect(token).toMatch(/^[a-z2-7]{12}$/);
      expect(parseRefreshToken(token)).toEqual({ kind: 'v1', token });
    }
    expect(new Set(tokens).size).toBe(500);
    expect(new Set(tokens.join('')).size).toBe(32);
  });

  it('a key is 32 random bytes', () => {
    expect(Buffer.from(newHmacKey(), 'base64url')).toHaveLength(32);
    expect(newHmacKey()).not.toBe(newHmacKey());
  });
});
