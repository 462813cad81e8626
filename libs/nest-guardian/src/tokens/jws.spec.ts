import { createHash, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  ec,
  ed,
  encode,
  expectRefused,
  forge,
  good,
  hmac,
  keysOf,
  mixed,
  reasonOf,
  rsa,
  secret,
  type Signer,
} from '../../../../test/support/signing-bench.js';

describe('a token and its algorithm', () => {
  it('is accepted as it was signed, by any of our keys', () => {
    const es: Signer = (input) =>
      sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
    expect(reasonOf(good)).toBe('accepted');
    expect(reasonOf(forge({ alg: 'ES256', kid: 'ec', typ: 'at+jwt' }, { by: es }), mixed)).toBe('accepted');
    const rs: Signer = (input) => sign('sha256', Buffer.from(input), rsa.privateKey);
    expect(reasonOf(forge({ alg: 'RS256', kid: 'rsa' }, { by: rs }), mixed)).toBe('accepted');
    const eddsa: Signer = (input) => sign(null, Buffer.from(input), ed.privateKey);
    expect(reasonOf(forge({ alg: 'EdDSA', kid: 'ed' }, { by: eddsa }), mixed)).toBe('accepted');
  });

  it('J-01 alg none with an empty signature is refused, in the recorded words', () => {
    const token =
      'eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDEiLCJleHAiOjQwMDAwMDAwMDB9.';
    expect(reasonOf(token)).toBe(
      'invalid JWT: unable to parse or verify signature, token signature is invalid: signing method none is invalid',
    );
  });

  it.each(['nOnE', 'NONE', 'None', 'none ', 'none\u0000'])(
    'J-02 J-03 alg %j is refused, signed or not',
    (alg) => {
      expectRefused(forge({ alg }));
      expectRefused(forge({ alg }, { by: () => Buffer.alloc(0) }));
    },
  );

  it.each([undefined, '', null, ['HS256'], 0, {}])('J-04 alg %j is refused', (alg) => {
    expectRefused(forge({ alg, typ: 'JWT' }));
  });

  it.each(['hs256', 'Es256', 'ES256 ', 'HS512', 'PS256'])('J-05 alg %j is refused', (alg) => {
    expectRefused(forge({ alg, kid: 'ec' }), mixed);
  });

  it('J-06 J-08 a public key is never an HMAC secret, in no form', () => {
    for (const [kid, key] of [
      ['rsa', rsa.publicKey],
      ['ec', ec.publicKey],
    ] as const) {
      const { x = '', y = '' } = key.export({ format: 'jwk' });
      const forms = [
        key.export({ type: 'spki', format: 'pem' }),
        key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(key.export({ format: 'jwk' })),
        Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]),
      ];
      for (const form of forms) {
        expectRefused(forge({ alg: 'HS256', kid }, { by: hmac(form) }), mixed);
        expectRefused(forge({ alg: 'HS256' }, { by: hmac(form) }), mixed);
      }
    }
  });

  it('J-10 a key answers for its own algorithm only', () => {
    const rs512: Signer = (input) => sign('sha512', Buffer.from(input), rsa.privateKey);
    expectRefused(forge({ alg: 'RS512', kid: 'rsa' }, { by: rs512 }), mixed);
  });

  it('J-11 J-12 J-13 J-34 J-35 J-36 a header with any further member is refused', () => {
    const further = {
      jwk: {},
      jku: 'http://169.254.169.254/',
      x5u: 'file:///etc/passwd',
      x5c: [],
      crit: ['exp'],
    };
    for (const [name, value] of Object.entries({
      ...further,
      b64: false,
      zip: 'DEF',
      cty: 'JWT',
      nonce: 'n',
    })) {
      expectRefused(forge({ alg: 'HS256', [name]: value }));
    }
  });

  it.each(['../../../../dev/null', "' OR 1=1--", '__proto__', 'constructor', 'toString', '', 'nobody'])(
    'J-14 kid %j finds nothing',
    (kid) => expectRefused(forge({ alg: 'HS256', kid }), mixed),
  );

  it.each([[['ec']], [{}], [1], [null], ['k'.repeat(129)], ['e\nc'], ['é']])(
    'J-15 kid %j is refused',
    (kid) => {
      expectRefused(forge({ alg: 'HS256', kid }));
      expectRefused(forge({ alg: 'HS256', kid }), keysOf({ secret, hs256FallbackForUnknownKid: true }));
    },
  );

  it('J-16 a kid of another key type is refused, though that key has signed', () => {
    const es: Signer = (input) =>
      sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
    expectRefused(forge({ alg: 'HS256', kid: 'ec' }, { by: es }), mixed);
    expectRefused(forge({ alg: 'HS256', kid: 'ec' }), mixed);
    expectRefused(forge({ alg: 'EdDSA', kid: 'ec' }), mixed);
  });

  it('J-17 without a kid exactly one key must be meant', () => {
    expect(reasonOf(forge({ alg: 'HS256' }), mixed)).toBe('accepted');
    const oct = {
      kty: 'oct',
      k: encode(createHash('sha256').update('two').digest()),
      kid: 'two',
      key_ops: ['verify'],
    };
    expectRefused(forge({ alg: 'HS256' }), keysOf({ secret, keys: [oct] }));
  });

  it('an unknown kid is tried with the secret only where that was asked for', () => {
    expectRefused(forge({ alg: 'HS256', kid: 'nobody' }));
    const lenient = keysOf({ secret, hs256FallbackForUnknownKid: true });
    expect(reasonOf(forge({ alg: 'HS256', kid: 'nobody' }), lenient)).toBe('accepted');
    expectRefused(forge({ alg: 'HS256', kid: 'nobody' }, { by: hmac('wrong') }), lenient);
  });
});
