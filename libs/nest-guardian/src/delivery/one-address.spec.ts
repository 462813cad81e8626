import { expect, it } from '@jest/globals';
import { isOneAddress } from './one-address.js';

it.each(['ann@example.com', 'a+tag@example.com', "o'hara@example.com", 'jürgen@bücher.example'])(
  '%s is one address',
  (address) => expect(isOneAddress(address)).toBe(true),
);

it.each([
  'attacker@e.test,victim@x.com',
  'victim@x.com;other@x.com',
  '"a@b"@c',
  '<a@b>',
  'Ann <a@b.example>',
  'a(comment)@b.example',
  'group:a@b.example;',
  'a@b@c',
  'a b@c.example',
  'a@b.example\r\nBcc: c@d.example',
  'a@b.example\u0000',
  'a＠b@c.example',
  'a，d@c.example',
  '@c.example',
  'a@',
  'a',
  '',
  `${'a'.repeat(310)}@example.com`,
])('P-09: %j is not one address', (address) => expect(isOneAddress(address)).toBe(false));
