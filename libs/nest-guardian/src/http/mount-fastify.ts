import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Api } from './api.js';

interface FastifyApplication {
  addHook(
    name: 'onRequest',
    hook: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): void; getHeaders(): Record<string, string> },
      done: () => void,
    ) => void,
  ): void;
}

/** Takes our requests before Fastify parses a body: its own JSON parser refuses the empty one that auth-js sends. */
export function mountOnFastify(api: Api, application: FastifyApplication): void {
  application.addHook('onRequest', (request, reply, done) => {
    const match = api.match(request.raw);
    if (match === null) return done();
    reply.hijack();
    // Headers that the host's hooks set on Fastify's reply would otherwise be lost with it.
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value);
    void api.answer(request.raw, reply.raw, match);
  });
}
