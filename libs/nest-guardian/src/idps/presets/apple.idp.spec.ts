import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { told } from '../../../../../test/support/idp-profiles.js';
import { place } from '../../../../../test/support/read-told.js';
import { appleSecret } from '../apple-secret.js';
import type { Answer } from '../idp-definition.js';
import { apple } from './apple.idp.js';

describe('apple', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateKey = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
  const key = { teamId: 'TEAM123456', keyId: 'KEY1234567', privateKey };
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Answer;

  it('is shown a secret that was made by the key, for five minutes', () => {
    const at = new Date('2026-11-22T00:00:00Z');
    const [header, claims, signature] = appleSecret({ ...key, clientId: 'com.example.web' }, at).split(
      '.',
    ) as [string, string, string];
    const iat = at.getTime() / 1000;
    expect(decode(header)).toEqual({ alg: 'ES256', kid: 'KEY1234567' });
    expect(decode(claims)).toEqual({
      iss: 'TEAM123456',
      iat,
      exp: iat + 300,
      aud: 'https://appleid.apple.com',
      sub: 'com.example.web',
    });
    const publicKey = {
      key: createPublicKey(pair.publicKey.export({ format: 'pem', type: 'spki' })),
      dsaEncoding: 'ieee-p1363',
    } as const;
    expect(
      verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url')),
    ).toBe(true);
  });

  it('takes the key or a secret, and says which part of the key is wrong without quoting it', () => {
    expect(apple({ clientId: 'web', key }).mistakes).toEqual([]);
    expect(apple({ clientId: 'web', secret: 's' }).mistakes).toEqual([]);
    expect(apple({ clientId: 'web' }).mistakes).toMatchObject([{ path: '.secret' }]);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    for (const wrong of ['hunter2', undefined, rsa.export({ format: 'pem', type: 'pkcs8' }) as string]) {
      const { mistakes } = apple({
        clientId: 'web',
        key: { teamId: '', keyId: 'k', privateKey: wrong as string },
      });
      expect(mistakes.map(({ path }) => path)).toEqual(['.key.teamId', '.key.privateKey']);
      expect(JSON.stringify(mistakes)).not.toContain('hunter2');
    }
  });

  it('gives the name once, beside the code, and nothing else there counts', () => {
    const { read: readClaims } = apple.define(place).idTokens!;
    const user = { name: { firstName: 'Ann', lastName: 'Example' }, email: 'evil@example.com', sub: 'evil' };
    const { claims } = told.apple!.answers as { claims: Answer };
    const profile = readClaims(claims, { user: JSON.stringify(user) });
    expect(profile).toMatchObject({ subject: claims.sub, email: { address: claims.email } });
    expect(profile.data).toMatchObject({
      name: 'Ann Example',
      full_name: 'Ann Example',
      email: claims.email,
    });
    for (const wrong of ['', '{', 'null', '[]', '{"name":"x"}', '{"name":{"firstName":7}}']) {
      expect(readClaims(claims, { user: wrong }).data.name).toBeUndefined();
    }
  });
});
