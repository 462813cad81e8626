import type { ArgumentsHost } from '@nestjs/common';
import { type Ending, type MessageKind, objectOrNull } from './context-kind.js';
import { presentedBy } from './presented.js';

/** What sockets of `ws` and of socket.io have in common, and what tells them apart. */
interface Socket {
  readonly readyState?: number;
  send(text: string): unknown;
  emit(event: string, data: unknown): unknown;
}

/** Socket.io's sockets have no `readyState`; those of `ws` have an `emit` that stays in this process. */
function tell(socket: Socket, event: string, data: unknown): void {
  if (typeof socket.readyState === 'number') socket.send(JSON.stringify({ event, data }));
  else socket.emit(event, data);
}

/** Client, data, acknowledgement or event, pattern. */
const clientOf = (host: ArgumentsHost): object | null => objectOrNull(host.getArgByIndex(0));
const patternOf = (host: ArgumentsHost): string => String(host.getArgs().at(-1));

/** One key for each message name of a socket; there are as many as gateways have handlers. */
const calls = new WeakMap<object, Map<string, object>>();

/** Messages of `ws` and of socket.io. A refusal is an `exception` event, and the acknowledgement where one is waited for. */
export const websocket: MessageKind = {
  carrierOf: clientOf,
  bearerOf: presentedBy,
  callOf(host) {
    const client = clientOf(host);
    if (client === null) return null;
    const ofClient = calls.get(client) ?? new Map<string, object>();
    const call = ofClient.get(patternOf(host)) ?? {};
    calls.set(client, ofClient.set(patternOf(host), call));
    return call;
  },
  nameOf: patternOf,
  isUnheard: () => false,
  end(ending, host) {
    // Nest awaits nothing here, so nothing may be thrown.
    void ending.then((ended) => write(ended, host)).catch(() => {});
  },
};

function write(ended: Ending, host: ArgumentsHost): void {
  const acknowledge: unknown = host.getArgByIndex(2);
  const isAsked = typeof acknowledge === 'function';
  if ('refusal' in ended) tell(host.getArgByIndex<Socket>(0), 'exception', ended.refusal);
  if (isAsked) acknowledge('refusal' in ended ? ended.refusal : ended.value);
}
