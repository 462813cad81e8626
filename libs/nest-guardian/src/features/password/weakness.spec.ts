import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { AuthError } from '../../core/auth-error.js';
import { readOptions } from '../../core/option.js';
import { isCommonPassword } from './common-passwords.js';
import { packedCommonPasswords } from './common-passwords.printed.js';
import { passwordOptions } from './password.options.js';
import { requireAcceptablePassword } from './require-acceptable-password.js';
import { weaknessOf } from './weakness.js';

const settingsWith = (given: object = {}) =>
  readOptions(passwordOptions, given, { path: 'password', mistakes: [] });
const strict = settingsWith();
const reasonsOf = (password: string, given: object = {}, email: string | null = null) =>
  weaknessOf(password, email, settingsWith(given))?.reasons ?? [];

function refusalOf(password: string, settings = strict): AuthError | null {
  try {
    requireAcceptablePassword(password, null, settings);
    return null;
  } catch (error) {
    return error as AuthError;
  }
}

describe('length', () => {
  it.each([
    ['7 letters', 'kqvzjxw', ['length']],
    ['8 letters', 'kqvzjxwm', []],
    ['64 letters', 'kqvzjxwm'.repeat(8), []],
    ['72 and 73 and 128 letters', 'kqvzjxwm'.repeat(16), []],
    ['7 code points of four bytes', '🐴🔋🐎🪫🧲🎠🐖', ['length']],
    ['8 code points of four bytes', '🐴🔋🐎🪫🧲🎠🐖🐑', []],
  ])('A-20 counts code points: %s', (_, password, reasons) => expect(reasonsOf(password)).toEqual(reasons));

  it.each([
    [14, 'kqvzjxwmkqvzj', ['length']],
    [14, 'kqvzjxwmkqvzjx', []],
    [15, 'kqvzjxwmkqvzjx', ['length']],
  ])('A-20 begins where it is configured: %d', (minLength, password, reasons) =>
    expect(reasonsOf(password, { minLength })).toEqual(reasons),
  );

  it('A-20 takes 1024 bytes and refuses more at once, before anything is computed', () => {
    expect(refusalOf('é'.repeat(512))).toBeNull();
    expect(refusalOf(`${'é'.repeat(512)}x`)).toMatchObject({ code: 'validation_failed', status: 400 });
    const asked: PropertyKey[] = [];
    const watched = new Proxy(strict, {
      get: (settings, name) => (asked.push(name), Reflect.get(settings, name)),
    });
    const refusal = refusalOf('x'.repeat(1_000_000), watched);
    expect(refusal?.message).toBe('Password cannot be longer than 1024 characters');
    expect(new Set(asked)).toEqual(new Set(['maxBytes']));
  });

  it('A-21 never shortens: 73 bytes are taken whole or, where 72 are the most, refused', () => {
    const long = 'kqvzjxwm'.repeat(9);
    expect(requireAcceptablePassword(`${long}x`, null, strict)).toBe(`${long}x`);
    const most72 = settingsWith({ maxBytes: 72 });
    expect(refusalOf(long, most72)).toBeNull();
    expect(refusalOf(`${long}x`, most72)?.message).toBe('Password cannot be longer than 72 characters');
    expect(refusalOf(`${long.slice(1)}é`, most72)?.code).toBe('validation_failed');
  });

  it('A-22 takes a password as it is, and refuses one that cannot be told apart', () => {
    for (const password of [' kqvzjxwm', 'kqvzjxwm ', 'pa\u0308sswort-x', 'p\u00e4sswort-x'])
      expect(requireAcceptablePassword(password, null, strict)).toBe(password);
    expect(refusalOf('abcdefgh\0ijk')?.code).toBe('validation_failed');
    expect(refusalOf('abcdefgh\ud800')?.code).toBe('validation_failed');
  });
});

describe('required characters', () => {
  const sets = { requiredCharacters: ['abcdefghijklmnopqrstuvwxyz', '0123456789', '!:é'] };

  it('are needed of each set, and a password that lacks one is told all of them', () => {
    expect(reasonsOf('kqvzjxw1!', sets)).toEqual([]);
    expect(reasonsOf('kqvzjxw1é', sets)).toEqual([]);
    expect(weaknessOf('kqvzjxw1', null, settingsWith(sets))).toEqual({
      message:
        'Password should contain at least one character of each: abcdefghijklmnopqrstuvwxyz, 0123456789, !:é.',
      reasons: ['characters'],
    });
  });

  it('are told together with every other reason', () => {
    const { message, reasons } = weaknessOf('12345', null, settingsWith(sets)) ?? {};
    expect(reasons).toEqual(['length', 'characters']);
    expect(message).toMatch(/^Password should be at least 8 characters\. Password should contain at least/);
  });

  it('are written in the environment between colons, with a backslash before one that is meant', () => {
    const read = passwordOptions.requiredCharacters.fromText;
    expect(read('abc:0123')).toEqual(['abc', '0123']);
    expect(read(String.raw`abc:!\:?:012`)).toEqual(['abc', '!:?', '012']);
    expect(read('')).toEqual([]);
  });
});

describe('common passwords', () => {
  it('A-23 are refused with a reason, in whatever case', () => {
    for (const password of ['password', 'Password1', 'QWERTYUIOP', '12345678', 'iloveyou', 'p@ssw0rd']) {
      expect(weaknessOf(password, null, strict)).toEqual({
        message: 'Password is known to be weak and easy to guess, please choose a different one.',
        reasons: ['pwned'],
      });
    }
    expect(reasonsOf('correct horse 9 battery')).toEqual([]);
  });

  it('are the three thousand most common of those that are long enough, and take little room', () => {
    const packed = Buffer.from(packedCommonPasswords, 'base64');
    const words = brotliDecompressSync(packed).toString().split('\n');
    for (const least of [6, 7, 8])
      expect(words.filter((word) => word.length >= least).length).toBeGreaterThanOrEqual(3000);
    expect(words.every(isCommonPassword)).toBe(true);
    expect(packedCommonPasswords.length).toBeLessThan(30_000);
    expect(isCommonPassword('123456')).toBe(true);
    expect(isCommonPassword('dragon')).toBe(true);
    expect(isCommonPassword('')).toBe(false);
  });

  it('are taken where the application says so', () =>
    expect(reasonsOf('password1', { refuseCommon: false })).toEqual([]));
});

describe('passwords that say who somebody is', () => {
  it.each([
    'Ann.Smithson@Example.com',
    'ann.smithson',
    'ANN.SMITHSON',
    'ann.smithson2026!',
    'ann.smithson@example.com1',
  ])('A-24 %s is refused of ann.smithson@example.com', (password) =>
    expect(reasonsOf(password, {}, 'ann.smithson@example.com')).toEqual(['pwned']),
  );

  it('A-24 a name of the product is refused, with digits and signs behind it too', () => {
    const given = { contextWords: ['Nest-Guardian'] };
    expect(reasonsOf('nest-guardian', given)).toEqual(['pwned']);
    expect(reasonsOf('NEST-GUARDIAN_123', given)).toEqual(['pwned']);
    expect(reasonsOf('nest-guardian horse', given)).toEqual([]);
    expect(reasonsOf('nest-guardian')).toEqual([]);
  });

  it('A-24 digits and signs alone are nobody’s name', () => {
    expect(reasonsOf('83920174655', {}, '4711@example.com')).toEqual([]);
    expect(reasonsOf('83920174655', {}, null)).toEqual([]);
  });
});
