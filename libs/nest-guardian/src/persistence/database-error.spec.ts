import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { QueryFailedError } from 'typeorm';
import { AuthError } from '../core/auth-error.js';
import { databaseError } from './database-error.js';

const coded = (code: string): Error => Object.assign(new Error('no'), { code });

describe('what the database throws', () => {
  it.each([
    '08006',
    '08P01',
    '28P01',
    '3D000',
    '53300',
    '57014',
    '57P01',
    '57P03',
    '40001',
    '40P01',
    '25006',
    '25P03',
    '55P03',
  ])('is databaseUnavailable for SQLSTATE %s', (code) =>
    expect(databaseError(coded(code))).toMatchObject({ code: 'database_unavailable', status: 503 }),
  );

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'ENOENT'])(
    'is databaseUnavailable for %s',
    (code) => expect(databaseError(coded(code))).toMatchObject({ code: 'database_unavailable' }),
  );

  it.each([
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client was closed and is not queryable',
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
    'Driver not Connected',
    'PGlite is closed',
  ])('is databaseUnavailable for "%s"', (message) =>
    expect(databaseError(new Error(message))).toMatchObject({ code: 'database_unavailable' }),
  );

  it.each(['22001', '22021', '22P02', '22P05'])('is badRequest for SQLSTATE %s', (code) =>
    expect(databaseError(coded(code))).toMatchObject({ code: 'validation_failed', status: 400 }),
  );

  it.each(['23505', '42P01', '42501', '22012'])('passes through for SQLSTATE %s', (code) => {
    const error = coded(code);
    expect(databaseError(error)).toBe(error);
  });

  it('keeps no parameter and no row, which may be a hash or a key', () => {
    fc.assert(
      fc.property(fc.constantFrom('23514', '22P02', '40001'), (code) => {
        const driverError = Object.assign(coded(code), { detail: '(s3cret)', where: "$1 = 's3cret'" });
        const error = databaseError(new QueryFailedError('SELECT $1', ['s3cret'], driverError)) as Error;
        const told = error instanceof AuthError ? error.cause : error;
        expect(JSON.stringify({ ...(told as object) })).not.toContain('s3cret');
        expect(error).not.toBeInstanceOf(QueryFailedError);
      }),
      { numRuns: 10 },
    );
  });

  it('passes through when it is no error at all', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        fc.pre(typeof thrown !== 'object' || thrown === null || !('driverError' in thrown));
        expect(databaseError(thrown)).toBe(thrown);
      }),
    );
  });
});
