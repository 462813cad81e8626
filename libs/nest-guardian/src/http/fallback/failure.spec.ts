import { describe, expect, it } from '@jest/globals';
import { instanceToPlain } from 'class-transformer';
import { AuthError } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import { defineFailures, fail, isFailure, isOurFailure, OurFailure } from './failure.js';
import { validationFailure } from './validation-failure.js';

describe('a failure', () => {
  it.each([
    ['unauthenticated', 401],
    ['invalid_credentials', 401],
    ['forbidden', 403],
    ['not_found', 404],
    ['conflict', 409],
    ['gone', 410],
    ['precondition_failed', 412],
    ['validation', 422],
    ['locked', 423],
    ['rate_limited', 429],
    ['unknown', 500],
    ['out_of_paper', 500],
    ['constructor', 500],
  ])('%s has the status %i', (code, status) => expect(fail(code)).toMatchObject({ code, status }));

  it('is frozen, and has details only when given', () => {
    expect(Object.isFrozen(fail('gone'))).toBe(true);
    expect(fail('gone')).not.toHaveProperty('details');
    expect(fail('gone', 'long ago')).toHaveProperty('details', 'long ago');
  });
  it('is known by its brand, whichever copy of the package made it', () => {
    const foreign = { kind: Symbol.for('nest-guardian.Failure'), code: 'gone', status: 410 };
    expect(isFailure(foreign)).toBe(true);
  });
  it('survives a spread and a serializer', () => {
    expect(isFailure({ ...fail('gone'), requestId: 1 })).toBe(true);
    expect(isFailure(instanceToPlain(fail('gone')))).toBe(true);
  });
  it('cannot be forged in JSON', () => {
    const kind = Symbol.for('nest-guardian.Failure').description;
    expect(isFailure(JSON.parse(JSON.stringify({ ...fail('gone'), kind })))).toBe(false);
  });
  it('is nothing else', () => {
    const inherited: unknown = Object.create(fail('gone'));
    expect([null, undefined, '', 0, fail, inherited, new AuthError(common.badJwt)].some(isFailure)).toBe(
      false,
    );
  });
  it('and an AuthError are what is ours, and instances of OurFailure', () => {
    const ours = [fail('gone'), new AuthError(common.badJwt)];
    expect(ours.every(isOurFailure)).toBe(true);
    expect(ours.every((value: unknown) => value instanceof OurFailure)).toBe(true);
    expect((new Error('other') as unknown) instanceof OurFailure).toBe(false);
  });
});

describe('defineFailures', () => {
  const failStock = defineFailures({ out_of_stock: 409, maintenance: 503 });

  it('makes failures with declared statuses', () => {
    expect(failStock('out_of_stock', { left: 0 })).toMatchObject({ status: 409, details: { left: 0 } });
    expect(failStock('maintenance').status).toBe(503);
  });
  it('knows no other code', () => {
    // @ts-expect-error The code is not declared.
    expect(failStock('not_found').status).toBe(500);
  });
});

describe('validationFailure', () => {
  it('says what is wrong by dotted field', () => {
    const failure = validationFailure([
      { property: 'email', constraints: { isEmail: 'email must be an email', isNotEmpty: 'email is empty' } },
      {
        property: 'lines',
        children: [
          { property: '0', children: [{ property: 'amount', constraints: { min: 'amount is too small' } }] },
        ],
      },
    ]);
    expect(failure).toEqual(
      fail.validation({
        email: ['email must be an email', 'email is empty'],
        'lines.0.amount': ['amount is too small'],
      }),
    );
  });
  it('takes a field name for a name, whatever it is', () => {
    const failure = validationFailure([{ property: '__proto__', constraints: { whitelist: 'unknown' } }]);
    expect(JSON.stringify(failure.details)).toBe('{"errors":{"__proto__":["unknown"]}}');
  });
});
