import { describe, expect, it } from '@jest/globals';
import { type NetworkPlace, placeOf } from './network-place.js';

const table: readonly (readonly [NetworkPlace, readonly string[]])[] = [
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1']],
  [
    'linkLocal',
    ['169.254.169.254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', 'fe80::1', 'fe80::1%eth0'],
  ],
  [
    'private',
    ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fd00::1', 'fc00::1'],
  ],
  ['private', ['::ffff:10.0.0.1', '::ffff:0a00:0001', '64:ff9b::10.0.0.1']],
  ['reserved', ['0.0.0.0', '224.0.0.1', '255.255.255.255', '::', 'ff02::1', '2002:7f00:1::', 'nonsense', '']],
  ['public', ['1.1.1.1', '172.32.0.1', '100.128.0.1', '11.0.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1']],
];

describe('O-12: an address', () => {
  it.each(table.flatMap(([place, addresses]) => addresses.map((address) => [address, place])))(
    '%j is %s',
    (address, place) => expect(placeOf(address)).toBe(place),
  );
});
