import { type Bearer, type RawRequest, readBearer } from '../wire/bearer.js';
import type { Refusal } from './context-kind.js';
import { isWritable } from './writable.js';

/** How a client's `authenticate` is answered where it asked to be. */
export type Acknowledge = (answer: unknown) => void;

/** What sockets of `ws` and of socket.io have in common. */
export interface Socket {
  emit(event: string, data: unknown): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

interface WsSocket extends Socket {
  readonly readyState: number;
  send(...args: unknown[]): unknown;
  close(code: number, reason: string): void;
}

interface IoSocket extends Socket {
  readonly id: string;
  readonly rooms: ReadonlySet<string>;
  readonly request: RawRequest;
  readonly handshake: { readonly auth?: Readonly<Record<string, unknown>> };
  readonly nsp: { readonly adapter: { delAll(id: string): unknown } };
  /** The connection that it shares with the client's sockets in other namespaces. */
  readonly client: { readonly sockets: ReadonlyMap<string, unknown> };
  readonly conn: { close(): void };
  join(rooms: string[]): unknown;
  disconnect(): unknown;
}

type Listener = (shown: unknown, acknowledge?: Acknowledge) => void;

/** What is done differently with sockets of `ws` and of socket.io. */
export interface SocketKind<S extends Socket = Socket> {
  /** The token of the handshake. Neither the query nor a cookie is read. */
  bearerOf(socket: S, request: unknown): Bearer;
  /** Keeps from it what is sent to everybody, until what this returns is called. What `tell` tells goes through. */
  hold(socket: S): () => void;
  tell(socket: S, event: string, data: unknown): void;
  onAuthenticate(socket: S, listener: Listener): void;
  /** Whether Nest's adapter can send what a handler returned. */
  canSend(returned: unknown): boolean;
  close(socket: S, refusal: Refusal): void;
}

const ownSends = new WeakMap<WsSocket, WsSocket['send']>();

const authenticate = Buffer.from('"authenticate"');

/** Every message passes here; one that cannot be meant is not parsed a second time. */
function readAuthenticate(data: unknown): { readonly data?: unknown } | null {
  if (!Buffer.isBuffer(data) || !data.includes(authenticate)) return null;
  try {
    const message = JSON.parse(String(data)) as { readonly event?: unknown; readonly data?: unknown } | null;
    return message?.event === 'authenticate' ? message : null;
  } catch {
    // What is no JSON is no business of ours.
    return null;
  }
}

const ws: SocketKind<WsSocket> = {
  canSend: isWritable,
  bearerOf: (_socket, request) => readBearer(request as RawRequest),
  hold(socket) {
    ownSends.set(socket, socket.send);
    socket.send = (...args) => {
      // Who sends to everybody may wait until each has been sent to.
      const done = args.at(-1);
      if (typeof done === 'function') process.nextTick(done);
    };
    return () => {
      const send = ownSends.get(socket);
      if (send && ownSends.delete(socket)) socket.send = send;
    };
  },
  // Its `emit` stays in this process.
  tell: (socket, event, data) =>
    void (ownSends.get(socket) ?? socket.send).call(socket, JSON.stringify({ event, data })),
  onAuthenticate(socket, listener) {
    socket.on('message', (data) => {
      const message = readAuthenticate(data);
      if (message !== null) listener(message.data);
    });
  },
  // RFC 6455, 5.5.1: a reason has 123 bytes at most.
  close: (socket, { status, code }) =>
    socket.close(4000 + status, code.replaceAll(/[^ -~]/g, '').slice(0, 123)),
};

/** It throws at some of its own names, and its clients hang up on a name that is no text. */
const reserved: readonly unknown[] = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
];
function isNameable(returned: unknown): boolean {
  const event = (returned as { readonly event?: unknown } | null | undefined)?.event;
  return !event || ((typeof event === 'string' || typeof event === 'number') && !reserved.includes(event));
}

const socketIo: SocketKind<IoSocket> = {
  canSend: (returned) => isWritable(returned) && isNameable(returned),
  bearerOf({ handshake, request }) {
    const header = readBearer(request);
    const { token, access_token } = handshake.auth ?? {};
    const shown = token ?? access_token;
    if (shown === undefined) return header;
    const isOne = typeof shown === 'string' && shown !== '' && header.kind === 'none';
    return isOne ? { kind: 'one', token: shown } : { kind: 'unreadable' };
  },
  hold(socket) {
    const rooms = [...socket.rooms];
    socket.nsp.adapter.delAll(socket.id);
    return () => void socket.join(rooms);
  },
  tell: (socket, event, data) => void socket.emit(event, data),
  onAuthenticate(socket, listener) {
    socket.on('authenticate', (...args) => {
      const acknowledge = args.at(-1);
      listener(args[0], typeof acknowledge === 'function' ? (acknowledge as Acknowledge) : undefined);
    });
  },
  close(socket) {
    socket.disconnect();
    // In no namespace any more, it would stay open for ever.
    if (socket.client.sockets.size === 0) socket.conn.close();
  },
};

/** While it is not known which, what both can send is all that may be sent. */
export const strictestKind = socketIo as SocketKind;

/** Socket.io's sockets have no `readyState`. */
export const socketKindOf = (socket: Socket): SocketKind =>
  ('readyState' in socket ? ws : socketIo) as SocketKind;
