import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { MovableClock } from 'nest-guardian/testing';
import {
  forged,
  moduleKeys,
  profileOf,
  refusalOf,
  secret,
} from '../../../../../test/support/profile-bench.js';
import { SystemClock } from '../../core/ports/clock.js';
import { AccessTokens } from '../access-tokens.js';
import { definePermissions } from './permissions.js';
import { defineTokenProfile } from './profile-definition.js';

interface Device {
  readonly id: string;
  readonly may: readonly ('notes:read' | 'notes:write')[];
}
const may: Device['may'] = ['notes:read', 'notes:write'];
const device: Device = { id: 'thermostat', may };

const profile = defineTokenProfile({
  name: 'devices',
  audience: 'devices',
  types: { access: '15m', job: '1h' },
  defaultType: 'access',
  exchange: { job: ['access'] },
  subject: (one: Device) => one.id,
  resolve: ({ sub }) => (sub === device.id ? device : null),
  permissions: definePermissions({ notes: ['read', 'write'] }),
  grant: (one) => one.may,
  tracking: false,
});
const other = defineTokenProfile({
  name: 'gadgets',
  audience: 'devices',
  types: { access: '15m' },
  defaultType: 'access',
  subject: (one: Device) => one.id,
  resolve: () => null,
});

describe('a token of a profile', () => {
  const clock = new MovableClock(new Date('2026-08-20T10:00:00.500Z'));
  const now = Math.floor(clock.now().getTime() / 1000);
  const tokens = profileOf(profile, { clock });

  it('says who it is for, which, by whom and how long', async () => {
    const { token, claims, expiresAt } = await tokens.issue(device, { claims: { room: 'hall' } });
    expect(claims).toEqual({
      iss: 'nest-guardian',
      aud: 'devices',
      sub: 'thermostat',
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      typ: 'access',
      prf: 'devices',
      iat: now,
      exp: now + 900,
      auth_time: now,
      pem: { notes: 'Aw' },
      room: 'hall',
    });
    expect(expiresAt).toEqual(new Date((now + 900) * 1000));
    expect(await tokens.verify(token)).toEqual(claims);
    expect(await tokens.resolve(token)).toEqual({ resource: device, claims });
  });

  it('is of the type that is asked for, or of the default one', async () => {
    const { token } = await tokens.issue(device, { type: 'job' });
    expect(await refusalOf(tokens.verify(token))).toBe('token_type_wrong');
    expect((await tokens.verify(token, { type: 'job' })).typ).toBe('job');
    await expect(tokens.issue(device, { type: 'admin' as never })).rejects.toThrow(TypeError);
  });

  it('lives as long as its type at most', async () => {
    const short = await tokens.issue(device, { lifetime: '1m' });
    expect(short.claims.exp - short.claims.iat).toBe(60);
    const long = await tokens.issue(device, { lifetime: '2h' });
    expect(long.claims.exp - long.claims.iat).toBe(900);
    await expect(tokens.issue(device, { lifetime: 'soon' })).rejects.toThrow(TypeError);
  });

  it('has no claim of the profile that its maker chose', async () => {
    for (const name of ['exp', 'sub', 'typ', 'act', 'pem', 'jti', 'fam', 'constructor']) {
      await expect(tokens.issue(device, { claims: { [name]: 1 } })).rejects.toThrow(TypeError);
    }
    const toJSON = () => ({ sub: 'root' });
    for (const claims of [JSON.parse('{ "__proto__": { "sub": "root" } }'), { toJSON }]) {
      await expect(tokens.issue(device, { claims })).rejects.toThrow(/is not yours to set/);
    }
  });

  it('that could not be read again is not made', async () => {
    const deep = JSON.parse('['.repeat(40) + ']'.repeat(40));
    await expect(tokens.issue(device, { claims: { deep } })).rejects.toThrow(TypeError);
    await expect(tokens.issue(device, { claims: { long: 'x'.repeat(9000) } })).rejects.toThrow(TypeError);
  });

  it('carries what is granted, or less', async () => {
    const { claims } = await tokens.issue(device, { permissions: ['notes:read'] });
    expect(claims).toMatchObject({ pem: { notes: 'AQ' }, lim: true });
    const reader: Device = { ...device, may: ['notes:read'] };
    expect(await refusalOf(tokens.issue(reader, { permissions: ['notes:write'] }))).toBe(
      'permission_not_granted',
    );
    const unknown = { ...device, may: ['notes:burn'] } as unknown as Device;
    await expect(tokens.issue(unknown)).rejects.toThrow(TypeError);
  });

  it('is judged by its permissions and claims', async () => {
    const { token } = await tokens.issue({ ...device, may: ['notes:read'] }, { claims: { room: 'hall' } });
    const judged = (wanted: object) => refusalOf(tokens.verify(token, wanted));
    expect(await judged({ permissions: { all: ['notes:read'] } })).toBe('accepted');
    expect(await judged({ permissions: { all: ['notes:write'] } })).toBe('insufficient_permission');
    expect(await judged({ claims: { room: 'hall' } })).toBe('accepted');
    expect(await judged({ claims: { room: 'cellar' } })).toBe('claim_mismatch');
    expect(await judged({ claims: { toString: Object.prototype.toString } })).toBe('claim_mismatch');
    await expect(tokens.verify(token, { permissions: { all: ['notes:raed' as never] } })).rejects.toThrow(
      TypeError,
    );
    await expect(tokens.verify(token, { permissions: {} })).rejects.toThrow(TypeError);
  });

  it('cannot be taken back where it has no row, and says so', async () => {
    const { token } = await tokens.issue(device);
    expect(await refusalOf(tokens.revoke(token))).toBe('token_not_revocable');
    expect(await refusalOf(tokens.refresh(token))).toBe('token_not_refreshable');
    await expect(tokens.issue(device, { sessionId: '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516' })).rejects.toThrow(
      TypeError,
    );
    await expect(tokens.impersonate({ id: 'ann', sessionId: 'x' }, device)).rejects.toThrow(TypeError);
  });

  it('of a resource that is gone is refused', async () => {
    const { token } = await tokens.issue({ ...device, id: 'sold' });
    expect(await refusalOf(tokens.verify(token))).toBe('accepted');
    expect(await refusalOf(tokens.resolve(token))).toBe('principal_gone');
  });

  it('is exchanged as the table says and not otherwise', async () => {
    const job = await tokens.issue(device, { type: 'job' });
    const { claims } = await tokens.exchange(job.token, { to: 'access' });
    expect(claims).toMatchObject({ typ: 'access', fam: job.claims.jti, auth_time: job.claims.auth_time });
    const access = await tokens.issue(device);
    expect(await refusalOf(tokens.exchange(access.token, { to: 'job' }))).toBe('exchange_not_allowed');
    expect(await refusalOf(tokens.exchange(access.token, { to: 'constructor' as never }))).toBe(
      'exchange_not_allowed',
    );
  });

  it('shows itself unverified as nothing that was verified', async () => {
    const { token, claims } = await tokens.issue(device);
    const peeked = tokens.peekUnverified(token);
    expect(peeked).toMatchObject({ header: { typ: 'guardian+jwt' }, payload: { jti: claims.jti } });
    for (const text of ['', 'a.b.c', 'e30', 'null.null.null', undefined as never]) {
      expect(tokens.peekUnverified(text)).toBeNull();
    }
    // @ts-expect-error: nobody has looked at its signature
    const notVerified: typeof claims | null = peeked;
    expect(notVerified).not.toHaveProperty('jti');
  });
});

