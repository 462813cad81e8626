import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { AuthError } from '../core/auth-error.js';
import { Clock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import { AccessTokens } from './access-tokens.js';
import { requireSubject } from './principal.js';
import type { TokenOptions } from './token.options.js';

const secret = 'kR8vT2nLq9ZxY4wBs7JmC1hPfE6dUa3G';
const now = 1_790_000_000;
class StoppedClock extends Clock {
  now = (): Date => new Date(now * 1000 + 999);
}
const tokensWith = (options: TokenOptions): AccessTokens => {
  const tokens = AccessTokens.from({ secret, ...options }, [], new StoppedClock());
  return tokens;
};
const strict = tokensWith({ issuer: 'https://auth.example' });

const person = {
  iss: 'https://auth.example',
  sub: '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516',
  aud: 'authenticated',
  exp: now + 900,
  iat: now,
  role: 'authenticated',
};
const serviceKey = { role: 'service_role', iss: 'supabase', iat: now - 1000, exp: now + 315_000_000 };

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const sign = (claims: object | string, header: object = { alg: 'HS256', typ: 'JWT' }): string => {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const thrownBy = (act: () => unknown): AuthError => {
  try {
    act();
  } catch (error) {
    return error as AuthError;
  }
  throw new Error('accepted');
};
const refusal = (claims: object | string, tokens = strict): string => {
  const error = thrownBy(() => tokens.verify(sign(claims)));
  expect([error.name, error.code]).toEqual(['AuthError', 'bad_jwt']);
  return error.message.replace(
    'invalid JWT: unable to parse or verify signature, token has invalid claims: ',
    '',
  );
};
const without = (name: keyof typeof person): object => ({ ...person, [name]: undefined });

describe('the times of a token', () => {
  it('J-43 without exp it is refused', () => {
    expect(refusal(without('exp'))).toBe('exp claim is required');
    expect(
      tokensWith({ requireExpiry: false, checkIssuer: false }).verify(sign(without('exp'))).expiresAt,
    ).toBe(Infinity);
  });

  it.each(['"1790000900"', 'null', 'true', '[1790000900]', '{}', '1790000900.5'])(
    'J-44 exp %s is refused',
    (exp) => {
      expect(refusal(JSON.stringify(person).replace(`"exp":${person.exp}`, `"exp":${exp}`))).toBe(
        'exp claim is malformed',
      );
    },
  );

  it.each(['1e400', '9e15', '-1', '1e308', '9007199254740993'])('J-45 exp %s is refused', (exp) => {
    refusal(JSON.stringify(person).replace(`"exp":${person.exp}`, `"exp":${exp}`));
  });

  it.each([
    { leeway: 0, exp: now, accepted: false },
    { leeway: 0, exp: now + 1, accepted: true },
    { leeway: 30, exp: now - 30, accepted: false },
    { leeway: 30, exp: now - 29, accepted: true },
    { leeway: 60, exp: now - 60, accepted: false },
  ])('J-46 with leeway $leeway it ends at exp: $exp, $accepted', ({ leeway, exp, accepted }) => {
    const tokens = tokensWith({ leeway: `${leeway}s` });
    const claims = { ...person, iat: now - 900, exp };
    if (accepted) expect(tokens.verify(sign(claims)).expiresAt).toBe(exp);
    else expect(refusal(claims, tokens)).toBe('token is expired');
  });

  it('J-47 one that is valid for longer than the maximum is refused', () => {
    const tokens = tokensWith({ maxLifetime: '1h' });
    expect(tokens.verify(sign({ ...person, exp: now + 3600 })).id).toBe(person.sub);
    expect(refusal({ ...person, exp: now + 3601 }, tokens)).toBe('token is valid for too long');
    expect(refusal({ ...person, iat: now - 3000, exp: now + 3600 }, tokens)).toBe(
      'token is valid for too long',
    );
  });

  it('J-45 that holds for a token without iat too', () => {
    const lenient = tokensWith({ maxLifetime: '1h', requireIssuedAt: false });
    const claims = { ...person, iat: undefined, exp: now + 3601 };
    expect(refusal(claims, lenient)).toBe('token is valid for too long');
  });

  it('J-48 before nbf, or with an odd nbf, it is refused', () => {
    expect(strict.verify(sign({ ...person, nbf: now })).id).toBe(person.sub);
    expect(refusal({ ...person, nbf: now + 1 })).toBe('token is not valid yet');
    expect(tokensWith({ leeway: '30s' }).verify(sign({ ...person, nbf: now + 30 })).id).toBe(person.sub);
    for (const nbf of ['1', null, true, []])
      expect(refusal({ ...person, nbf })).toBe('nbf claim is malformed');
  });

  it('J-49 issued in the future, at no time, or at an odd one it is refused', () => {
    expect(refusal({ ...person, iat: now + 1 })).toBe('token used before issued');
    expect(refusal(without('iat'))).toBe('iat claim is required');
    expect(refusal({ ...person, iat: 'now' })).toBe('iat claim is malformed');
    expect(tokensWith({ requireIssuedAt: false }).verify(sign(without('iat'))).issuedAt).toBe(0);
  });
});

describe('from whom a token is, and for whom', () => {
  it.each(['Authenticated', 'other', '', undefined, ['authenticated'], [], {}, null])(
    'J-50 aud %j is refused',
    (aud) => {
      refusal({ ...person, aud });
    },
  );

  it.each([
    'https://evil.example',
    'https://auth.example/',
    'https://AUTH.example',
    '',
    undefined,
    ['https://auth.example', 'x'],
  ])('J-51 J-56 iss %j is refused', (iss) => {
    refusal({ ...person, iss });
  });

  it('issuer and audience are taken as they come only where that was asked for', () => {
    const lenient = tokensWith({ issuer: 'https://auth.example', checkIssuer: false, checkAudience: false });
    expect(lenient.verify(sign({ ...person, iss: 'https://other.example', aud: 'x' })).audience).toBe('x');
  });

  it('J-52 a subject that is no UUID never reaches a store', () => {
    const requireOf = (claims: object) => () => requireSubject(strict.verify(sign(claims)));
    expect(requireOf(person)).not.toThrow();
    for (const sub of [undefined, '']) {
      expect(thrownBy(requireOf({ ...person, sub })).message).toBe('invalid claim: missing sub claim');
    }
    for (const sub of ['ann', '__proto__', `${person.sub} `, 'a'.repeat(5000), person.sub.replace('-', '')]) {
      expect(thrownBy(requireOf({ ...person, sub }))).toMatchObject({ status: 400, applicationStatus: 401 });
    }
    for (const sub of [[person.sub], {}, 1, null])
      expect(refusal({ ...person, sub })).toBe('sub claim is malformed');
    expect(thrownBy(requireOf({ ...person, session_id: 'x' })).message).toBe(
      'invalid claim: session_id claim must be a UUID',
    );
  });

  it('the nil UUID stands for no session', () => {
    expect(
      strict.verify(sign({ ...person, session_id: '00000000-0000-0000-0000-000000000000' })).sessionId,
    ).toBeNull();
  });

  it('J-53 an anonymous API key of the same secret is no access token', () => {
    refusal({ role: 'anon', iss: 'supabase', iat: now - 10, exp: now + 315_000_000 });
  });

  it.each(['refresh+jwt', 'dpop+jwt', 'logout+jwt', 5, null, 'jwt'])('J-55 typ %j is refused', (typ) => {
    expect(thrownBy(() => strict.verify(sign(person, { alg: 'HS256', typ }))).code).toBe('bad_jwt');
  });

  it('J-57 a service-role key needs no person, and a person gets no indulgence from that role', () => {
    expect(strict.verify(sign(serviceKey))).toMatchObject({ id: '', role: 'service_role', audience: '' });
    expect(strict.verify(sign({ role: 'supabase_admin' })).expiresAt).toBe(Infinity);
    expect(refusal({ ...serviceKey, exp: now - 1 })).toBe('token is expired');
    expect(refusal({ ...serviceKey, iss: 'https://evil.example' })).toBe('token is valid for too long');
    expect(refusal({ ...serviceKey, sub: person.sub })).toBe('token is valid for too long');
    expect(strict.verify(sign({ ...person, user_metadata: { role: 'service_role' } })).role).toBe(
      'authenticated',
    );
  });

  it('J-58 aal, amr and session_id of wrong types are refused', () => {
    for (const aal of [['aal2'], 'AAL2', 2, null])
      expect(refusal({ ...person, aal })).toBe('aal claim is malformed');
    for (const amr of [['pwd'], 'pwd', [null], [{ method: 'otp' }], [{ method: 1, timestamp: now }]]) {
      expect(refusal({ ...person, amr })).toBe('amr claim is malformed');
    }
    for (const session_id of [1, null, {}, []]) refusal({ ...person, session_id });
    for (const is_anonymous of ['false', 0, null]) refusal({ ...person, is_anonymous });
    for (const app_metadata of ['x', [], 1]) refusal({ ...person, app_metadata });
  });

  it('who is recognised is frozen through and through', () => {
    const amr = [{ method: 'password', timestamp: now }];
    const principal: Principal = strict.verify(
      sign({ ...person, aal: 'aal2', amr, user_metadata: { a: { b: [1] } } }),
    );
    expect(principal).toMatchObject({
      aal: 'aal2',
      amr,
      isAnonymous: false,
      sessionId: null,
      email: '',
      appMetadata: {},
    });
    const nested = principal.userMetadata as { a: { b: number[] } };
    for (const part of [
      principal,
      principal.claims,
      principal.amr,
      principal.amr[0],
      nested,
      nested.a,
      nested.a.b,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});
