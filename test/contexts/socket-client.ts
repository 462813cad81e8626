import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

export type SocketKindName = 'ws' | 'socket.io';

export interface Shown {
  /** In the `Authorization` header. */
  readonly bearer?: string;
  /** Where only socket.io has a place: the `auth` of its handshake. */
  readonly auth?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly query?: string;
  readonly path?: string;
}

/** A real client of either kind, which remembers what it heard. */
export interface SocketClient {
  /** Event and data, in order. */
  readonly heard: readonly (readonly [event: string, data: unknown])[];
  send(event: string, data?: unknown): void;
  /** Sends, and returns what is heard next. */
  ask(event: string, data?: unknown): Promise<readonly [event: string, data: unknown]>;
  /** The next thing that it hears. */
  next(): Promise<readonly [event: string, data: unknown]>;
  /** Code and reason; of socket.io the reason only. */
  readonly closed: Promise<string>;
  close(): void;
  /** Socket.io's acknowledgement. */
  emitWithAck(event: string, data?: unknown): Promise<unknown>;
}

type Hear = (event: string, data: unknown) => void;

interface Line {
  send(event: string, data: unknown): void;
  readonly closed: Promise<string>;
  close(): void;
  emitWithAck(event: string, data?: unknown): Promise<unknown>;
}

const headersOf = ({ bearer, headers }: Shown): Record<string, string> => ({
  ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  ...headers,
});

async function openWs(url: string, shown: Shown, hear: Hear): Promise<Line> {
  const address = `${url.replace('http', 'ws')}${shown.path ?? '/'}?${shown.query ?? ''}`;
  const socket = new WebSocket(address, { headers: headersOf(shown) });
  socket.on('message', (text) => {
    // A handler may answer with anything, null among it.
    const heard = JSON.parse(String(text)) as { event: string; data: unknown } | null;
    hear(heard?.event ?? '', heard?.data);
  });
  const closed = new Promise<string>((resolve) =>
    socket.on('close', (code, reason) => resolve(`${code} ${String(reason)}`)),
  );
  const line = {
    send: (event: string, data: unknown) => socket.send(JSON.stringify({ event, data })),
    closed,
    close: () => socket.close(),
    emitWithAck: () => Promise.reject(new Error('ws has none')),
  };
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return line;
}

async function openIo(url: string, shown: Shown, hear: Hear): Promise<Line> {
  const socket = io(url, {
    forceNew: true,
    reconnection: false,
    auth: shown.auth ?? {},
    extraHeaders: headersOf(shown),
    path: shown.path ? `${shown.path}/` : '/socket.io/',
    query: Object.fromEntries(new URLSearchParams(shown.query ?? '')),
  });
  socket.onAny(hear);
  const closed = new Promise<string>((resolve) => socket.on('disconnect', (reason) => resolve(reason)));
  await new Promise<void>((resolve, reject) =>
    socket.on('connect', () => resolve()).on('connect_error', reject),
  );
  return {
    send: (event, data) => void socket.emit(event, data),
    closed,
    close: () => void socket.close(),
    emitWithAck: (event, data) => socket.timeout(5000).emitWithAck(event, data),
  };
}

export async function openSocket(
  kind: SocketKindName,
  url: string,
  shown: Shown = {},
): Promise<SocketClient> {
  const heard: [string, unknown][] = [];
  const waiting: (() => void)[] = [];
  let read = 0;
  const line = await (kind === 'ws' ? openWs : openIo)(url, shown, (event, data) => {
    heard.push([event, data]);
    waiting.shift()?.();
  });
  const next = async () => {
    const at = read;
    read += 1;
    if (heard.length <= at) await new Promise<void>((resolve) => waiting.push(resolve));
    return heard[at] as [string, unknown];
  };
  return {
    heard,
    next,
    send: (event, data = {}) => line.send(event, data),
    ask(event, data = {}) {
      line.send(event, data);
      return next();
    },
    closed: line.closed,
    close: () => line.close(),
    emitWithAck: line.emitWithAck,
  };
}