describe('a token that is not of this profile', () => {
  const clock = new MovableClock();
  const tokens = profileOf(profile, { clock });
  const now = Math.floor(clock.now().getTime() / 1000);
  const good = {
    iss: 'nest-guardian',
    aud: 'devices',
    sub: 'thermostat',
    jti: '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516',
    typ: 'access',
    prf: 'devices',
    iat: now,
    exp: now + 900,
    auth_time: now,
  };
  const refusal = (claims: object, header?: object) => refusalOf(tokens.verify(forged(claims, header)));

  it('is refused, were it one claim', async () => {
    expect(await refusal(good)).toBe('accepted');
    for (const changed of [
      { iss: 'somebody' },
      { iss: undefined },
      { iss: ['nest-guardian'] },
      { aud: 'people' },
      { aud: undefined },
      { aud: ['devices'] },
      { prf: 'gadgets' },
      { prf: undefined },
      { typ: 'admin' },
      { typ: '__proto__' },
      { typ: undefined },
      { sub: '' },
      { sub: 7 },
      { jti: undefined },
      { jti: "'; DROP TABLE" },
      { exp: undefined },
      { exp: now + 3600 },
      { auth_time: undefined },
      { auth_time: now + 10 },
      { act: {} },
      { act: 'root' },
      { fam: 'x' },
      { sid: 7 },
      { lim: false },
      { pem: 'Aw' },
      { pem: { notes: 7 } },
    ]) {
      expect([changed, await refusal({ ...good, ...changed })]).toEqual([changed, 'token_invalid']);
    }
  });

  it('PR 745, J-44: is refused with times that are no numbers', async () => {
    for (const name of ['exp', 'iat', 'nbf', 'auth_time']) {
      for (const value of [String(now + 900), null, true, [now + 900], {}, 1.5, -1, 1e300]) {
        expect(await refusal({ ...good, [name]: value })).toBe('token_invalid');
      }
    }
  });

  it('is refused before its time and when its time has come', async () => {
    expect(await refusal({ ...good, iat: now + 30, auth_time: now })).toBe('token_not_yet_valid');
    expect(await refusal({ ...good, nbf: now + 30 })).toBe('token_not_yet_valid');
    expect(await refusal({ ...good, iat: now - 900, auth_time: now - 900, exp: now })).toBe('token_expired');
  });

  it('is refused although its claims are right, when its header says that it is another kind', async () => {
    for (const header of [
      {},
      { typ: 'at+jwt' },
      { typ: 'guardian+jwt', crit: [] },
      { typ: 'guardian+jwt', alg: 'none' },
    ]) {
      expect(await refusal(good, header)).toBe('token_invalid');
    }
  });

  it('is refused with another profile’s words, even of the same audience and keys', async () => {
    const theirs = await profileOf(other, { clock }).issue(device);
    expect(await refusalOf(tokens.verify(theirs.token))).toBe('token_invalid');
  });

  it('is no person’s token, and no person’s token is one', async () => {
    const people = AccessTokens.from({ secret }, [], new SystemClock());
    const mine = profileOf(profile, { keys: moduleKeys('devices') });
    const { token } = await mine.issue(device);
    expect(() => people.verify(token)).toThrow(/not an access token/);
    const person = people.sign({ ...good, role: 'authenticated' });
    expect(await refusalOf(mine.verify(person))).toBe('token_invalid');
    expect(await refusalOf(mine.verify(forged(good)))).toBe('token_invalid');
  });

  it('of the module’s keys is not even signed with the shared secret', async () => {
    const mine = profileOf(profile, { keys: moduleKeys('devices') });
    const { token, claims } = await mine.issue(device);
    const [header, payload] = token.split('.');
    const jwt = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'guardian+jwt' })
      .sign(Buffer.from(secret));
    expect(jwt.split('.').slice(0, 2)).toEqual([header, payload]);
    expect(jwt).not.toBe(token);
    expect(await refusalOf(profileOf(other, { keys: moduleKeys('gadgets') }).verify(token))).toBe(
      'token_invalid',
    );
  });

  it('is refused whatever it is', async () => {
    const { token } = await tokens.issue(device);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom('A', '.', '_', ' ', '=', 'é'),
        async (at, char) => {
          const changed = token.slice(0, at) + char + token.slice(at + 1);
          if (changed !== token) expect(await refusalOf(tokens.verify(changed))).toBe('token_invalid');
        },
      ),
    );
    for (const text of ['', '..', 'null', undefined, null, {}, 7]) {
      expect(await refusalOf(tokens.verify(text as never))).toBe('token_invalid');
    }
  });
});

