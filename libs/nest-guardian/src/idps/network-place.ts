import { BlockList, isIP } from 'node:net';

/** Where an address is, as seen from outside. Nobody but the operator sends us anywhere else than to `public`. */
export type NetworkPlace = 'public' | 'loopback' | 'private' | 'linkLocal' | 'reserved';

/** Most particular first; RFC 6890 and the registries that it began. */
const ranges: readonly (readonly [Exclude<NetworkPlace, 'public'>, readonly string[]])[] = [
  ['loopback', ['127.0.0.0/8', '::1/128']],
  // Among them the address at which clouds tell a machine its own credentials.
  ['linkLocal', ['169.254.0.0/16', 'fe80::/10']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']],
  [
    'reserved',
    [
      '0.0.0.0/8',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '224.0.0.0/3',
      '::/128',
      '64:ff9b:1::/48',
      '100::/64',
      '2001::/23',
      '2001:db8::/32',
      '2002::/16',
      '3fff::/20',
      '5f00::/16',
      'fec0::/10',
      'ff00::/8',
    ],
  ],
];

const lists = ranges.map(([place, subnets]) => {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return { place, list };
});

/** Where this IP address is. An IPv4 address that is written as an IPv6 one is where it is as an IPv4 one. */
export function placeOf(address: string): NetworkPlace {
  const plain = embeddedIpv4(address) ?? address;
  const family = isIP(plain);
  if (family === 0) return 'reserved';
  const type = family === 6 ? 'ipv6' : 'ipv4';
  return lists.find(({ list }) => list.check(plain, type))?.place ?? 'public';
}

/** IPv4-mapped, IPv4-compatible, and NAT64 (RFC 6052 section 2.1). */
function embeddedIpv4(address: string): string | null {
  if (isIP(address) !== 6) return null;
  // The URL parser writes every spelling of an IPv6 address in one way.
  const written = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  const found = /^(?:::|::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written);
  if (found === null) return null;
  const [high = 0, low = 0] = found.slice(1).map((part) => Number.parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
