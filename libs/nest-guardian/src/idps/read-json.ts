import { parseStrictJson } from '../tokens/strict-json.js';

const isJson = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/** The answer of another server, if it is JSON and says so. Throws otherwise, and does not quote it. */
export async function readJson(response: Response): Promise<unknown> {
  if (!isJson.test(response.headers.get('content-type') ?? '')) throw new Error('The answer is not JSON');
  const found = parseStrictJson(new Uint8Array(await response.arrayBuffer()));
  if (found === undefined) throw new Error('The answer cannot be read');
  return found;
}
