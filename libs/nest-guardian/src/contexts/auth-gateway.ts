import { Inject, type Type } from '@nestjs/common';
import { parseDuration } from '../core/duration.js';
import { bindMessages } from './auth-messages.js';
import type { Hearing } from './heard.js';
import type { Socket } from './socket.js';
import { SocketDoor } from './socket-door.js';

export interface AuthGatewayOptions {
  /**
   * How long a socket whose handshake carried no token may take until it shows one in an `authenticate` message.
   * @default '5s'
   */
  readonly authenticateWithin?: string;
}

// A symbol, which no member of a gateway can be named by.
const door = Symbol('nest-guardian.door');

interface Gateway {
  readonly [door]: SocketDoor;
  handleConnection?(client: Socket, ...rest: unknown[]): unknown;
  handleDisconnect?(client: Socket, ...rest: unknown[]): unknown;
}

/** Whether a method takes messages of sockets; the package that writes this is optional. */
export const takesEvents = (method: object): boolean =>
  Reflect.hasMetadata('websockets:message_mapping', method);

const messages: Hearing<Gateway> = {
  isHandler: takesEvents,
  canSend: (value, { [door]: asked }) => asked.canSend(value),
};

const nobodyListens = (): void => undefined;

const guarded = new WeakMap<object, object>();

/**
 * The gateway's own `handleConnection`, to which connections come through the guard; undefined where they come, or go, past
 * it: without `@AuthGateway()`, and where a class that extends such a gateway has one of the two handlers of its own.
 */
export function guardedConnectionsOf(gateway: object): object | undefined {
  const { handleConnection, handleDisconnect } = gateway as Partial<Gateway>;
  return guarded.has(handleDisconnect ?? {}) ? guarded.get(handleConnection ?? {}) : undefined;
}

/**
 * Binds guard and fallback to a gateway and puts its connections under the guard, which Nest does with no global one:
 * `handleConnection`, every message and `handleDisconnect` happen only to sockets that were let in by a token in the
 * `Authorization` header of the handshake, in socket.io's `auth.token`, or in a first message
 * `{ event: 'authenticate', data: { access_token } }`. A later `authenticate` with a newer token of the same person
 * prolongs. A socket is closed when its token expires, its session ends or the person is banned. Decorators of the
 * class and of `handleConnection` say who is let in. No token is read from a query or a cookie. The fallback takes every
 * error here, since none of Nest's own would tell the client a code, and hears failures that handlers return, and
 * interceptors below it. For `ws` and socket.io.
 * @throws TypeError for what is no span of time
 */
export function AuthGateway({ authenticateWithin = '5s' }: AuthGatewayOptions = {}): ClassDecorator {
  const patience = parseDuration(authenticateWithin);
  if (!patience) throw new TypeError(`@AuthGateway: write a duration such as '5s' for authenticateWithin`);
  return (type) => {
    bindMessages(type as unknown as Type<Gateway>, messages);
    guardConnections(type as unknown as Type<Gateway>, patience);
  };
}

/** Nest puts no guard before these two, and reads them off the instance before any hook of a module runs. */
function guardConnections(gateway: Type<Gateway>, patience: number): void {
  const { prototype } = gateway as { readonly prototype: Gateway };
  const { handleConnection = nobodyListens, handleDisconnect } = prototype;
  Inject(SocketDoor)(prototype, door);
  prototype.handleConnection = function (client, ...rest) {
    const enter = (): unknown => handleConnection.call(this, client, ...rest);
    const entrance = { gateway, handler: handleConnection as () => unknown, patience, enter };
    return this[door].arrive(client, rest[0], entrance);
  };
  prototype.handleDisconnect = function (client, ...rest) {
    return this[door].leave(client, gateway) ? handleDisconnect?.call(this, client, ...rest) : undefined;
  };
  guarded.set(prototype.handleConnection, handleConnection);
  guarded.set(prototype.handleDisconnect, prototype.handleDisconnect);
}
