import { describe, expect, it } from '@jest/globals';
import { allowsAnyHost } from './redirect-pattern.js';

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
