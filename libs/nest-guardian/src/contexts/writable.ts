import { attempt } from '../http/fallback/failure.js';

const isBinary = (value: object): boolean =>
  ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Blob;

function isMemberWritable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'bigint';
  // Socket.io sends bytes as they are; printing them would cost more than sending them.
  if (isBinary(value)) return true;
  if (typeof (value as { readonly toJSON?: unknown }).toJSON === 'function')
    return JSON.stringify(value) !== undefined;
  for (const name of Object.keys(value)) {
    if (!isMemberWritable((value as Readonly<Record<string, unknown>>)[name])) return false;
  }
  return true;
}

/**
 * Whether it can go out as JSON. Nest writes what handlers of messages return where nobody catches: on a socket one that
 * cannot be written ends the process, and over TCP its caller waits for ever.
 */
export const isWritable = (value: unknown): boolean =>
  typeof value !== 'function' &&
  typeof value !== 'symbol' &&
  // What is circular has no end, and throws.
  attempt(() => isMemberWritable(value), false);
