import { describe, expect, it } from '@jest/globals';
import { ConflictException, HttpException, UnauthorizedException } from '@nestjs/common';
import { AuthError } from '../../core/auth-error.js';
import { conditions } from '../../core/condition.js';
import { common } from '../../core/conditions.js';
import { type Dialect, dialects } from './dialects.js';
import { fail } from './failure.js';
import { readProblem } from './problem.js';

const write = (dialect: Dialect, thrown: unknown) => dialects[dialect](readProblem(thrown)).body;
const invalid = fail.validation({ email: ['is taken', 'is short'], name: ['is empty'] });
const { weakPassword, invalidCredentials } = conditions({
  weakPassword: { code: 'weak_password', status: 422, message: 'Password is weak' },
  invalidCredentials: {
    code: 'invalid_credentials',
    status: 400,
    applicationStatus: 401,
    message: 'Invalid',
  },
});
const weak = new AuthError(weakPassword, { members: { weak_password: { reasons: ['length'] } } });

describe('problem', () => {
  it('has type, title, status and code', () =>
    expect(write('problem', fail('gone'))).toEqual({
      type: 'about:blank',
      title: 'Gone',
      status: 410,
      code: 'gone',
    }));
  it('has the sentence as detail and the object as members, none of which replaces its own', () => {
    expect(write('problem', fail('gone', 'long ago'))).toHaveProperty('detail', 'long ago');
    const details = { retryAt: 7, status: 200, type: 'x', code: 'y' };
    expect(write('problem', fail('gone', details))).toMatchObject({
      retryAt: 7,
      status: 410,
      type: 'about:blank',
      code: 'gone',
    });
  });
  it('has the fields of a validation as errors', () =>
    expect(write('problem', invalid)).toMatchObject({
      status: 422,
      errors: { email: ['is taken', 'is short'] },
    }));
  it('has the message and members of an AuthError, with the status of the application', () => {
    expect(write('problem', weak)).toMatchObject({
      detail: 'Password is weak',
      weak_password: { reasons: ['length'] },
    });
    expect(write('problem', new AuthError(invalidCredentials))).toMatchObject({
      status: 401,
      detail: 'Invalid',
    });
  });
  it('has the messages of an HttpException, and its own members', () => {
    expect(write('problem', new HttpException({ message: ['a', 'b'], extra: 1 }, 400))).toEqual({
      extra: 1,
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'a; b',
      code: 'bad_request',
    });
    expect(write('problem', new ConflictException())).not.toHaveProperty('detail');
    expect(write('problem', new ConflictException('x', { errorCode: 'taken' }))).toHaveProperty(
      'code',
      'taken',
    );
  });
  it('has nothing of an error inside an HttpException', () => {
    const inside = Object.assign(new Error('secret'), { config: 'secret' });
    expect(JSON.stringify(write('problem', new UnauthorizedException(inside)))).not.toContain('secret');
  });
});

describe('nest', () => {
  it('is the body of an HttpException, with the code where Nest has it', () => {
    expect(write('nest', fail('conflict', 'taken'))).toEqual(
      new ConflictException('taken', { errorCode: 'conflict' }).getResponse(),
    );
  });
  it('has the messages of a validation as ValidationPipe has them', () =>
    expect(write('nest', invalid)).toEqual({
      message: ['is taken', 'is short', 'is empty'],
      error: 'Unprocessable Entity',
      statusCode: 422,
      errorCode: 'validation',
    }));
});

describe('phoenix', () => {
  it('has the fields of a validation', () =>
    expect(write('phoenix', invalid)).toEqual({
      errors: { email: ['is taken', 'is short'], name: ['is empty'] },
    }));
  it('has the phrase of the status otherwise, or what was said', () => {
    expect(write('phoenix', fail('not_found'))).toEqual({ errors: { detail: 'Not Found' } });
    expect(write('phoenix', fail('not_found', 'no such shelf'))).toEqual({
      errors: { detail: 'no such shelf' },
    });
    expect(write('phoenix', fail('validation'))).toEqual({ errors: { detail: 'Unprocessable Entity' } });
  });
});

describe('WWW-Authenticate', () => {
  it.each([
    ['nothing but the challenge without a token', common.noAuthorization, 'Bearer'],
    ['the challenge after wrong credentials', invalidCredentials, 'Bearer'],
    ['invalid_token for a bad token', common.badJwt, 'Bearer error="invalid_token"'],
    ['invalid_token for a closed session', common.sessionNotFound, 'Bearer error="invalid_token"'],
    ['insufficient_scope for a missing role', common.insufficientRole, 'Bearer error="insufficient_scope"'],
    [
      'insufficient_scope for an anonymous user',
      common.anonymousNotAllowed,
      'Bearer error="insufficient_scope"',
    ],
    ['nothing for any other condition', weakPassword, undefined],
  ])('is %s', (_name, condition, challenge) => {
    expect(readProblem(new AuthError(condition)).challenge).toBe(challenge);
  });
  it('is the challenge for a failure that is a 401', () => {
    expect(readProblem(fail('unauthenticated')).challenge).toBe('Bearer');
    expect(readProblem(fail('forbidden')).challenge).toBeUndefined();
  });
});
