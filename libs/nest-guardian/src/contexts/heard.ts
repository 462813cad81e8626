import { Inject, type Type } from '@nestjs/common';
import { INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import { isObservable, map } from 'rxjs';
import { attempt } from '../http/fallback/failure.js';
import { FALLBACK_OPTIONS, type FallbackOptions } from '../http/fallback/fallback-options.js';
import { objectOrNull } from './context-kind.js';
import { nullFailure, requireSuccess } from './returned.js';

// A symbol, which no member of a class can be named by.
const options = Symbol('nest-guardian.fallback');

/** An instance of a class whose handlers are heard; without options where a test of its own has made it, and not Nest. */
type Heard = { readonly [options]?: FallbackOptions } | undefined;
type Handler = (this: Heard, ...args: unknown[]) => unknown;

/** Which methods of a class are meant, and whether Nest can send what one of them returned. */
export interface Hearing<T> {
  isHandler(method: object): boolean;
  canSend(value: unknown, instance: T): boolean;
}

const HEARINGS = 'nest-guardian:hearings';
const scanner = new MetadataScanner();
const heard = new WeakMap<object, readonly Hearing<never>[]>();

/**
 * Has failures heard where handlers return them, inherited handlers included: what the fallback's interceptor does for
 * routes, without an interceptor, since calling any costs Nest more than calling guard and handler of a message. What an
 * interceptor makes of a result comes after it. Whoever calls such a handler otherwise than through Nest hears its
 * failures thrown, too.
 */
export function hearHandlers<T>(type: Type<T>, hearing: Hearing<T>): void {
  Inject(FALLBACK_OPTIONS)(type.prototype as object, options);
  Reflect.defineMetadata(HEARINGS, [...hearingsOf(type), hearing], type);
  hearAll(type);
}

/** The same for what a class adds to one that it extends. To be called before Nest binds handlers; again does no harm. */
export function hearAll(type: Type): void {
  const names = scanner.getAllMethodNames(type.prototype as object);
  for (const hearing of hearingsOf(type)) {
    for (const name of names) hearOne(type.prototype as Record<string, Handler>, name, hearing);
  }
}

function hearOne(prototype: Record<string, Handler>, name: string, hearing: Hearing<never>): void {
  const handler = prototype[name] as Handler;
  const before = heard.get(handler) ?? [];
  if (!hearing.isHandler(handler) || before.includes(hearing)) return;
  const value = heardBy(handler, name, hearing);
  heard.set(value, [...before, hearing]);
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

const hasInterceptors = (target: object): boolean => Reflect.hasMetadata(INTERCEPTORS_METADATA, target);

/** Whether nothing that the handler's call ends with could be missed: it is heard, and no interceptor comes after it. */
export const isHeard = (type: Type, handler: object): boolean =>
  heard.has(handler) && !hasInterceptors(type) && !hasInterceptors(handler);

/** Whether there is any interceptor on the class or its methods by now. */
export function isIntercepted(type: Type): boolean {
  const prototype = type.prototype as Record<string, Handler>;
  const methods = scanner.getAllMethodNames(prototype).map((name) => prototype[name] as Handler);
  return [type, ...methods].some(hasInterceptors);
}

const hearingsOf = (type: Type): readonly Hearing<never>[] => Reflect.getMetadata(HEARINGS, type) ?? [];

function heardBy<T>(handler: Handler, name: string, { canSend }: Hearing<T>): Handler {
  const requireValue = (value: null | undefined, { constructor }: object, given: FallbackOptions): void => {
    const route = { getClass: () => constructor as Type, getHandler: () => handler };
    const failure = nullFailure(value, route, given);
    if (failure) throw failure;
  };
  const check = (value: unknown, instance: Heard): unknown => {
    const given = instance?.[options];
    if (!given) return value;
    requireSuccess(value, given);
    if (value === undefined || value === null) requireValue(value, instance, given);
    if (canSend(value, instance as T)) return value;
    throw new TypeError(`${instance.constructor.name}.${name} returned what cannot be sent`);
  };
  const hearing: Handler = function (...args) {
    return look(handler.apply(this, args), (value) => check(value, this));
  };
  // Nest looks up the types of parameters by the function's name.
  Object.defineProperty(hearing, 'name', { value: handler.name });
  for (const key of Reflect.getOwnMetadataKeys(handler)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, handler), hearing);
  }
  return hearing;
}

const isThenable = (value: object): value is PromiseLike<unknown> =>
  attempt(() => typeof (value as PromiseLike<unknown>).then === 'function', false);

/** Looks at what was returned, or will be, or will be time and again. */
function look(returned: unknown, check: (value: unknown) => unknown): unknown {
  const object = objectOrNull(returned);
  if (object === null) return check(returned);
  if (isObservable(object)) return object.pipe(map(check));
  if (isThenable(object)) return Promise.resolve(object).then((value) => look(value, check));
  return check(returned);
}
