import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Api } from './api.js';

interface Layer {
  readonly name: string;
  readonly route?: unknown;
}

interface ExpressApplication {
  use(handle: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): void;
  readonly router: { readonly stack: Layer[] };
}

/**
 * Places the API behind the host's own middleware (headers, logging) and in front of its body parser and
 * routes. Express only appends, and Nest has added its parsers by now, so the layer is moved.
 */
export function mountOnExpress(api: Api, application: ExpressApplication): void {
  application.use((request, response, next) => {
    const match = api.match(request);
    if (match === null) next();
    else void api.answer(request, response, match);
  });
  const { stack } = application.router;
  const ours = stack.pop() as Layer;
  const parserOrRoute = stack.findIndex(({ name, route }) => name === 'jsonParser' || route !== undefined);
  stack.splice(parserOrRoute === -1 ? stack.length : parserOrRoute, 0, ours);
}
