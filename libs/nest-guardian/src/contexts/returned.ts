import { types } from 'node:util';
import { SetMetadata } from '@nestjs/common';
import type { AuthError } from '../core/auth-error.js';
import { attempt, fail, type Failure, type FailureCode, isOurFailure } from '../http/fallback/failure.js';
import type { FallbackOptions } from '../http/fallback/fallback-options.js';
import { perRoute } from '../http/per-route.js';

const NULL_AS = 'nest-guardian:null-as';

/** Makes a returned `null` or `undefined` a failure with this code. Nowhere else is it one. */
export const NullAs = (code: FailureCode | (string & {})): MethodDecorator & ClassDecorator =>
  SetMetadata(NULL_AS, code);

const nullAs = perRoute(
  (handler, type): string | undefined =>
    Reflect.getMetadata(NULL_AS, handler) ?? Reflect.getMetadata(NULL_AS, type),
);

const isPlainObject = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** Looks one level down too: it may have been wrapped in `{ data }` already. */
export function failureIn(value: unknown): Failure | AuthError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (isOurFailure(value)) return value;
  return attempt(() => {
    if (!isPlainObject(value)) return undefined;
    for (const name of Object.keys(value)) {
      const member: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
      if (isOurFailure(member)) return member;
    }
    return undefined;
  }, undefined);
}

const isError = (value: unknown): boolean =>
  types.isNativeError(value) || attempt(() => value instanceof Error, false);

/** @throws what was returned, where it is a failure, or, if everything is the fallback's, an error */
export function requireSuccess(value: unknown, { everything }: FallbackOptions): void {
  const failure = failureIn(value);
  if (failure !== undefined) throw failure;
  if (everything && isError(value)) throw value;
}

/** The failure that nothing stands for where it was returned. */
export function nullFailure(
  value: null | undefined,
  route: Parameters<typeof nullAs>[0],
  { preset }: FallbackOptions,
): Failure | undefined {
  const code = nullAs(route) ?? (preset === 'phoenix' && value === null ? 'unauthenticated' : undefined);
  return code === undefined ? undefined : fail(code);
}
