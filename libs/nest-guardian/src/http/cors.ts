import type { IncomingMessage, ServerResponse } from 'node:http';

const methods = 'GET,POST,PUT,PATCH,DELETE';
// `apikey` is a gateway's header in Supabase's own hosting; here there is no gateway in front.
const allowed =
  'accept, authorization, content-type, x-client-ip, x-client-info, x-jwt-aud, x-use-cookie, ' +
  'x-supabase-api-version, apikey';
const exposed = 'X-Total-Count, Link, X-Supabase-Api-Version';

/**
 * Any origin may call and none may send cookies: who is asking stands in the bearer token alone. Where the host
 * has said which origin may, that stays.
 */
export function writeCorsHeaders(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.origin === undefined || response.hasHeader('access-control-allow-origin')) return;
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', exposed);
}

export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined;

export function answerPreflight(response: ServerResponse): void {
  response.setHeader('access-control-allow-methods', methods);
  response.setHeader('access-control-allow-headers', allowed);
  response.setHeader('access-control-max-age', '600');
  response.writeHead(204).end();
}
