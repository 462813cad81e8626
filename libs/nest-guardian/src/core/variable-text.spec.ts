import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { parseDuration } from './duration.js';
import { choice, duration, flag, integer, opposite, text, texts } from './option.js';
import { colonListOf, durationOf, flagOf, listOf, numberOf } from './variable-text.js';

describe('the text of a variable', () => {
  it.each(['1', 't', 'T', 'true', 'TRUE', 'True'])('says yes as %s', (said) =>
    expect(flagOf(said)).toBe(true),
  );
  it.each(['0', 'f', 'F', 'false', 'FALSE', 'False'])('says no as %s', (said) =>
    expect(flagOf(said)).toBe(false),
  );
  it.each(['yes', 'on', 'tRUE', ' true', ''])('says neither yes nor no as %j', (said) =>
    expect(flagOf(said)).toBe(said),
  );

  it.each([
    ['0', 0],
    ['3600', 3_600_000],
    ['0.5', 500],
    ['24h0m0s', 86_400_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['200ms', 200],
    ['1500us', 2],
    ['2m0.5s', 120_500],
    ['720h', 2_592_000_000],
    ['30d', 2_592_000_000],
  ])('is a span of time as %s', (said, milliseconds) => {
    expect(parseDuration(durationOf(said))).toBe(milliseconds);
    expect(duration('1s').read(durationOf(said))).toEqual({ value: milliseconds });
  });

  it.each(['soon', '-5', '-1h', '1h-5m', '5 m', '1y', 'h', '', '1e3', 'Infinity'])(
    'is no span of time as %j',
    (said) => expect(duration('1s').read(durationOf(said))).toHaveProperty('mustBe'),
  );

  it('counts any whole number of seconds', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (seconds) => {
        expect(parseDuration(durationOf(String(seconds)))).toBe(seconds * 1_000);
        expect(parseDuration(durationOf(`${seconds}s`))).toBe(seconds * 1_000);
      }),
    ));

  it('is a list between commas, without blanks and empty items', () => {
    expect(listOf('a, b ,,c')).toEqual(['a', 'b', 'c']);
    expect(listOf('')).toEqual([]);
  });

  it('is a list between colons, where a backslash makes a colon an item’s own', () => {
    expect(colonListOf('abc:ABC:0123')).toEqual(['abc', 'ABC', '0123']);
    expect(colonListOf(String.raw`abc:!@\:#,`)).toEqual(['abc', '!@:#,']);
  });

  it('is a number, or stays what it is', () => {
    expect(numberOf('-12')).toBe(-12);
    expect(numberOf('0.25')).toBe(0.25);
    for (const said of ['1e3', '0x10', '', ' 1', 'NaN']) expect(numberOf(said)).toBe(said);
  });
});

describe('an option', () => {
  const read = (
    option: { fromText?: (said: string) => unknown; read: (value: unknown) => unknown },
    said: string,
  ) => option.read(option.fromText?.(said));

  it('of every kind reads its variable', () => {
    expect(read(flag(false), 'true')).toEqual({ value: true });
    expect(read(integer(1, { min: 0, max: 9 }), '7')).toEqual({ value: 7 });
    expect(read(text(''), 'a,b')).toEqual({ value: 'a,b' });
    expect(read(texts([]), 'a,b')).toEqual({ value: ['a', 'b'] });
    expect(read(choice(['one', 'two'], 'one'), 'two')).toEqual({ value: 'two' });
    expect(read(choice([1, 2], 1), '2')).toEqual({ value: 2 });
    expect(read(duration('1s'), '2m')).toEqual({ value: 120_000 });
  });

  it('of every kind but text refuses what it cannot read', () => {
    const options = [flag(false), integer(1, { min: 0, max: 9 }), choice(['one'], 'one'), duration('1s')];
    for (const option of options) expect(read(option, 'perhaps')).toHaveProperty('mustBe');
  });

  it('may be the opposite of its variable, and is as strict then', () => {
    const allowed = opposite(flag(true, 'FORBIDDEN'));
    expect(allowed).toMatchObject({ default: true, env: 'FORBIDDEN', isOpposite: true });
    expect(read(allowed, 'true')).toEqual({ value: false });
    expect(read(allowed, '0')).toEqual({ value: true });
    expect(read(allowed, 'perhaps')).toEqual({ mustBe: 'true or false' });
  });
});
