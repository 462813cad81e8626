import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type MessageEvent,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import { catchError, defaultIfEmpty, from, identity, map, type Observable, takeLast, throwError } from 'rxjs';
import { attempt, isOurFailure } from '../http/fallback/failure.js';
import { FALLBACK_OPTIONS, type FallbackOptions } from '../http/fallback/fallback-options.js';
import { FallbackFilter } from './fallback.filter.js';
import { eventOf, eventsWith } from './graphql-events.js';
import { isEventStream, messageKindOf, remember } from './kind-of.js';
import { failureIn, nullFailure, requireSuccess } from './returned.js';

/** What both adapters' responses have in common. */
interface AnyResponse {
  getHeader(name: string): string | string[] | undefined;
  removeHeader(name: string): unknown;
  header(name: string, values: string[]): unknown;
}

/** @throws TypeError */
function requireSendable(value: unknown, context: ExecutionContext): unknown {
  const kind = messageKindOf(context);
  if (kind?.canSend(value, context) ?? true) return value;
  throw new TypeError(`${kind?.nameOf(context)} returned what cannot be sent`);
}

/** Turns a failure that a handler returned or emitted into a thrown one. Anything else passes as it is. */
@Injectable()
export class FallbackInterceptor implements NestInterceptor {
  constructor(
    @Inject(FALLBACK_OPTIONS) private readonly options: FallbackOptions,
    private readonly filter: FallbackFilter,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    remember(context);
    if (context.getType() !== 'http') return this.hearMessage(context, next);
    const requireSuccess = map((value: unknown) => this.requireSuccess(value, context));
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

  /** As one operator, since messages and fields are many. */
  private hearMessage(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const isGraphql = context.getType<string>() === 'graphql';
    const tell = (thrown: unknown) => this.tellInEvent(thrown, context);
    const hearEvents = isGraphql ? eventsWith(failureIn, tell) : identity;
    return next
      .handle()
      .pipe(map((value) => hearEvents(requireSendable(this.requireSuccess(value, context), context))));
  }

  private requireSuccess(value: unknown, context: ExecutionContext): unknown {
    requireSuccess(value, this.options);
    if (value === undefined || value === null) return this.requireValue(value, context);
    if (this.options.everything && attempt(() => value instanceof StreamableFile, false))
      this.watch(value as StreamableFile, context);
    return value;
  }

  private requireValue(value: null | undefined, context: ExecutionContext): unknown {
    const failure = nullFailure(value, context, this.options);
    // Under `@Res()` a handler that answered returns nothing.
    if (!failure || (context.getType() === 'http' && this.filter.isAnswered(context))) return value;
    throw failure;
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
