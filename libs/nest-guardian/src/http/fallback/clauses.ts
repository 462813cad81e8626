import { type ArgumentsHost, type ExecutionContext, SetMetadata, type Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { AuthError } from '../../core/auth-error.js';
import { perRoute } from '../per-route.js';
import { fail, isOurFailure, type Failure } from './failure.js';

const FALLBACK = 'nest-guardian:fallback';
const WHEN = 'nest-guardian:when';

/** What a clause answers with. A text body goes out as it is, anything else as JSON. */
export interface FallbackAnswer {
  /** From 200 to 599. */
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer; or another failure, which the clauses after this one are asked about; or nothing: not mine. */
export type ClauseResult = FallbackAnswer | Failure | AuthError | undefined;

/** A failure's code, a class that the thrown value is an instance of, or a question about it. */
export type ClauseMatcher =
  string | (abstract new (...args: never[]) => unknown) | ((thrown: unknown) => boolean);

interface Clause {
  readonly matcher: ClauseMatcher;
  readonly method: string | symbol;
}
type ClauseMethod = (thrown: unknown, host: ArgumentsHost) => ClauseResult | Promise<ClauseResult>;

/**
 * Makes the method a clause: called with what was thrown and the host when the matcher fits. Clauses of a
 * class are asked in the order they are written, those of its parent after its own.
 */
export const When =
  (matcher: ClauseMatcher): MethodDecorator =>
  (prototype, method) => {
    const clauses: Clause[] = Reflect.getOwnMetadata(WHEN, prototype) ?? [];
    Reflect.defineMetadata(WHEN, [...clauses, { matcher, method }], prototype);
  };

/**
 * Gives the method's or the controller's failures to these clause classes. The nearest is asked first: the
 * method's, the controller's, the application's, then what is built in. A class that needs injection has to be
 * a provider. Clauses see errors that are not ours only under `everything`.
 */
export const Fallback = (...classes: readonly Type[]): MethodDecorator & ClassDecorator =>
  SetMetadata(FALLBACK, classes);

/** The words of the `phoenix` preset. */
export class PhoenixClauses {
  @When('unauthorized')
  forbid(): ClauseResult {
    return fail('forbidden');
  }
}

const namedBy = perRoute((handler, type) =>
  [handler, type].flatMap((target): readonly Type[] => Reflect.getMetadata(FALLBACK, target) ?? []),
);
const routes = new WeakMap<object, readonly Type[]>();

/**
 * Remembers which clauses the call's route names, because Nest tells a filter neither handler nor class.
 * The interceptor calls it; a guard that does so too has its own refusals heard by them.
 */
export function rememberRoute(context: ExecutionContext, callOf: () => object | null | undefined): void {
  const classes = namedBy(context);
  const call = classes.length > 0 ? callOf() : null;
  if (call) routes.set(call, classes);
}

function clausesOf(prototype: object | null): readonly Clause[] {
  if (prototype === null) return [];
  return [...(Reflect.getOwnMetadata(WHEN, prototype) ?? []), ...clausesOf(Object.getPrototypeOf(prototype))];
}

/** Only a class has a prototype that cannot be replaced; a predicate has another, or none. */
const isClass = (matcher: object): boolean =>
  Object.getOwnPropertyDescriptor(matcher, 'prototype')?.writable === false;

function fits(matcher: ClauseMatcher, thrown: unknown, code: string): boolean {
  if (typeof matcher === 'string') return matcher === code;
  if (isClass(matcher)) return thrown instanceof matcher;
  return (matcher as (thrown: unknown) => boolean)(thrown);
}

/** Finds and asks the clauses. Whatever a clause throws, this throws: the filter has the last word. */
export class Clauses {
  private readonly instances = new Map<Type, object>();

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly applicationWide: readonly Type[],
    private readonly codeOf: (thrown: unknown) => string,
  ) {}

  /** Returns the answer of a clause, or the failure that is left when all have been asked. */
  async ask(
    thrown: unknown,
    host: ArgumentsHost,
    call: object | null | undefined,
  ): Promise<{ answer: FallbackAnswer } | { left: unknown }> {
    const named = call ? routes.get(call) : undefined;
    const types = [...(named ?? []), ...this.applicationWide];
    const clauses = types.flatMap((type) => clausesOf(type.prototype).map((clause) => ({ type, ...clause })));
    let left = thrown;
    for (const { type, matcher, method } of clauses) {
      if (!fits(matcher, left, this.codeOf(left))) continue;
      const instance = (await this.instanceOf(type)) as Record<string | symbol, ClauseMethod>;
      const result = await instance[method](left, host);
      if (isOurFailure(result)) left = result;
      else if (result !== undefined) return { answer: result };
    }
    return { left };
  }

  private async instanceOf(type: Type): Promise<object> {
    const instance =
      this.instances.get(type) ?? this.provided(type) ?? ((await this.moduleRef.create(type)) as object);
    this.instances.set(type, instance);
    return instance;
  }

  private provided(type: Type): object | undefined {
    try {
      return this.moduleRef.get<object>(type, { strict: false });
    } catch {
      // Nest has no question that does not throw; a class that is no provider is made instead.
      return undefined;
    }
  }
}
