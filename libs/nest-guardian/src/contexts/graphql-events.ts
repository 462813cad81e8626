import type { ArgumentsHost } from '@nestjs/common';
import { attempt } from '../http/fallback/failure.js';

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  attempt(() => typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function', false);

/**
 * Reads the events of a subscription: one that is, or wraps, a failure is told as the error of that event, and the next one
 * comes after it. Events that break off are told so in a last one. Anything but events passes as it is.
 */
export const eventsWith =
  (failureIn: (value: unknown) => unknown, tell: (thrown: unknown) => Promise<unknown>) =>
  (value: unknown): unknown => {
    if (!isAsyncIterable(value)) return value;
    const events = value[Symbol.asyncIterator]();
    let isOver = false;
    const done = { done: true, value: undefined } as const;
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next(): Promise<IteratorResult<unknown>> {
        if (isOver) return done;
        try {
          const event = await events.next();
          const failure = event.done === true ? undefined : failureIn(event.value);
          return failure === undefined ? event : { done: false, value: await tell(failure) };
        } catch (thrown) {
          isOver = true;
          return { done: false, value: await tell(thrown) };
        }
      },
      // Whoever unsubscribes ends the handler's own events too.
      return: async () => (await events.return?.()) ?? done,
    };
  };

/** An event whose field has this outcome. GraphQL reads it off by the field's name, and hears there what is thrown. */
export async function eventOf(outcome: Promise<unknown>, host: ArgumentsHost): Promise<object> {
  const { fieldName } = host.getArgByIndex<{ readonly fieldName: string }>(3);
  const get = await outcome.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
  return Object.defineProperty({}, fieldName, { get, enumerable: true });
}
