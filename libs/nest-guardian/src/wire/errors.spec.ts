import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AuthError } from '../core/auth-error.js';
import { conditions } from '../core/condition.js';
import { common } from '../core/conditions.js';
import { apiVersion, apiVersionHeader, dialectOf, readError, renderError } from './errors.js';

const reserved = new Set(['code', 'error_code', 'msg', 'message', 'error_id', 'error', 'error_description']);

const code = fc.stringMatching(/^[a-z][a-z0-9_]{0,40}$/);
const members = fc.dictionary(
  fc.string().filter((name) => !reserved.has(name)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  { maxKeys: 4 },
);
const refusal = fc.record({
  code,
  status: fc.integer({ min: 400, max: 599 }),
  message: fc.string(),
  members,
});

/** What a client sees after the body has been over the network. */
const sent = (body: unknown): unknown => JSON.parse(JSON.stringify(body)) as unknown;

const made = (from: { code: string; status: number; message: string; members: Record<string, unknown> }) =>
  new AuthError(
    {
      name: 'made',
      code: from.code,
      status: from.status,
      applicationStatus: from.status,
      message: from.message,
    },
    { members: from.members },
  );

describe('an error over the wire', () => {
  it.each(['legacy', '2024'] as const)('keeps code, status, message and members in %s', (dialect) => {
    fc.assert(
      fc.property(refusal, fc.option(fc.uuid(), { nil: undefined }), (from, requestId) => {
        const { status, body } = renderError(made(from), dialect, requestId);
        const read = readError(status, sent(body));
        expect(read).toMatchObject({ code: from.code, status: from.status, message: from.message });
        expect(read?.members).toEqual(sent(from.members));
      }),
    );
  });

  it.each(['legacy', '2024'] as const)('keeps an OAuth error as one, with status 400, in %s', (dialect) => {
    fc.assert(
      fc.property(code, fc.string(), members, (name, message, extra) => {
        const condition = {
          name,
          code: name,
          status: 400,
          applicationStatus: 400,
          message,
          dialect: 'oauth',
        } as const;
        const { status, body } = renderError(new AuthError(condition, { members: extra }), dialect);
        const read = readError(status, sent(body));
        expect(read).toMatchObject({ code: name, status: 400, message, condition: { dialect: 'oauth' } });
        expect(read?.members).toEqual(sent(extra));
      }),
    );
  });

  it('becomes the very condition that was declared with these words', () => {
    const { body } = renderError(new AuthError(common.sessionNotFound), '2024');
    expect(readError(403, sent(body))?.condition).toBe(common.sessionNotFound);
  });

  it('is a 401 on application routes when declared so, whatever value its words carry', () => {
    conditions({
      tooOld: {
        code: 'ticket_refused',
        status: 400,
        applicationStatus: 401,
        message: (age) => `Too old: ${age}`,
      },
    });
    expect(readError(400, { code: 'ticket_refused', message: 'Too old: 9' })).toMatchObject({
      applicationStatus: 401,
      condition: { name: 'tooOld' },
    });
  });

  it('keeps the wire status on application routes when declarations disagree', () => {
    conditions({
      one: { code: 'ambiguous_code', status: 400, applicationStatus: 401, message: 'One' },
      other: { code: 'ambiguous_code', status: 400, applicationStatus: 422, message: 'Other' },
    });
    expect(readError(400, { code: 'ambiguous_code', message: 'Third' })?.applicationStatus).toBe(400);
  });

  it('is a 401 on application routes for a refused token of any status', () => {
    expect(readError(400, { code: 'session_not_found', message: 'gone' })?.applicationStatus).toBe(401);
  });

  it('stays readable when the code is unknown here', () => {
    expect(readError(418, { code: 'brand_new_code', message: 'Something new' })).toMatchObject({
      code: 'brand_new_code',
      status: 418,
      message: 'Something new',
    });
  });

  it('reads the answers of servers from before error codes', () => {
    expect(readError(422, { code: 422, msg: 'Bad' })).toMatchObject({ code: 'unknown', message: 'Bad' });
  });

  it('does not pass on the request id of the other server', () => {
    const { body } = renderError(new AuthError(common.unexpectedFailure), 'legacy', 'abc');
    expect(body).toHaveProperty('error_id', 'abc');
    expect(readError(500, sent(body))?.members).toEqual({});
  });

  it.each([
    ['nothing', null],
    ['text', 'no'],
    ['a list', [{ code: 'a', message: 'b' }]],
    ['a gateway', { message: 'Invalid authentication credentials' }],
    ['a Nest application', { statusCode: 400, message: 'Cannot', error: 'Bad Request' }],
    ['a code without words', { code: 'bad_jwt' }],
    ['a code that breaks a header', { code: 'bad\r\njwt', message: 'x' }],
    ['a code that is an object', { code: {}, message: 'x' }],
  ])('is not read from %s', (_, body) => {
    expect(readError(400, body)).toBeNull();
  });
});

describe('the dialect', () => {
  it.each([
    [undefined, 'legacy'],
    ['', 'legacy'],
    ['2023-12-31', 'legacy'],
    ['banana', 'legacy'],
    ['2024-01-01', '2024'],
    ['2026-01-01', '2024'],
  ] as const)('of version %p is %s', (version, dialect) => {
    expect(dialectOf(version)).toBe(dialect);
  });

  it('echoes the version only in 2024', () => {
    const error = new AuthError(common.notAdmin);
    expect(renderError(error, '2024').headers[apiVersionHeader]).toBe(apiVersion);
    expect(renderError(error, 'legacy').headers).not.toHaveProperty(apiVersionHeader);
  });
});
