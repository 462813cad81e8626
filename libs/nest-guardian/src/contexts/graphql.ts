import type { ArgumentsHost } from '@nestjs/common';
import { attempt } from '../http/fallback/failure.js';
import { type Bearer, type RawRequest, readBearer } from '../wire/bearer.js';
import { type MessageKind, objectOrNull } from './context-kind.js';
import { isAsyncIterable } from './graphql-events.js';

interface GraphqlContext {
  /** The request; under a subscription, the connection. */
  readonly req?: { readonly raw?: unknown };
}

/** The arguments of a resolver, in GraphQL's own order. */
const contextOf = (host: ArgumentsHost) => host.getArgByIndex<GraphqlContext | undefined>(2);
const infoOf = (host: ArgumentsHost) =>
  host.getArgByIndex<
    | {
        readonly fieldName?: string;
        readonly path?: { readonly prev?: object };
        readonly parentType?: object;
        readonly operation?: { readonly operation?: string };
      }
    | undefined
  >(3);

/** Apollo looks at every element of a list where nobody catches what looking throws. */
const isAwaitable = (value: unknown): boolean =>
  attempt(() => {
    if (Array.isArray(value)) for (const one of value) void one?.then;
    return true;
  }, false);

/** What `graphql-ws` makes for a connection; all but the parameters is the server's own. */
interface Connection {
  readonly connectionParams?: Readonly<Record<string, unknown>>;
  readonly extra?: {
    readonly socket?: {
      /** More than 1 once it is closing. */
      readonly readyState: number;
      close(code: number, reason: string): void;
      once(event: 'close', listener: () => void): unknown;
    };
  };
}

/** The parameter `Authorization`, in either case, as the header has it. */
function bearerIn({ connectionParams: params }: Connection): Bearer {
  const given = ['authorization', 'Authorization'].flatMap((name) =>
    Object.hasOwn(params ?? {}, name) ? [params?.[name]] : [],
  );
  if (given.length === 0) return { kind: 'none' };
  if (given.some((one) => typeof one !== 'string')) return { kind: 'unreadable' };
  const rawHeaders = given.flatMap((one) => ['authorization', one as string]);
  return readBearer({ headers: { authorization: rawHeaders[1] }, rawHeaders });
}

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
    return 'rawHeaders' in carrier ? readBearer(carrier as RawRequest) : bearerIn(carrier as Connection);
  },
  isLasting: (context) => infoOf(context)?.operation?.operation === 'subscription',
  lastingOf(host) {
    const socket = (this.carrierOf(host) as Connection | null)?.extra?.socket;
    // Whatever else carries subscriptions could not be ended with the session.
    if (!socket) throw new TypeError('Subscriptions are guarded over graphql-ws only');
    return {
      // The codes of the protocol of graphql-ws, whose clients do not come back by themselves after a 4401.
      end: ({ applicationStatus, code }) => socket.close(4000 + applicationStatus, code),
      whenOver(stop) {
        // It may have closed while it was asked who subscribes.
        if (socket.readyState > 1) stop();
        else socket.once('close', stop);
      },
    };
  },
  callOf: (host) => objectOrNull(infoOf(host)),
  nameOf: (host) => `${String(infoOf(host)?.parentType)}.${infoOf(host)?.fieldName}`,
  isUnheard: () => false,
  canSend(value, host) {
    const info = infoOf(host);
    const isSubscription = info?.operation?.operation === 'subscription' && info.path?.prev === undefined;
    // GraphQL would print to the client what it takes for no events.
    return isSubscription ? isAsyncIterable(value) : isAwaitable(value);
  },
  async end(ending) {
    const ended = await ending;
    if ('value' in ended) return ended.value;
    const { message, ...extensions } = ended.refusal;
    throw Object.assign(new Error(message), { extensions });
  },
};
