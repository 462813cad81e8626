import type { Type } from '@nestjs/common';
import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Socket } from './socket.js';

/** A gateway at which a socket arrived. */
export interface Entrance {
  readonly gateway: Type;
  /** Its own `handleConnection`, whose decorators count as a handler's do. */
  readonly handler: () => unknown;
  /** Milliseconds until a socket that has shown no token is closed. */
  readonly patience: number;
  /** Calls the handler for this socket. */
  enter(): unknown;
}

/** What is known of an open socket. */
export interface Visit {
  readonly client: Socket;
  /** More than one where several gateways share a server. */
  readonly entrances: Entrance[];
  /** Unix milliseconds. */
  readonly arrivedAt: number;
  state: 'outside' | 'inside' | 'gone';
  /** Those whose handler was called. */
  readonly entered: Set<Entrance>;
  /** Somebody is being let in; ended with the gateways' `handleConnection`. Never rejects. */
  turn: Promise<void> | null;
  /** Messages and tokens that wait for that. */
  queued: number;
  release(): void;
  stopWatch(): void;
}

/** Dies with the socket. */
export const visits = new WeakMap<object, Visit>();

/** Whether it went in at this gateway, or at one that extends it. */
export const hasEntered = ({ entered }: Visit, gateway: Type): boolean =>
  [...entered].some((one) => one.gateway === gateway || one.gateway.prototype instanceof gateway);

/** Each is kept in memory, on behalf of somebody who may be a stranger. */
const mostQueued = 100;

/** @throws tooManyRequests where too much waits for it already */
export async function queue<T>(visit: Visit, todo: () => T | Promise<T>): Promise<T> {
  if (visit.queued >= mostQueued) deny(common.tooManyRequests);
  visit.queued += 1;
  await visit.turn;
  visit.queued -= 1;
  return todo();
}

/**
 * Returns nothing, at once, where the socket is inside; waits while it is being let in. Sockets of gateways without
 * `@AuthGateway()` are not known here.
 * @throws noAuthorization where it showed no token, was refused, or was ended; tooManyRequests where it does not wait
 */
export function requireInside(client: object): Promise<void> | undefined {
  const visit = visits.get(client);
  if (visit === undefined) return undefined;
  if (visit.turn !== null) return queue(visit, () => requireInside(client));
  if (visit.state !== 'inside') deny(common.noAuthorization);
  return undefined;
}
