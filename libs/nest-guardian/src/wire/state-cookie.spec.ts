import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  isStateCookie,
  stateCookie,
  stateCookieIn,
  stateCookieName,
  stateCookiesOf,
} from './state-cookie.js';

const state = randomUUID();
const short = state.slice(0, 8);

describe('the cookie of a way to an identity provider', () => {
  it('belongs to this host alone and to no script, and over TLS nobody else can have set it', () => {
    expect(stateCookie(state, { value: 'v', maxAge: 300, isSecure: true })).toBe(
      `__Host-guardian-state-${short}=v; Path=/; Max-Age=300; HttpOnly; Secure; SameSite=Lax`,
    );
    expect(stateCookie(state, { value: 'v', maxAge: 300, isSecure: false })).toBe(
      `guardian-state-${short}=v; Path=/; Max-Age=300; HttpOnly; SameSite=Lax`,
    );
  });

  it('is all that is read of a Cookie header', () => {
    const [one, two] = [`guardian-state-${short}=a-_1`, '__Host-guardian-state-00000000=b'];
    expect(stateCookiesOf(`sid=secret; ${one};${two}; xguardian-state-00000000=c`)).toBe(`${one}; ${two}`);
    for (const header of [undefined, '', 'sid=secret', `${one}"`, 'guardian-state-XYZ=1']) {
      expect(stateCookiesOf(header)).toBeNull();
    }
  });

  it('is found by its whole name', () => {
    const name = stateCookieName(state, false);
    expect(stateCookieIn(`${stateCookieName(randomUUID(), false)}=x; ${name}=mine`, name)).toBe('mine');
    expect(stateCookieIn(`__Host-${name}=x`, name)).toBeNull();
    expect(stateCookieIn(null, name)).toBeNull();
  });

  it('is handed on from another server only as it is made here', () => {
    for (const isSecure of [true, false]) {
      expect(isStateCookie(stateCookie(state, { value: 'v', maxAge: 0, isSecure }))).toBe(true);
    }
    for (const line of [
      'sid=1; Path=/',
      `guardian-state-${short}=v; Domain=example.com`,
      `guardian-state-${short}=v; SameSite=None; Secure`,
      `guardian-state-${short}=v; Path=/auth`,
      `xguardian-state-${short}=v`,
    ]) {
      expect(isStateCookie(line)).toBe(false);
    }
  });
});
