import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import { rememberRoute } from '../http/fallback/clauses.js';
import { type RawRequest, readBearer } from '../wire/bearer.js';
import type { ContextKind, MessageKind } from './context-kind.js';
import { graphql } from './graphql.js';
import { rpc } from './rpc.js';
import { websocket } from './websocket.js';

const requestOf = (host: ArgumentsHost): object => host.getArgByIndex<object>(0);

const http: ContextKind = {
  carrierOf: requestOf,
  bearerOf(request) {
    // Fastify's request is a wrapper round Node's.
    const { raw } = request as { readonly raw?: RawRequest };
    return readBearer(raw ?? (request as RawRequest));
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
  rememberRoute(context, kind?.callOf(context));
  kind?.remember?.(context);
  return kind;
}
