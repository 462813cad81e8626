import { HttpException, NotFoundException, StreamableFile } from '@nestjs/common';
import fc from 'fast-check';
import { map, of, throwError } from 'rxjs';
import { AuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import { fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';

const boom = (): never => {
  throw new Error('boom');
};
const traps = [
  'get',
  'has',
  'ownKeys',
  'getPrototypeOf',
  'getOwnPropertyDescriptor',
  'set',
  'defineProperty',
] as const;
const hostile = (target: object) => new Proxy(target, Object.fromEntries(traps.map((trap) => [trap, boom])));
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const circular: Record<string, unknown> = {};
circular.self = circular;
const circularCause = new Error('round');
circularCause.cause = circularCause;

const refusing = (name: string) => Object.defineProperty({}, name, { get: boom, enumerable: true });

/** Thrown instead of returned, nobody else would hear it. */
const rejecting = (reason: unknown) => {
  const promise = Promise.reject(reason);
  promise.catch(() => {});
  return promise;
};

/** The brand without the rest. */
const halfFailure = (members: object) => ({ ...fail('not_found'), ...members });
const oddError = (members: object) => Object.assign(new Error('odd'), members);
const odd = (status: unknown) => new HttpException('odd', status as number);

class Refusing {
  get kind(): never {
    return boom();
  }
  toJSON(): never {
    return boom();
  }
}

/** Values that are hard to look at, to print or to answer. Made anew each time; whatever they throw says 'boom'. */
export const nasties: readonly (() => unknown)[] = [
  revoked,
  () => hostile({}),
  () => hostile([]),
  () => hostile(fail('not_found')),
  () => hostile(new NotFoundException()),
  () => ({ inner: hostile({}) }),
  () => ({ inner: revoked() }),
  () => refusing('then'),
  () => refusing('kind'),
  () => refusing('message'),
  () => ({ toJSON: boom }),
  () => ({ [Symbol.toPrimitive]: boom, toString: boom }),
  () => new Refusing(),
  () => Object.freeze({ a: 1 }),
  () => Object.create(null) as unknown,
  () => circular,
  () => circularCause,
  () => Symbol('s'),
  () => 10n ** 40n,
  () => ({ n: 1n }),
  () => () => 1,
  () => class Nothing {},
  () => new Map([[{}, 1n]]),
  () => new WeakMap(),
  () => 'x'.repeat(2 ** 20),
  () => new Uint8Array(8),
  () => new Date(Number.NaN),
  () => Number.NaN,
  () => oddError({ status: 'teapot', statusCode: -1, expose: true }),
  () => oddError({ status: 99, statusCode: 99, expose: true }),
  () => oddError({ code: 'FST_ERR_VALIDATION', statusCode: 1e9 }),
  () => oddError({ stack: 7, message: Symbol('m'), cause: revoked() }),
  () => Object.defineProperty(new Error('odd'), 'stack', { get: boom }),
  () => ({ statusCode: 404, message: 'plain' }),
  ...[0, 99, 100, 101, 199, 204, 304, 399, 499.5, 600, -1, Number.NaN, '404', null, {}].map(
    (status) => () => odd(status),
  ),
  () => new HttpException(circular, 400),
  () => new HttpException({ message: [1n], error: Symbol('e') }, 400),
  () => new HttpException(new Error('inside'), 403),
  () => new HttpException(null as never, 400),
  () => Object.assign(new NotFoundException(), { getStatus: boom }),
  () => Object.assign(new NotFoundException(), { getResponse: boom }),
  () => halfFailure({ status: 'high', code: Symbol('c') }),
  () => halfFailure({ status: 700 }),
  () => halfFailure({ status: 204 }),
  () => halfFailure({ details: circular }),
  () => halfFailure({ details: { n: 1n } }),
  () => halfFailure({ details: hostile({}) }),
  () => Object.defineProperty(halfFailure({}), 'code', { get: boom }),
  () => fail('validation', { errors: { a: [1n] } }),
  () => fail('validation', { errors: null }),
  () => fail('validation', { toJSON: () => null }),
  () => fail('validation', { toJSON: () => undefined }),
  () => ({ toJSON: () => undefined }),
  () => new AuthError({ name: 'odd', code: 'a\r\nb', status: 1, applicationStatus: 2, message: 'odd' }),
  () =>
    new AuthError(
      { name: 'odd', code: 'odd', status: 400, applicationStatus: 400, message: 'odd' },
      { members: circular },
    ),
  () => rejecting(revoked()),
  () => throwError(() => hostile({})),
  () => of(0).pipe(map(revoked)),
  () => of(of(1)),
  () => new StreamableFile(new Uint8Array(3)),
  () => new Response('web'),
];

/** Nasties, failures and exceptions made of anything, and anything at all; each as what makes it. */
export function anyValue(): fc.Arbitrary<() => unknown> {
  const options = { withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true };
  const anything = fc.anything({ ...options, withNullPrototype: true, withSparseArray: true, maxDepth: 3 });
  return fc.oneof(
    anything.map((any) => () => any),
    fc.constantFrom(...nasties),
    fc.tuple(fc.string(), anything).map(
      ([code, details]) =>
        () =>
          fail(code, details as never),
    ),
    fc.tuple(anything, anything).map(
      ([body, status]) =>
        () =>
          new HttpException(body as never, status as never),
    ),
    fc.tuple(anything, anything).map(
      ([code, status]) =>
        () =>
          halfFailure({ code, status }),
    ),
    fc.constantFrom(...nasties).map((make) => () => ({ data: make() })),
  );
}

/** What went unnoticed by everybody in this process, from now on until `stop`. */
export function hearEscaped(): { readonly escaped: unknown[]; stop(): void } {
  const escaped: unknown[] = [];
  const hear = (error: unknown): void => void escaped.push(error);
  process.on('unhandledRejection', hear);
  return { escaped, stop: () => void process.off('unhandledRejection', hear) };
}
