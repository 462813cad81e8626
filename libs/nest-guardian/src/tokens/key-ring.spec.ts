import { createHash, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { OptionMistake } from '../core/option.js';
import { KeyRing, type GivenKeys } from './key-ring.js';
import type { JwkGiven } from './token-key.js';

const secret = 'kR8vT2nLq9ZxY4wBs7JmC1hPfE6dUa3G';
const jwk = (key: KeyObject, members: object = {}): JwkGiven => ({
  ...(key.export({ format: 'jwk' }) as JsonWebKey & { kty: string }),
  kid: 'k',
  ...members,
});
const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const p256 = curve('P-256');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const mistakesOf = (given: GivenKeys): string[] => {
  const mistakes: OptionMistake[] = [];
  KeyRing.from(given, 'tokens', mistakes);
  for (const { remedy } of mistakes) expect(remedy).not.toBe('');
  if (typeof given.secret === 'string' && given.secret.length > 10) {
    expect(JSON.stringify(mistakes)).not.toContain(given.secret);
  }
  return mistakes.map(({ path, reason }) => `${path} ${reason}`);
};
const mistakeOfKey = (key: unknown): string | undefined => {
  const [mistake] = mistakesOf({ secret, keys: [key as JwkGiven] });
  return mistake?.replace('tokens.keys[0] ', '');
};

describe('a shared secret', () => {
  it('of 32 bytes or more signs', () => {
    expect(mistakesOf({ secret })).toEqual([]);
    expect(KeyRing.from({ secret }, 'tokens', []).signing?.algorithm).toBe('HS256');
  });

  it.each(['', 'x', 'secret', 'changeme', secret.slice(1)])('J-32 %j is too short', (short) => {
    expect(mistakesOf({ secret: short })).toEqual(['tokens.secret is shorter than 32 bytes']);
  });

  it('J-32 the samples of the documentation are refused', () => {
    for (const prefix of ['', 'your-']) {
      const sample = `${prefix}super-secret-jwt-token-with-at-least-32-characters-long`;
      expect(mistakesOf({ secret: sample })).toEqual(['tokens.secret is a sample that everybody knows']);
      expect(mistakesOf({ secret: `${sample}\n` })).toEqual([
        'tokens.secret is a sample that everybody knows',
      ]);
    }
  });

  it('J-07 a key, in whatever form, is not a secret', () => {
    for (const key of [p256.publicKey, rsa.publicKey]) {
      const pem = key.export({ type: 'spki', format: 'pem' }).toString();
      const der = key.export({ type: 'spki', format: 'der' });
      const forms = [pem, `\n ${pem}`, `\ufeff${pem}`, pem.replaceAll('\n', '\r\n'), der.toString('base64')];
      for (const form of [
        ...forms,
        der.toString('base64url'),
        JSON.stringify(key.export({ format: 'jwk' })),
      ]) {
        expect(mistakesOf({ secret: form })).toEqual(['tokens.secret is a key, not a secret']);
      }
    }
    const pkcs1 = rsa.publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64');
    expect(mistakesOf({ secret: pkcs1 })).toEqual(['tokens.secret is a key, not a secret']);
  });

  it('J-09 without any key nothing starts', () => {
    expect(mistakesOf({})).toEqual(['tokens no key signs']);
    expect(mistakesOf({ keys: [] })).toEqual(['tokens.keys no key signs']);
    expect(mistakesOf({ keys: [jwk(p256.publicKey)] })).toEqual(['tokens.keys no key signs']);
  });
});

describe('keys', () => {
  it('exactly one signs, and it goes before the secret', () => {
    const verifyOnly = jwk(rsa.privateKey, { kid: 'old', key_ops: ['verify'] });
    const mistakes: OptionMistake[] = [];
    const ring = KeyRing.from({ secret, keys: [verifyOnly, jwk(p256.privateKey)] }, 'tokens', mistakes);
    expect(mistakes).toEqual([]);
    expect(ring.signing).toMatchObject({ kid: 'k', algorithm: 'ES256' });
    expect(ring.verification.keys.map(({ signing }) => signing !== null)).toEqual([false, true, true]);
    expect(mistakesOf({ keys: [jwk(p256.privateKey), jwk(rsa.privateKey, { kid: 'r' })] })).toEqual([
      'tokens.keys several keys sign: k, r',
    ]);
  });

  it('are read as PEM too', () => {
    const pem = p256.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(mistakesOf({ keys: [{ pem, kid: 'k' }] })).toEqual([]);
    const encrypted = p256.privateKey.export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    expect(mistakeOfKey({ pem: encrypted, kid: 'k' })).toBe('cannot be read as a key');
  });

  it.each([
    ['RS256', rsa.privateKey],
    ['RS512', rsa.privateKey],
    ['ES256', p256.privateKey],
    ['ES512', curve('P-521').privateKey],
    ['EdDSA', generateKeyPairSync('ed25519').privateKey],
  ])('%s is understood', (alg, key) => expect(mistakesOf({ keys: [jwk(key, { alg })] })).toEqual([]));

  it('J-18 a kid stands for one key', () => {
    const twice = [jwk(p256.privateKey), jwk(curve('P-256').publicKey)];
    expect(mistakesOf({ keys: twice })).toEqual(['tokens.keys several keys have the kid k']);
    expect(KeyRing.from({ keys: twice }, 'tokens', []).verification.find('ES256', 'k')).toBeNull();
    const lenient = KeyRing.from({ secret, keys: twice, hs256FallbackForUnknownKid: true }, 'tokens', []);
    expect(lenient.verification.find('HS256', 'k')).toBeNull();
    expect(mistakesOf({ secret, secretKeyId: 'k', keys: [jwk(p256.privateKey)] })).toEqual([
      'tokens.keys several keys have the kid k',
    ]);
  });

  it('J-15 a key needs a readable kid', () => {
    for (const kid of [undefined, '', 'a b', 'a\n', 'k'.repeat(129), 7]) {
      expect(mistakeOfKey(jwk(p256.privateKey, { kid }))).toBe('has no readable kid');
    }
  });

  it('J-21 a key for something else is refused', () => {
    expect(mistakeOfKey(jwk(p256.publicKey, { use: 'enc' }))).toBe('is not a key for signatures');
    expect(mistakeOfKey(jwk(p256.publicKey, { key_ops: ['deriveKey'] }))).toBe('is not a key for signatures');
    expect(mistakeOfKey(jwk(p256.publicKey, { key_ops: ['sign'] }))).toBe(
      'is to sign but has no private half',
    );
  });

  it('J-22 RSA keys that are short, or whose exponent is, are refused', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(mistakeOfKey(jwk(short.publicKey))).toBe('has 1024 bits, fewer than 2048');
    for (const e of ['AQ', 'Aw', 'AQAA', 'AQAC']) {
      expect(mistakeOfKey(jwk(rsa.publicKey, { e }))).toBe(
        'has a public exponent that is even or below 65537',
      );
    }
  });

  it('J-22 an RSA modulus of the ROCA generator is refused', () => {
    // Any power of 65537 has what the fingerprint looks for.
    const modulus = 65537n ** 128n;
    const n = Buffer.from(modulus.toString(16).padStart(514, '0'), 'hex').toString('base64url');
    expect(mistakeOfKey(jwk(rsa.publicKey, { n }))).toContain('ROCA');
  });

  it('J-23 a curve goes with one algorithm', () => {
    for (const namedCurve of ['P-384', 'secp256k1']) {
      expect(mistakeOfKey(jwk(curve(namedCurve).publicKey, { alg: 'ES256' }))).toBe(
        'has a type or curve that does not go with its alg',
      );
    }
    for (const alg of ['ES512', 'RS256', 'HS256', 'none', '']) {
      expect(mistakeOfKey(jwk(p256.publicKey, { alg }))).toBe(
        'has a type or curve that does not go with its alg',
      );
    }
  });

  it('J-24 a point off the curve is refused', () => {
    const { x } = p256.publicKey.export({ format: 'jwk' });
    expect(mistakeOfKey(jwk(p256.publicKey, { y: x }))).toBe('cannot be read as a key');
    const nought = Buffer.alloc(32).toString('base64url');
    expect(mistakeOfKey(jwk(p256.publicKey, { x: nought, y: nought }))).toBe('cannot be read as a key');
  });

  it('J-29 Ed25519 keys of small order, X25519 and Ed448 are refused', () => {
    for (const point of [
      Buffer.alloc(32),
      Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]),
      Buffer.alloc(32, 0x80),
    ]) {
      const x = (
        point[31] === 0x80 ? Buffer.concat([Buffer.alloc(31), Buffer.from([0x80])]) : point
      ).toString('base64url');
      expect(mistakeOfKey({ kty: 'OKP', crv: 'Ed25519', x, kid: 'k' })).toContain('small order');
    }
    expect(mistakeOfKey(jwk(generateKeyPairSync('x25519').publicKey))).toContain('does not go with its alg');
    expect(mistakeOfKey(jwk(generateKeyPairSync('ed448').publicKey))).toContain('does not go with its alg');
  });

  it('halves that do not belong together are refused', () => {
    const { x, y } = p256.publicKey.export({ format: 'jwk' });
    expect(mistakeOfKey(jwk(curve('P-256').privateKey, { x, y }))).toMatch(/belong together|cannot be read/);
  });

  it.each([null, {}, 'text', { kty: 'EC', kid: 'k' }, { kty: 'oct', kid: 'k', k: '' }])(
    '%j is no key',
    (key) => {
      expect(mistakeOfKey(key)).toMatch(/^(cannot be read as a key|has no readable kid)$/);
    },
  );

  it('J-32 a secret among the keys is as long as any other', () => {
    const oct = (bytes: number) => ({
      kty: 'oct',
      kid: 'k',
      k: Buffer.alloc(bytes, 7).toString('base64url'),
    });
    expect(mistakeOfKey(oct(31))).toBe('is shorter than 32 bytes');
    expect(mistakesOf({ keys: [oct(32)] })).toEqual([]);
  });
});

describe('the published keys', () => {
  it('J-19 are the public halves, without secrets', () => {
    const k = createHash('sha256').update('oct').digest('base64url');
    const keys = [jwk(p256.privateKey), { kty: 'oct', k, kid: 'o', key_ops: ['verify'] }];
    const { x, y } = p256.publicKey.export({ format: 'jwk' });
    expect(KeyRing.from({ secret, keys }, 'tokens', []).publicJwks()).toEqual({
      keys: [{ kty: 'EC', crv: 'P-256', x, y, kid: 'k', alg: 'ES256', use: 'sig', key_ops: ['verify'] }],
    });
    expect(KeyRing.from({ secret }, 'tokens', []).publicJwks()).toEqual({ keys: [] });
  });
});
