import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compactVerify } from 'jose';
import { isAuthError } from '../core/auth-error.js';
import { SystemClock } from '../core/ports/clock.js';
import { AccessTokens } from './access-tokens.js';
import type { JwkGiven } from './token-key.js';

const mutations = Number(process.env['MUTATIONS'] ?? 20_000);
const secret = 'kR8vT2nLq9ZxY4wBs7JmC1hPfE6dUa3G';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const es256 = {
  ...(privateKey.export({ format: 'jwk' }) as JsonWebKey & { kty: string }),
  kid: 'ec',
} as JwkGiven;
const hmacTokens = AccessTokens.from({ secret }, [], new SystemClock());
const ecTokens = AccessTokens.from({ keys: [es256] }, [], new SystemClock());

const now = Math.floor(Date.now() / 1000);
const claims = {
  sub: '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516',
  aud: 'authenticated',
  exp: now + 3600,
  iat: now,
};
const originals = [hmacTokens.sign(claims), ecTokens.sign(claims)];

const alphabet = [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  '.',
  '=',
  '+',
  '/',
  ' ',
  '\n',
  '\0',
  'é',
  '\ud800',
];
const at = fc.nat(1_000_000);
const char = fc.constantFrom(...alphabet);
const place = (token: string, index: number): number => index % (token.length + 1);

type Mutation = (token: string) => string;
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(at, char).map(
    ([i, c]): Mutation =>
      (t) =>
        t.slice(0, place(t, i)) + c + t.slice(place(t, i) + 1),
  ),
  fc.tuple(at, char).map(
    ([i, c]): Mutation =>
      (t) =>
        t.slice(0, place(t, i)) + c + t.slice(place(t, i)),
  ),
  fc.tuple(at, fc.nat(40)).map(
    ([i, n]): Mutation =>
      (t) =>
        t.slice(0, place(t, i)) + t.slice(place(t, i) + n),
  ),
  fc.tuple(at, at).map(
    ([i, j]): Mutation =>
      (t) =>
        t.slice(0, place(t, i)) + t.slice(place(t, j)),
  ),
  fc.tuple(fc.nat(2), fc.nat(2)).map(([i, j]): Mutation => (t) => {
    const parts = t.split('.');
    [parts[i], parts[j]] = [parts[j] ?? '', parts[i] ?? ''];
    return parts.join('.');
  }),
  fc.tuple(fc.nat(2), fc.json()).map(([i, json]): Mutation => (t) => {
    const parts = t.split('.');
    parts[i] = Buffer.from(json).toString('base64url');
    return parts.join('.');
  }),
);

const isAccepted = (tokens: AccessTokens, token: string): boolean => {
  try {
    tokens.verify(token);
    return true;
  } catch (error) {
    if (isAuthError(error) && error.code === 'bad_jwt' && error.status === 403) return false;
    throw error;
  }
};

describe('a token that was altered', () => {
  it('J-83 is never accepted, and nothing but bad_jwt is thrown', () => {
    const altered = fc.tuple(
      fc.constantFrom(...originals),
      fc.array(mutation, { minLength: 1, maxLength: 3 }),
    );
    let differed = 0;
    fc.assert(
      fc.property(altered, ([original, steps]) => {
        const token = steps.reduce((text, step) => step(text), original);
        if (token !== original) differed++;
        for (const tokens of [hmacTokens, ecTokens]) {
          if (isAccepted(tokens, token)) expect(originals).toContain(token);
        }
      }),
      { numRuns: mutations },
    );
    expect(differed).toBeGreaterThan(mutations / 2);
  });

  it('any text at all is answered with bad_jwt', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.anything()), (token) => {
        expect(isAccepted(hmacTokens, token as string)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('is never accepted where jose refuses it', async () => {
    const publicKey = createPublicKey(privateKey);
    const joseAccepts = (token: string): Promise<boolean> =>
      Promise.any([
        compactVerify(token, Buffer.from(secret), { algorithms: ['HS256'] }),
        compactVerify(token, publicKey, { algorithms: ['ES256'] }),
      ]).then(
        () => true,
        () => false,
      );
    const altered = fc.tuple(fc.constantFrom(...originals), fc.array(mutation, { maxLength: 1 }));
    await fc.assert(
      fc.asyncProperty(altered, async ([original, steps]) => {
        const token = steps.reduce((text, step) => step(text), original);
        const ours = isAccepted(hmacTokens, token) || isAccepted(ecTokens, token);
        if (ours) expect(await joseAccepts(token)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
