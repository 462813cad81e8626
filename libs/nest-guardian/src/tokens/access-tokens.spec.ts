import {
  createHash,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import type { OptionMistake } from '../core/option.js';
import { SystemClock } from '../core/ports/clock.js';
import { AccessTokens } from './access-tokens.js';
import type { JwkGiven } from './token-key.js';
import type { TokenOptions } from './token.options.js';

const secret = 'kR8vT2nLq9ZxY4wBs7JmC1hPfE6dUa3G';
const tokensWith = (options: TokenOptions): AccessTokens => {
  const mistakes: OptionMistake[] = [];
  const tokens = AccessTokens.from(options, mistakes, new SystemClock());
  expect(mistakes).toEqual([]);
  return tokens;
};
const jwk = (key: KeyObject): JwkGiven => ({
  ...(key.export({ format: 'jwk' }) as JsonWebKey & { kty: string }),
  kid: 'k1',
});

const now = Math.floor(Date.now() / 1000);
const claims = {
  iss: 'http://localhost:9999',
  sub: '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516',
  aud: 'authenticated',
  exp: now + 900,
  iat: now,
  email: 'ann@example.com',
  phone: '',
  app_metadata: { provider: 'email', providers: ['email'] },
  user_metadata: { name: 'Änn 🦉' },
  role: 'authenticated',
  aal: 'aal1',
  amr: [{ method: 'password', timestamp: now }],
  session_id: '0d2f7a52-3cfd-4a3e-9a3c-5f0a2f1f7b11',
  is_anonymous: false,
};

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const asymmetric: [string, KeyObject, KeyObject][] = [
  ['RS256', rsa.privateKey, rsa.publicKey],
  ...([
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ].map(({ privateKey, publicKey }, index) => [index === 0 ? 'ES256' : 'ES512', privateKey, publicKey]) as [
    string,
    KeyObject,
    KeyObject,
  ][]),
  ...[generateKeyPairSync('ed25519')].map(
    ({ privateKey, publicKey }) => ['EdDSA', privateKey, publicKey] as [string, KeyObject, KeyObject],
  ),
];
const signers: [string, TokenOptions, KeyObject, KeyObject][] = [
  ['HS256', { secret }, createSecretKey(Buffer.from(secret)), createSecretKey(Buffer.from(secret))],
  ...asymmetric.map(
    ([alg, privateKey, publicKey]) =>
      [alg, { keys: [jwk(privateKey)] }, privateKey, publicKey] as [
        string,
        TokenOptions,
        KeyObject,
        KeyObject,
      ],
  ),
];

describe.each(signers)('a token signed with %s', (...[alg, options, signing, verifying]) => {
  const tokens = tokensWith(options);

  it('is verified by jose and by us', async () => {
    const token = tokens.sign(claims);
    const { payload, protectedHeader } = await jwtVerify(token, verifying, { algorithms: [alg] });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg, typ: 'JWT', ...(alg !== 'HS256' && { kid: 'k1' }) });
    expect(tokens.verify(token)).toMatchObject({
      id: claims.sub,
      sessionId: claims.session_id,
      email: claims.email,
    });
  });

  it('by jose is verified by us', async () => {
    const header = { alg, typ: 'JWT', ...(alg !== 'HS256' && { kid: 'k1' }) };
    const token = await new SignJWT(claims).setProtectedHeader(header).sign(signing);
    expect({ ...tokens.verify(token).claims }).toEqual(claims);
  });

  it('says what it was given, in that order, and nothing more', () => {
    const read = (token: string): string =>
      Buffer.from(token.split('.')[1] as string, 'base64url').toString();
    expect(read(tokens.sign(claims))).toBe(JSON.stringify(claims));
    expect(read(tokens.sign({ role: 'service_role' }))).toBe('{"role":"service_role"}');
  });

  it('shows its public key to jose', async () => {
    const [published] = tokens.publicJwks().keys;
    if (alg === 'HS256') return expect(published).toBeUndefined();
    const key = await importJWK(published as JsonWebKey as Parameters<typeof importJWK>[0], alg);
    expect((await jwtVerify(tokens.sign(claims), key)).payload.sub).toBe(claims.sub);
  });
});

describe('access tokens', () => {
  it('the secret carries a kid when it is given one', async () => {
    const token = tokensWith({ secret, secretKeyId: 'main' }).sign(claims);
    expect((await jwtVerify(token, Buffer.from(secret))).protectedHeader.kid).toBe('main');
    expect(tokensWith({ secret, secretKeyId: 'main' }).verify(token).id).toBe(claims.sub);
  });

  it('what the secret signed before a key took over is still verified', () => {
    const [, privateKey] = asymmetric[1] as [string, KeyObject, KeyObject];
    const before = tokensWith({ secret }).sign(claims);
    const after = tokensWith({ secret, keys: [jwk(privateKey)] });
    expect(after.verify(before).id).toBe(claims.sub);
    expect(
      after.sign(claims).startsWith(Buffer.from('{"alg":"ES256"').toString('base64url').slice(0, 16)),
    ).toBe(true);
  });

  it('without the secret, tokens of the secret are refused in the recorded words', () => {
    const [, privateKey] = asymmetric[1] as [string, KeyObject, KeyObject];
    const before = tokensWith({ secret }).sign(claims);
    expect(() => tokensWith({ keys: [jwk(privateKey)] }).verify(before)).toThrow(
      'invalid JWT: unable to parse or verify signature, token signature is invalid: signing method HS256 is invalid',
    );
  });

  it('all mistakes are found at once, and then nothing is signed', () => {
    const mistakes: OptionMistake[] = [];
    const given = {
      secret: 'short',
      leeway: '2m',
      lifetime: '8d',
      adminRoles: [''],
      keys: [{ kty: 'EC', kid: 'k' }],
      x: 1,
    };
    const tokens = AccessTokens.from(given as TokenOptions, mistakes, new SystemClock());
    expect(mistakes.map(({ path }) => path).sort()).toEqual([
      'tokens.adminRoles',
      'tokens.keys[0]',
      'tokens.leeway',
      'tokens.lifetime',
      'tokens.secret',
      'tokens.x',
    ]);
    expect(() => tokens.sign(claims)).toThrow(TypeError);
  });

  it('the settings carry no secret', () => {
    const shown = JSON.stringify(tokensWith({ secret })) + JSON.stringify(tokensWith({ secret }).settings);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(createHash('sha256').update(secret).digest('hex'));
    expect(tokensWith({ secret }).settings.lifetime).toBe(900_000);
  });
});
