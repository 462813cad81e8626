import type { KeyObject } from 'node:crypto';

const minRsaBits = 2048;
const maxRsaBits = 8192;
const minRsaExponent = 65_537n;

/** What is wrong with a public key whose type and curve are right; null if nothing is. */
export function weaknessOf(key: KeyObject): string | null {
  if (key.asymmetricKeyType === 'rsa') return weaknessOfRsa(key);
  if (key.asymmetricKeyType === 'ed25519' && isSmallOrder(key))
    return 'is a point of small order, under which anyone can sign';
  return null;
}

function weaknessOfRsa(key: KeyObject): string | null {
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < minRsaBits) return `has ${modulusLength} bits, fewer than ${minRsaBits}`;
  if (modulusLength > maxRsaBits) return `has ${modulusLength} bits, more than ${maxRsaBits}`;
  if (publicExponent < minRsaExponent || publicExponent % 2n === 0n)
    return 'has a public exponent that is even or below 65537';
  return isRoca(key) ? 'was made by a generator whose keys can be factored (ROCA)' : null;
}

const smallPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/** CVE-2017-15361: such a modulus is a power of 65537 modulo every small prime. */
function isRoca(key: KeyObject): boolean {
  const { n = '' } = key.export({ format: 'jwk' });
  const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
  return smallPrimes.every((prime) => powersOf65537(prime).has(Number(modulus % BigInt(prime))));
}

function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power);
  return powers;
}

// The y coordinates of the points of order 1, 2, 4 and 8, little endian, with their two non-canonical spellings.
const smallOrderPoints: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isSmallOrder(key: KeyObject): boolean {
  const point = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  // The top bit is the sign of x and says nothing about the order.
  point.writeUInt8(point.readUInt8(31) & 0x7f, 31);
  return smallOrderPoints.has(point.toString('hex'));
}
