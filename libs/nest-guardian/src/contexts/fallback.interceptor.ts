import { types } from 'node:util';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type MessageEvent,
  type NestInterceptor,
  SetMetadata,
  StreamableFile,
} from '@nestjs/common';
import { catchError, defaultIfEmpty, from, identity, map, type Observable, takeLast, throwError } from 'rxjs';
import type { AuthError } from '../core/auth-error.js';
import { attempt, fail, type Failure, type FailureCode, isOurFailure } from '../http/fallback/failure.js';
import { FALLBACK_OPTIONS, type FallbackOptions } from '../http/fallback/fallback-options.js';
import { FallbackFilter } from './fallback.filter.js';
import { eventOf, eventsWith } from './graphql-events.js';
import { isEventStream, messageKindOf, remember } from './kind-of.js';

const NULL_AS = 'nest-guardian:null-as';

/** Makes a returned `null` or `undefined` a failure with this code. Nowhere else is it one. */
export const NullAs = (code: FailureCode | (string & {})): MethodDecorator & ClassDecorator =>
  SetMetadata(NULL_AS, code);

/** What both adapters' responses have in common. */
interface AnyResponse {
  getHeader(name: string): string | string[] | undefined;
  removeHeader(name: string): unknown;
  header(name: string, values: string[]): unknown;
}

const isPlainObject = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/** Looks one level down too: an interceptor of the route may have wrapped the result in `{ data }` already. */
function failureIn(value: unknown): Failure | AuthError | undefined {
  if (isOurFailure(value)) return value;
  return attempt(() => {
    if (!isPlainObject(value)) return undefined;
    const members = Object.keys(value).map(
      (name) => Object.getOwnPropertyDescriptor(value, name)?.value as unknown,
    );
    return members.find(isOurFailure);
  }, undefined);
}

const requireSendable = (context: ExecutionContext) =>
  map((value: unknown) => {
    if (messageKindOf(context)?.canSend(value, context) ?? true) return value;
    throw new TypeError(`${messageKindOf(context)?.nameOf(context)} returned what cannot be sent`);
  });

const isError = (value: unknown): boolean =>
  types.isNativeError(value) || attempt(() => value instanceof Error, false);

/** Turns a failure that a handler returned or emitted into a thrown one. Anything else passes as it is. */
@Injectable()
export class FallbackInterceptor implements NestInterceptor {
  constructor(
    @Inject(FALLBACK_OPTIONS) private readonly options: FallbackOptions,
    private readonly filter: FallbackFilter,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    remember(context);
    const requireSuccess = map((value: unknown) => this.requireSuccess(value, context));
    if (context.getType<string>() === 'graphql') {
      const tell = (thrown: unknown) => this.tellInEvent(thrown, context);
      return next.handle().pipe(requireSuccess, requireSendable(context), map(eventsWith(failureIn, tell)));
    }
    if (context.getType() !== 'http') return next.handle().pipe(requireSuccess, requireSendable(context));
    if (isEventStream(context)) {
      return next.handle().pipe(
        requireSuccess,
        catchError((thrown) => this.endStream(thrown, context)),
      );
    }
    const forgetCookies = this.cookieForgetter(context);
    return next.handle().pipe(
      // On plain HTTP Nest sends the last value only, so an earlier one is no failure.
      takeLast(1),
      this.options.everything ? defaultIfEmpty(undefined) : identity,
      requireSuccess,
      catchError((thrown) => {
        forgetCookies(thrown);
        throw thrown;
      }),
    );
  }

  private requireSuccess(value: unknown, context: ExecutionContext): unknown {
    const failure = failureIn(value);
    if (failure !== undefined) throw failure;
    if (value === undefined || value === null) return this.requireValue(value, context);
    if (!this.options.everything) return value;
    if (isError(value)) throw value;
    if (attempt(() => value instanceof StreamableFile, false)) this.watch(value as StreamableFile, context);
    return value;
  }

  private requireValue(value: null | undefined, context: ExecutionContext): unknown {
    const declared: string | undefined =
      Reflect.getMetadata(NULL_AS, context.getHandler()) ?? Reflect.getMetadata(NULL_AS, context.getClass());
    const code =
      declared ?? (this.options.preset === 'phoenix' && value === null ? 'unauthenticated' : undefined);
    // Under `@Res()` a handler that answered returns nothing.
    if (code === undefined || (context.getType() === 'http' && this.filter.isAnswered(context))) return value;
    throw fail(code);
  }

  /** @throws what is none of ours, unless everything is */
  private async tellInEvent(thrown: unknown, context: ExecutionContext): Promise<unknown> {
    if (!this.takes(thrown)) throw thrown;
    return eventOf(Promise.resolve(this.filter.catch(thrown, context)), context);
  }

  private takes(thrown: unknown): boolean {
    return this.options.everything === true || isOurFailure(thrown);
  }

  /** Once the stream has begun no filter can answer; its last event says what went wrong. */
  private endStream(thrown: unknown, context: ExecutionContext): Observable<MessageEvent> {
    if (!this.takes(thrown) || !this.filter.isAnswered(context)) return throwError(() => thrown);
    return from(this.filter.describe(thrown, context)).pipe(
      map(({ text }) => ({ type: 'error', data: text })),
    );
  }

  /** Express answers a file that cannot be read past every filter, unless the file says otherwise. */
  private watch(file: StreamableFile, context: ExecutionContext): void {
    // The name of Nest's own; a handler that the application has set stays.
    if (file.errorHandler.name !== 'handleError') return;
    file.setErrorHandler((error) => void this.filter.catch(error, context));
  }

  /** Takes back the cookies that the handler has set, and keeps those from before it. */
  private cookieForgetter(context: ExecutionContext): (thrown: unknown) => void {
    if (this.options.keepCookies) return () => {};
    const response = context.switchToHttp().getResponse<AnyResponse>();
    const before = [response.getHeader('set-cookie') ?? []].flat();
    return (thrown) => {
      if (!this.takes(thrown) || this.filter.isAnswered(context)) return;
      response.removeHeader('set-cookie');
      if (before.length > 0) response.header('set-cookie', before);
    };
  }
}
