import type { ArgumentsHost } from '@nestjs/common';
import { type Ending, type MessageKind, objectOrNull } from './context-kind.js';
import { presentedBy } from './presented.js';
import { type Socket, socketKindOf } from './socket.js';
import { requireInside } from './socket-visit.js';

/** Client, data, acknowledgement or event, pattern. */
const clientOf = (host: ArgumentsHost): object | null => objectOrNull(host.getArgByIndex(0));
const patternOf = (host: ArgumentsHost): string => String(host.getArgs().at(-1));

/** One key for each message name of a socket; there are as many as gateways have handlers. */
const calls = new WeakMap<object, Map<string, object>>();

/** Messages of `ws` and of socket.io. A refusal is an `exception` event, and the acknowledgement where one is waited for. */
export const websocket: MessageKind = {
  carrierOf: clientOf,
  bearerOf: presentedBy,
  ready: requireInside,
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
  canSend: (value, host) => socketKindOf(host.getArgByIndex<Socket>(0)).canSend(value),
  end(ending, host) {
    // Nest awaits nothing here, so nothing may be thrown.
    void ending.then((ended) => write(ended, host)).catch(() => {});
  },
};

function write(ended: Ending, host: ArgumentsHost): void {
  const acknowledge: unknown = host.getArgByIndex(2);
  const isAsked = typeof acknowledge === 'function';
  const client = host.getArgByIndex<Socket>(0);
  if ('refusal' in ended) socketKindOf(client).tell(client, 'exception', ended.refusal);
  if (isAsked) acknowledge('refusal' in ended ? ended.refusal : ended.value);
}
