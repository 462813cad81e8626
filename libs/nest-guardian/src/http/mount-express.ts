import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Api } from './api.js';

type Handle = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

interface Layer {
  readonly name: string;
  readonly route?: unknown;
  handle: Handle;
}

interface ExpressApplication {
  use(handle: Handle): void;
  readonly router: { readonly stack: Layer[] };
}

const parsers = new Set(['jsonParser', 'urlencodedParser', 'textParser', 'rawParser']);

/**
 * Places the API behind all middleware of the host (limits, headers, logging) and in front of its routes. The
 * host's body parsers leave our requests alone: they would refuse in other words, and at other sizes. Express
 * only appends, and Nest has added its parsers and routes by now, so the layer is moved.
 */
export function mountOnExpress(api: Api, application: ExpressApplication): void {
  application.use((request, response, next) => {
    const match = api.match(request);
    if (match === null) next();
    else void api.answer(request, response, match);
  });
  const { stack } = application.router;
  const ours = stack.pop() as Layer;
  for (const layer of stack.filter(({ name }) => parsers.has(name))) {
    layer.handle = passing(api, layer.handle);
  }
  const firstRoute = stack.findIndex(({ route }) => route !== undefined);
  stack.splice(firstRoute === -1 ? stack.length : firstRoute, 0, ours);
}

const passing =
  (api: Api, parse: Handle): Handle =>
  (request, response, next) =>
    api.match(request) === null ? parse(request, response, next) : next();
