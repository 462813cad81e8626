import { constants, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { verifyJws } from './jws.js';
import { KeySet } from './key-set.js';
import {
  ec,
  ed,
  encode,
  expectRefused,
  forge,
  good,
  hmac,
  mixed,
  reasonOf,
  rsa,
  shared,
  type Signer,
} from '../../../../test/support/signing-bench.js';

const [header, payload, signature] = good.split('.') as [string, string, string];

describe('a signature', () => {
  const input = `${encode({ alg: 'ES256', kid: 'ec' })}.${payload}`;
  const withSignature = (bytes: Buffer): string => `${input}.${bytes.toString('base64url')}`;
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');

  it('of somebody else is refused, in the recorded words', () => {
    expect(reasonOf(forge({ alg: 'HS256' }, { by: hmac('another') }))).toBe(
      'invalid JWT: unable to parse or verify signature, token signature is invalid: signature is invalid',
    );
  });

  it('J-25 with r or s at the edge is refused', () => {
    const one = Buffer.from('01'.padStart(64, '0'), 'hex');
    const edges = [Buffer.alloc(32), one, order, Buffer.alloc(32, 0xff)];
    for (const r of edges) for (const s of edges) expectRefused(withSignature(Buffer.concat([r, s])), mixed);
  });

  it('J-26 in DER, or of another length, is refused', () => {
    const right = sign('sha256', Buffer.from(input), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
    expect(reasonOf(withSignature(right), mixed)).toBe('accepted');
    expectRefused(withSignature(sign('sha256', Buffer.from(input), ec.privateKey)), mixed);
    for (const length of [0, 63, 65, 72]) {
      expectRefused(withSignature(Buffer.concat([right, Buffer.alloc(8)]).subarray(0, length)), mixed);
    }
  });

  it('J-27 RSA: the bare padded hash is refused', () => {
    expectRefused(forge({ alg: 'RS256', kid: 'rsa' }, { by: () => Buffer.alloc(256, 1) }), mixed);
    expectRefused(forge({ alg: 'RS256', kid: 'rsa' }, { by: () => Buffer.alloc(0) }), mixed);
  });

  it('J-28 RSA-PSS is no signature of an RSA key, whatever its salt and name', () => {
    for (const saltLength of [0, 20, 32]) {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      const by: Signer = (text) =>
        sign('sha256', Buffer.from(text), { key: rsa.privateKey, padding, saltLength });
      for (const alg of ['PS256', 'RS256']) expectRefused(forge({ alg, kid: 'rsa' }, { by }), mixed);
    }
    const genuine = (text: string) => sign('sha256', Buffer.from(text), rsa.privateKey);
    expect(reasonOf(forge({ alg: 'RS256', kid: 'rsa' }, { by: genuine }), mixed)).toBe('accepted');
  });

  it('J-30 Ed25519: the key answers to EdDSA and to no other name', () => {
    const by: Signer = (text) => sign(null, Buffer.from(text), ed.privateKey);
    expect(reasonOf(forge({ alg: 'EdDSA', kid: 'ed' }, { by }), mixed)).toBe('accepted');
    for (const alg of ['Ed25519', 'Ed448', 'eddsa']) expectRefused(forge({ alg, kid: 'ed' }, { by }), mixed);
  });

  it('J-29 Ed25519: s beyond the group order is refused', () => {
    const text = `${encode({ alg: 'EdDSA', kid: 'ed' })}.${payload}`;
    const right = sign(null, Buffer.from(text), ed.privateKey);
    const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(right.subarray(32)).reverse().toString('hex')}`) + groupOrder;
    const shifted = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    expect(reasonOf(`${text}.${right.toString('base64url')}`, mixed)).toBe('accepted');
    expectRefused(`${text}.${Buffer.concat([right.subarray(0, 32), shifted]).toString('base64url')}`, mixed);
  });

  it('J-31 an HMAC truncated or extended is refused', () => {
    const bytes = Buffer.from(signature, 'base64url');
    for (const altered of [
      bytes.subarray(0, 16),
      bytes.subarray(0, 31),
      Buffer.concat([bytes, Buffer.alloc(1)]),
    ]) {
      const token = `${header}.${payload}.${altered.toString('base64url')}`;
      expect(() => verifyJws(token, shared)).toThrow(
        expect.objectContaining({ code: 'bad_jwt', cause: undefined }),
      );
    }
    expectRefused(`${header}.${payload}.`);
  });

  it('J-33 without a key everything is refused, an HMAC with an empty key too', () => {
    const nothing = new KeySet([]);
    for (const key of ['', 'undefined', 'null']) {
      expectRefused(forge({ alg: 'HS256' }, { by: hmac(key) }), nothing);
      expectRefused(forge({ alg: 'HS256' }, { by: hmac(key) }));
    }
  });

  it('J-83 what the crypto library throws is a refusal', () => {
    const keys = new KeySet([{ kid: null, algorithm: 'RS256', key: {} as KeyObject, signing: null }]);
    expectRefused(forge({ alg: 'RS256' }, { by: () => Buffer.alloc(256) }), keys);
  });
});
