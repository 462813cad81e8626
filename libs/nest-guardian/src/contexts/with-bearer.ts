/** Data of a message together with the token that goes in its envelope. */
class Carried {
  constructor(
    readonly token: string,
    readonly data: unknown,
  ) {}

  /** A client without the serializer would send the token where the handler reads it, and logs do. */
  toJSON(): never {
    throw new TypeError(
      'A message made with withBearer(...) needs a client with `serializer: new BearerSerializer()`',
    );
  }
}

/**
 * Sends a message in the name of whoever the token is about: `client.send('notes.add', withBearer(token, note))`. The
 * handler receives the data alone. The client needs the `BearerSerializer`.
 * @throws TypeError for a token that is no text; it would go out as an anonymous message
 */
export function withBearer<T>(token: string, data: T): T {
  if (typeof token !== 'string' || token === '') throw new TypeError('withBearer(token, data): give a token');
  return new Carried(token, data) as T;
}

/**
 * Puts the token of `withBearer` into the message's envelope, as `metadata.access_token`; for clients whose transport has
 * an envelope of Nest's own, such as TCP and Redis: `{ transport, options: { serializer: new BearerSerializer() } }`.
 */
export class BearerSerializer {
  serialize<P extends object>(packet: P): P {
    const { data, metadata } = packet as { readonly data?: unknown; readonly metadata?: object };
    if (!(data instanceof Carried)) return packet;
    return { ...packet, data: data.data, metadata: { ...metadata, access_token: data.token } };
  }
}
