import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { common } from '../core/conditions.js';
import { AuthError, deny } from '../core/auth-error.js';
import type { Session, User } from '../core/records.js';
import { addedClaims, requireReadable } from './added-claims.js';

const added = (claims: unknown) =>
  addedClaims(
    async () => ({ claimsFor: () => claims as Record<string, unknown> }),
    {} as User,
    {} as Session,
  );

describe('claims that the application adds', () => {
  it('are what it returns, at once or later', async () => {
    const claims = { team: 'red', plan: { seats: 3, until: null }, tags: ['a', 'b'] };
    expect(await added(claims)).toEqual(claims);
    expect(await added(Promise.resolve(claims))).toEqual(claims);
    expect(await added({})).toEqual({});
  });

  const names =
    'iss sub aud exp nbf iat jti role aal amr session_id is_anonymous client_id scope app_metadata user_metadata email phone';
  it.each(names.split(' '))('never say %s, and the log names it', async (name) => {
    await expect(added({ team: 'red', [name]: 'x' })).rejects.toThrow(
      new TypeError(`CustomClaims must not set ${name}, which is protected`),
    );
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', ['a']],
    ['a text', 'team'],
    ['a date', { at: new Date() }],
    ['a map', { map: new Map() }],
    ['what is no number', { seats: Number.NaN }],
    ['what is left out', { team: undefined }],
    ['a function', { team: () => 'red' }],
    ['a member that no reader takes', JSON.parse('{"__proto__": {"role": "admin"}}')],
    ['an object that says of itself what it is', { team: { toJSON: () => 'red' } }],
  ])('are a plain object of JSON, and not %s', async (_, claims) => {
    await expect(added(claims)).rejects.toThrow(TypeError);
  });

  it.each<[string, unknown]>([
    ['a big integer', { seats: 3n }],
    [
      'a ring',
      Object.assign(
        {},
        {
          get self() {
            return this;
          },
        },
      ),
    ],
  ])('are refused where they hold %s', async (_, claims) => {
    await expect(added(claims)).rejects.toThrow(TypeError);
  });

  it('have 2048 bytes at most, of which a letter may take several', async () => {
    const fits = { t: 'x'.repeat(2048 - '{"t":""}'.length) };
    expect(await added(fits)).toEqual(fits);
    await expect(added({ t: `${fits.t}x` })).rejects.toThrow('returned 2049 bytes, and may return 2048');
    await expect(added({ t: 'ü'.repeat(1100) })).rejects.toThrow('bytes');
  });

  it('do not make a token that would open nothing', () => {
    expect(requireReadable('x'.repeat(8192))).toHaveLength(8192);
    expect(() => requireReadable('x'.repeat(8193))).toThrow('more than 8192 characters');
  });

  it('refuse with what the application throws', async () => {
    const claimsFor = () => deny(common.insufficientRole);
    await expect(addedClaims(async () => ({ claimsFor }), {} as User, {} as Session)).rejects.toMatchObject({
      code: 'insufficient_role',
    });
    const broken = async () => Promise.reject(new Error('no directory'));
    await expect(addedClaims(async () => ({ claimsFor: broken }), {} as User, {} as Session)).rejects.toThrow(
      'no directory',
    );
  });

  it('have a second; what comes later is nobody’s', async () => {
    const late = sleep(1_500).then(() => Promise.reject(new Error('too late to be heard')));
    const error = await added(late).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ status: 504, code: 'request_timeout' });
    await late.catch(() => undefined);
  });
});
