import type { IncomingMessage } from 'node:http';
import { deny, isAuthError } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import { asItIs, type Offer } from '../features/feature.js';
import { parseStrictObject } from '../tokens/strict-json.js';

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
): Promise<Readonly<Record<string, unknown>> | null> {
  if (offers.every(({ input }) => input === null)) return null;
  // GoTrue: what a deletion says in its body it may leave out, body and all. What the query may say, likewise.
  const mayBeEmpty =
    request.method === 'DELETE' || offers.every(({ operation }) => operation.query === 'all');
  if (offers.some(({ input }) => input !== asItIs)) return readBody(request, mayBeEmpty);
  return readBody(request, mayBeEmpty).catch((error: unknown) => {
    if (isAuthError(error) && error.condition === common.badJson) return {};
    throw error;
  });
}

/**
 * Reads a JSON object, whatever the content type says, as GoTrue does; a form is read where the content type
 * says so. What is stored of it will travel in tokens, and is read as strictly as these.
 * @throws badJson, requestTooLarge
 */
async function readBody(
  request: HostRequest,
  mayBeEmpty: boolean,
): Promise<Readonly<Record<string, unknown>>> {
  // The host read the stream before us; what it parsed is all there is.
  if (request.readableEnded && typeof request.body === 'object') return requireObject(write(request.body));
  const bytes = await readBytes(request);
  if (/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    return readForm(bytes.toString());
  }
  if (bytes.length === 0 && mayBeEmpty) return {};
  if (bytes.length === 0) deny(common.badJson, { value: 'unexpected end of JSON input' });
  return requireObject(bytes);
}

/** As strict as with JSON: of a member that comes twice, two readers might take either. */
function readForm(text: string): Readonly<Record<string, string>> {
  const members = [...new URLSearchParams(text)];
  const read = Object.fromEntries(members);
  if (Object.keys(read).length < members.length) deny(common.badJson, { value: 'a member is given twice' });
  return read;
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limit) deny(common.requestTooLarge);
  const chunks: Buffer[] = [];
  let size = 0;
  // The connection has to outlive a body that is not read to its end: the answer still goes over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > limit) deny(common.requestTooLarge);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
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

/** The words quote nothing of the body, which may hold a password. */
const requireObject = (bytes: Uint8Array): Readonly<Record<string, unknown>> =>
  parseStrictObject(bytes) ??
  deny(common.badJson, { value: 'it is not an object, or two readers might read it differently' });

function write(parsed: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(parsed));
  } catch {
    // Nested so deep that it cannot be written.
    return Buffer.alloc(0);
  }
}
