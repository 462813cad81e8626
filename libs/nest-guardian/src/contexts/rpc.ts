import type { ArgumentsHost } from '@nestjs/common';
import { from, map } from 'rxjs';
import { event } from '../core/event.js';
import { perRoute } from '../http/per-route.js';
import type { Bearer } from '../wire/bearer.js';
import { type MessageKind, objectOrNull } from './context-kind.js';
import { isWritable } from './writable.js';

/** What Nest makes for each message; `getMetadata` is the envelope's, which a handler's payload is no part of. */
interface MessageContext {
  getMetadata?(): unknown;
  getPattern?(): unknown;
  getChannel?(): unknown;
}

/** A message to which nobody waits for an answer has failed. Carries neither payload nor token. */
export const messageFailed = event<{
  /** The pattern that it was sent to. */
  readonly pattern: string;
  readonly code: string;
  readonly status: number;
}>('messageFailed');

/** What Nest writes on handlers of `@EventPattern`. */
const isEventHandler = perRoute(
  (handler) => Reflect.getMetadata('microservices:handler_type', handler) === 2,
);
const events = new WeakSet<object>();

const none: Bearer = { kind: 'none' };

const contextOf = (host: ArgumentsHost) => objectOrNull(host.getArgByIndex(1)) as MessageContext | null;

/** Messages and events of microservices. A refusal is the error of the answer; an event has none, and is logged. */
export const rpc: MessageKind = {
  carrierOf: contextOf,
  bearerOf(carrier) {
    const metadata = objectOrNull((carrier as MessageContext).getMetadata?.());
    const token: unknown = metadata && Object.getOwnPropertyDescriptor(metadata, 'access_token')?.value;
    if (token === undefined || token === null) return none;
    return typeof token === 'string' && token !== '' ? { kind: 'one', token } : { kind: 'unreadable' };
  },
  callOf: contextOf,
  remember(context) {
    const message = contextOf(context);
    if (message !== null && isEventHandler(context)) events.add(message);
  },
  canSend: isWritable,
  isUnheard: (host) => events.has(contextOf(host) ?? {}),
  nameOf(host) {
    const context = contextOf(host);
    return String(context?.getPattern?.() ?? context?.getChannel?.() ?? 'a message');
  },
  // A promise of an observable would go out as a value, where the failure came from one.
  end: (ending) =>
    from(ending).pipe(
      map((ended) => {
        if ('value' in ended) return ended.value;
        throw ended.refusal;
      }),
    ),
};
