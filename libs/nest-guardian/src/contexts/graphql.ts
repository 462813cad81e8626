import type { ArgumentsHost } from '@nestjs/common';
import { type RawRequest, readBearer } from '../wire/bearer.js';
import { type MessageKind, objectOrNull } from './context-kind.js';
import { presentedBy } from './presented.js';

interface GraphqlContext {
  /** The request; under a subscription, the connection. */
  readonly req?: { readonly raw?: unknown };
}

/** The arguments of a resolver, in GraphQL's own order. */
const contextOf = (host: ArgumentsHost) => host.getArgByIndex<GraphqlContext | undefined>(2);
const infoOf = (host: ArgumentsHost) =>
  host.getArgByIndex<{ readonly fieldName?: string; readonly parentType?: object } | undefined>(3);

/**
 * Queries, mutations, fields and subscriptions. What is thrown carries the refusal in `extensions`, which
 * GraphQL copies from whatever error it meets, so that its package is not needed here.
 */
export const graphql: MessageKind = {
  carrierOf(host) {
    const request = contextOf(host)?.req;
    return objectOrNull(request?.raw ?? request);
  },
  bearerOf(carrier) {
    const connection = presentedBy(carrier);
    const isRequest = 'rawHeaders' in carrier;
    return connection.kind === 'none' && isRequest ? readBearer(carrier as RawRequest) : connection;
  },
  callOf: (host) => objectOrNull(infoOf(host)),
  nameOf: (host) => `${String(infoOf(host)?.parentType)}.${infoOf(host)?.fieldName}`,
  isUnheard: () => false,
  async end(ending) {
    const ended = await ending;
    if ('value' in ended) return ended.value;
    const { message, ...extensions } = ended.refusal;
    throw Object.assign(new Error(message), { extensions });
  },
};
