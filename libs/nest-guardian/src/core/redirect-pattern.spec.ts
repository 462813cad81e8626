import { describe, expect, it } from '@jest/globals';
import { allowsAnyHost, fitsPattern, isPatternMistake, readRedirectPattern } from './redirect-pattern.js';

describe('a pattern of allowed redirects', () => {
  it.each([
    '*',
    '**',
    ' ** ',
    '*://*',
    'http*://**',
    'http?://**',
    'http[s]://**',
    'https://?**',
    'https://*',
    'https://**',
    'https://*/callback',
    'https://**/**',
    'https://*.*',
    'https://*.com',
    'https://**.com/**',
    'https://*:3000/**',
    'https://example.*/**',
    'https://example.com**',
    'https://you@*/',
    'https://app?example.com/**',
    'https://example.[co]m/',
  ])('%s lets any host through', (pattern) => expect(allowsAnyHost(pattern)).toBe(true));

  it.each([
    'https://example.com',
    'https://example.com/**',
    'https://*.example.com/**',
    'https://*-preview.example.com/**',
    'https://**.example.co.uk/*',
    'https://example.{com,org}/**',
    'http://localhost:3000/**',
    'http://localhost:*/**',
    'http*://localhost:3000',
    'http://127.0.0.1:*/callback',
    'http://[::1]:3000/**',
    'com.example.app://**',
    'exp://*',
    '',
  ])('%j does not', (pattern) => expect(allowsAnyHost(pattern)).toBe(false));
});

const fits = (pattern: string, address: string): boolean => {
  const read = readRedirectPattern(pattern);
  if (isPatternMistake(read)) throw new Error(read.reason);
  return read.some((one) => fitsPattern(new URL(address), one));
};

describe('what a pattern stands for', () => {
  it.each([
    ['https://example.com', 'https://example.com', true],
    ['https://example.com', 'https://example.com/', true],
    ['https://example.com', 'https://example.com/a', false],
    ['https://example.com/*', 'https://example.com/a', true],
    ['https://example.com/*', 'https://example.com/a/b', false],
    ['https://example.com/*', 'https://example.com/a.b', false],
    ['https://example.com/**', 'https://example.com/a/b.c', true],
    ['https://example.com/**', 'https://example.com/a;b', false],
    ['https://example.com/**', 'https://example.com/a?b', false],
    ['https://example.com/a?c', 'https://example.com/abc', true],
    ['https://example.com/a?c', 'https://example.com/a?c', true],
    ['https://example.com/a\\?c', 'https://example.com/abc', false],
    ['https://example.com/a\\?c=*', 'https://example.com/a?c=d', true],
    ['https://example.com/**?**', 'https://example.com/a/b?c=/d.e', true],
    ['https://example.com/#/in', 'https://example.com/#/in', true],
    ['https://example.com/#/in', 'https://example.com/', false],
    ['https://example.com/[a-c][!x]', 'https://example.com/by', true],
    ['https://example.com/[a-c][!x]', 'https://example.com/bx', false],
    ['https://example.com/[a-c][!x]', 'https://example.com/b/', false],
    ['https://example.com/\\*', 'https://example.com/*', true],
    ['https://example.com/\\*', 'https://example.com/a', false],
    ['https://example.{com,org}/{a,b}', 'https://example.org/a', true],
    ['https://example.{com,org}/{a,b}', 'https://example.net/a', false],
    ['https://*.example.com/', 'https://a.b.example.com/', false],
    ['https://**.example.com/', 'https://a.b.example.com/', true],
    ['https://Example.com/', 'https://example.com/', true],
    ['https://example.com:443/', 'https://example.com/', true],
    ['https://example.com:8443/', 'https://example.com:8443/', true],
    ['https://example.com/', 'https://example.com:8443/', false],
    ['https://example.com:*/', 'https://example.com:8443/', true],
    ['http://localhost/cb', 'http://localhost:5173/cb', true],
    ['http://localhost:3000/cb', 'http://localhost:5173/cb', false],
    ['http://[::1]:3000/**', 'http://[::1]:3000/a', true],
    ['http*://localhost:3000', 'https://localhost:3000', true],
    ['*://localhost:3000', 'ftp://localhost:3000', false],
    ['com.example.app://**', 'com.example.app://login/callback', true],
    ['com.example.app://*', 'com.example.app://login', true],
    ['com.example.app://*', 'com.example.app://login/callback', false],
    ['com.example.app:/oauth', 'com.example.app:/oauth', true],
    ['exp://*', 'exp://localhost:8081', true],
  ])('%s fits %s: %s', (pattern, address, is) => expect(fits(pattern, address)).toBe(is));

  it.each([
    'example.com/**',
    '/relative',
    'https://',
    'https:example.com',
    'https://you@example.com/',
    'https://münchen.example/',
    'https://example.com/ a',
    'https://example.com/{a,b',
    'https://example.com/[a',
    'https://example.com/]',
    'https://example.com/\\',
    'javascript://example.com/**',
    'DATA:*',
    'my_app://callback',
    `https://example.com/${'{a,b}'.repeat(9)}`,
  ])('%j cannot be read', (pattern) =>
    expect(readRedirectPattern(pattern)).toMatchObject({ reason: 'cannot be read' }),
  );

  it('is found out in time that grows with length alone, whatever stands in it', () => {
    const pattern = `https://example.com/${'**a'.repeat(30)}`;
    const started = performance.now();
    expect(fits(pattern, `https://example.com/${'a'.repeat(2_000)}b`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
