import type { IncomingMessage } from 'node:http';
import { deny, isAuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import { asItIs, type Offer } from '../features/feature.js';

const limit = 1_048_576;

/** A request as the host's framework may hand it on, its body already parsed by the host. */
export type HostRequest = IncomingMessage & { readonly body?: unknown };

/**
 * The body for one of these offers, or null where none of them wants any.
 * @throws badJson unless all of them take it as it is, requestTooLarge
 */
export async function readBodyFor(
  offers: readonly Offer[],
  request: HostRequest,
): Promise<Record<string, unknown> | null> {
  if (offers.every(({ input }) => input === null)) return null;
  if (offers.some(({ input }) => input !== asItIs)) return readBody(request);
  return readBody(request).catch((error: unknown) => {
    if (isAuthError(error) && error.condition === common.badJson) return {};
    throw error;
  });
}

/**
 * Reads a JSON object, whatever the content type says, as GoTrue does; a form is read where the content type
 * says so.
 * @throws badJson, requestTooLarge
 */
async function readBody(request: HostRequest): Promise<Record<string, unknown>> {
  // The host read the stream before us; what it parsed is all there is.
  if (request.readableEnded && typeof request.body === 'object') return requireObject(request.body);
  const text = await readText(request);
  if (/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  if (text.trim() === '') deny(common.badJson, { value: 'unexpected end of JSON input' });
  return requireObject(parse(text));
}

async function readText(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limit) deny(common.requestTooLarge);
  const chunks: Buffer[] = [];
  let size = 0;
  // The connection has to outlive a body that is not read to its end: the answer still goes over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > limit) deny(common.requestTooLarge);
    chunks.push(chunk as Buffer);
  }
  return decode(Buffer.concat(chunks));
}

/**
 * What is left of a body that was too large or too slow is not worth waiting for. A client that writes before it
 * reads finds its answer all the same: for a moment, what it sends is thrown away.
 */
export function cutOff(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  setTimeout(() => request.complete || request.destroy(), 500).unref();
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return deny(common.badJson, { value: 'invalid UTF-8' });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the body, which may hold a password.
    return deny(common.badJson, { value: 'invalid syntax' });
  }
}

function requireObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    deny(common.badJson, { value: 'the body must be an object' });
  }
  return value as Record<string, unknown>;
}
