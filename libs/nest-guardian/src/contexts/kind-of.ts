import type { ServerResponse } from 'node:http';
import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { rememberRoute } from '../http/fallback/clauses.js';
import { perRoute } from '../http/per-route.js';
import { type RawRequest, readBearer } from '../wire/bearer.js';
import type { ContextKind, MessageKind } from './context-kind.js';
import { graphql } from './graphql.js';
import { rpc } from './rpc.js';
import { websocket } from './websocket.js';

/** Whether the handler answers with a stream of events. */
export const isEventStream = perRoute((handler) => Reflect.hasMetadata(SSE_METADATA, handler));

const requestOf = (host: ArgumentsHost): object => host.getArgByIndex<object>(0);

const http: ContextKind = {
  carrierOf: requestOf,
  bearerOf(request) {
    // Fastify's request is a wrapper round Node's.
    const { raw } = request as { readonly raw?: RawRequest };
    return readBearer(raw ?? (request as RawRequest));
  },
  isLasting: isEventStream,
  lastingOf(context) {
    const response = context.getArgByIndex<ServerResponse & { readonly raw?: ServerResponse }>(1);
    const raw = response.raw ?? response;
    return {
      // An `EventSource` comes back, and hears then why it may not.
      end: () => void raw.destroy(),
      whenOver: (stop) => void (raw.closed ? stop() : raw.once('close', stop)),
    };
  },
  callOf: requestOf,
};

const messages: ReadonlyMap<string, MessageKind> = new Map([
  ['graphql', graphql],
  ['ws', websocket],
  ['rpc', rpc],
]);

/** What kind of message this belongs to; undefined under HTTP, and for kinds that nobody has told us of. */
export const messageKindOf = (host: ArgumentsHost): MessageKind | undefined => messages.get(host.getType());

/** What kind of request this belongs to; undefined for those that nobody has told us of, which are to be refused. */
export const kindOf = (host: ArgumentsHost): ContextKind | undefined =>
  host.getType() === 'http' ? http : messageKindOf(host);

/** Remembers of a call what its filter will want to know and Nest does not tell it. */
export function remember(context: ExecutionContext): ContextKind | undefined {
  const kind = kindOf(context);
  rememberRoute(context, () => kind?.callOf(context));
  kind?.remember?.(context);
  return kind;
}
