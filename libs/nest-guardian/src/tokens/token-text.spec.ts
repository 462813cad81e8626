import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { OptionMistake } from '../core/option.js';
import { SystemClock } from '../core/ports/clock.js';
import { AccessTokens } from './access-tokens.js';

const secret = 'kR8vT2nLq9ZxY4wBs7JmC1hPfE6dUa3G';
const mistakes: OptionMistake[] = [];
const tokens = AccessTokens.from({ secret }, mistakes, new SystemClock());
const now = Math.floor(Date.now() / 1000);
const claims = {
  sub: '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516',
  aud: 'authenticated',
  iat: now,
  exp: now + 600,
};

const hs256 = '{"alg":"HS256","typ":"JWT"}';
const encode = (part: string | Buffer): string => Buffer.from(part).toString('base64url');
const seal = (input: string): string =>
  `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
const forge = (header: string | Buffer, payload: string | Buffer = JSON.stringify(claims)): string =>
  seal(`${encode(header)}.${encode(payload)}`);

const good = forge(hs256);
const [header, payload, signature] = good.split('.') as [string, string, string];
const badJwt = expect.objectContaining({
  name: 'AuthError',
  code: 'bad_jwt',
  status: 403,
  applicationStatus: 401,
});
const expectRefused = (token: unknown): void => {
  let thrown: unknown = 'accepted';
  try {
    tokens.verify(token as string);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toEqual(badJwt);
};

describe('the text of a token has one spelling', () => {
  it('is accepted in that one', () => {
    expect(mistakes).toEqual([]);
    expect(tokens.verify(good).id).toBe(claims.sub);
  });

  it('J-37 J-71 with another number of segments it is refused', () => {
    const odd = [
      '',
      'undefined',
      'null',
      '[object Object]',
      '.',
      '..',
      '...',
      '....',
      header,
      `${header}.${payload}`,
    ];
    for (const token of [...odd, `${good}.`, `.${good}`, `${good}.a`, `${good}.a.b`]) expectRefused(token);
    expectRefused(`.${payload}.${signature}`);
    expectRefused(`${header}..${signature}`);
    expectRefused(seal(`${header}.`));
  });

  it('J-38 JSON serialization, or anything but text, is refused', () => {
    expectRefused(JSON.stringify({ protected: header, payload, signature }));
    for (const token of [undefined, null, 1, {}, [good], { token: good }, Buffer.from(good)])
      expectRefused(token);
  });

  it.each([
    ['two algs', '{"alg":"none","alg":"HS256"}'],
    ['two algs, one escaped', '{"\\u0061lg":"none","alg":"HS256"}'],
    ['two kids', '{"alg":"HS256","kid":"a","kid":"b"}'],
  ])('J-39 a header with %s is refused', (_, text) => expectRefused(forge(text)));

  it.each(['sub', 'role', 'exp', 'aud'])('J-40 a payload with two %s is refused', (name) => {
    const member = `"${name}":${JSON.stringify({ ...claims, role: 'authenticated' }[name as 'sub'])}`;
    const body = JSON.stringify({ ...claims, role: 'authenticated' });
    expect(tokens.verify(forge(hs256, body)).role).toBe('authenticated');
    expectRefused(forge(hs256, body.replace(/}$/, `,${member}}`)));
  });

  it('J-40 a member named twice deeper down is refused', () => {
    const nested = (text: string): string => JSON.stringify(claims).replace(/}$/, `,"app_metadata":${text}}`);
    expect(tokens.verify(forge(hs256, nested('{"a":{"b":1},"c":[{"b":2},":\\":"]}'))).appMetadata).toEqual({
      a: { b: 1 },
      c: [{ b: 2 }, ':":'],
    });
    expectRefused(forge(hs256, nested('{"a":{"b":1,"b":1}}')));
    expectRefused(forge(hs256, nested('{"a":[{"b":1,"b":1}]}')));
  });

  it.each(['[]', '"text"', '1', 'null', 'true', '', '{', '{}x', "{'a':1}"])(
    'J-41 the payload %j is refused',
    (text) => {
      expectRefused(forge(hs256, text));
    },
  );

  it.each(['[]', '"HS256"', 'null', '{', ''])('J-42 the header %j is refused', (text) =>
    expectRefused(forge(text)),
  );

  it('J-61 spare bits in the last character are refused', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const next = alphabet[alphabet.indexOf(good.at(-1) as string) ^ 1];
    expect(Buffer.from(`${signature.slice(0, -1)}${next}`, 'base64url')).toEqual(
      Buffer.from(signature, 'base64url'),
    );
    expectRefused(good.slice(0, -1) + next);
  });

  it.each(['=', '==', '+', '/', '?', ' ', '\n', '\t', '%3D', '\u0000', 'é'])(
    'J-62 %j in a segment is refused',
    (odd) => {
      for (const at of [1, header.length, header.length + 5, good.length - 3, good.length]) {
        expectRefused(good.slice(0, at) + odd + good.slice(at));
      }
      expectRefused(seal(`${header}${odd}.${payload}`));
      expectRefused(seal(`${header}.${payload}${odd}`));
    },
  );

  it.each([' ', '\t', '\r', '\n', '\u00a0', '\u200b', '\ufeff'])(
    'J-63 %j around the token is refused',
    (odd) => {
      expectRefused(odd + good);
      expectRefused(good + odd);
    },
  );

  it('J-64 a byte order mark before header or payload is refused', () => {
    expectRefused(forge(`\ufeff${hs256}`));
    expectRefused(forge(hs256, `\ufeff${JSON.stringify(claims)}`));
  });

  it('J-65 broken UTF-8 is refused', () => {
    const broken = Buffer.from(JSON.stringify({ ...claims, email: 'a@b' }));
    broken[broken.indexOf('@')] = 0xff;
    expectRefused(forge(hs256, broken));
    expectRefused(
      forge(Buffer.concat([Buffer.from('{"alg":"HS256","kid":"'), Buffer.from([0xc3, 0x22, 0x7d])])),
    );
  });

  it.each(['sub', 'email', 'role', 'session_id', 'aud', 'iss'])(
    'J-66 %s with a lone surrogate or NUL is refused',
    (name) => {
      for (const odd of ['\ud800', 'a\u0000b', '\u0007'])
        expectRefused(forge(hs256, JSON.stringify({ ...claims, [name]: odd })));
    },
  );

  it('J-67 __proto__ is refused and no prototype is touched', () => {
    const text = JSON.stringify(claims);
    expectRefused(forge(hs256, text.replace(/}$/, ',"__proto__":{"role":"service_role"}}')));
    expectRefused(forge(hs256, text.replace(/}$/, ',"app_metadata":{"__proto__":{"role":"service_role"}}}')));
    const odd = tokens.verify(forge(hs256, text.replace(/}$/, ',"constructor":{"prototype":{"role":"x"}}}')));
    expect(({} as { role?: string }).role).toBeUndefined();
    expect(odd.role).toBe('');
    expect(Object.getPrototypeOf(odd.claims)).toBeNull();
  });

  it('J-68 deep nesting is refused', () => {
    const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const nested = (depth: number): string =>
      JSON.stringify(claims).replace(/}$/, `,"app_metadata":{"a":${deep(depth)}}}`);
    expect(tokens.verify(forge(hs256, nested(30))).id).toBe(claims.sub);
    expectRefused(forge(hs256, nested(31)));
    expectRefused(forge(hs256, nested(2000)));
    expectRefused(forge(`{"alg":"HS256","typ":${deep(2000)}}`));
  });

  it('J-69 J-70 beyond 8 kB nothing is decoded', () => {
    const fits = (length: number): string =>
      forge(hs256, JSON.stringify({ ...claims, pad: 'x'.repeat(length) }));
    expect(fits(5880).length).toBeLessThanOrEqual(8192);
    expect(tokens.verify(fits(5880)).id).toBe(claims.sub);
    expectRefused(fits(6000));
    expectRefused('.'.repeat(1_000_000));
    expectRefused('a'.repeat(10_000_000));
  });
});