describe('the time of a token', () => {
  it('ends when it says, also where it was remembered', async () => {
    const clock = new MovableClock(new Date('2026-08-20T10:00:00Z'));
    const tokens = profileOf(profile, { clock });
    const { token } = await tokens.issue(device);
    expect(tokens.admit(token)).toBe(tokens.admit(token));
    clock.advance('899s');
    expect(await refusalOf(tokens.verify(token))).toBe('accepted');
    clock.advance('1s');
    expect(await refusalOf(tokens.verify(token))).toBe('token_expired');
  });

  it('is seen by clocks that are a little apart', async () => {
    const { settings, ...rest } = profile;
    const clock = new MovableClock(new Date('2026-08-20T10:00:00Z'));
    const tokens = profileOf({ ...rest, settings: { ...settings, clockTolerance: 30 } } as typeof profile, {
      clock,
    });
    const { token } = await tokens.issue(device);
    clock.advance('929s');
    expect(await refusalOf(tokens.verify(token))).toBe('accepted');
    clock.advance('1s');
    expect(await refusalOf(tokens.verify(token))).toBe('token_expired');
  });

  it('A maxAge is not passed by what was got long ago, be it exchanged yesterday', async () => {
    const clock = new MovableClock(new Date('2026-08-20T10:00:00Z'));
    const tokens = profileOf(profile, { clock });
    const job = await tokens.issue(device, { type: 'job' });
    clock.advance('10m');
    const { token } = await tokens.exchange(job.token, { to: 'access' });
    expect(await refusalOf(tokens.verify(token, { maxAge: '11m' }))).toBe('accepted');
    expect(await refusalOf(tokens.verify(token, { maxAge: '10m' }))).toBe('authentication_too_old');
    const old = await tokens.issue(device, { authenticatedAt: new Date('2026-08-19T10:00:00Z') });
    expect(await refusalOf(tokens.verify(old.token, { maxAge: '1h' }))).toBe('authentication_too_old');
    const future = { authenticatedAt: new Date('2026-08-21T10:00:00Z') };
    await expect(tokens.issue(device, future)).rejects.toThrow(TypeError);
    await expect(tokens.verify(token, { maxAge: 'long' })).rejects.toThrow(TypeError);
  });

  it('CVE-2026-54894, CVE-2026-55733, CVE-2026-55734, S-29 what is remembered has a bound, and what is refused takes no place', async () => {
    const tokens = profileOf(profile);
    const made: string[] = [];
    for (let count = 0; count < 10_050; count++) made.push((await tokens.issue(device)).token);
    const [one] = made as [string];
    const first = tokens.admit(one);
    for (const token of made) expect(() => tokens.admit(token.slice(0, -4))).toThrow(/signature/);
    expect(tokens.admit(one)).toBe(first);
    for (const token of made) void tokens.admit(token);
    expect(tokens.admit(one)).not.toBe(first);
  });
});
