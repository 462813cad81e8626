import type { HttpAdapterHost } from '@nestjs/core';
import type { Api } from './api.js';
import { mountOnExpress } from './mount-express.js';
import { mountOnFastify } from './mount-fastify.js';

/** Puts the API in front of the host's body parsers and routes. Without an HTTP adapter there is nothing to do. */
export function mount(api: Api, { httpAdapter }: HttpAdapterHost): void {
  const kind = httpAdapter?.getType?.();
  if (kind === 'express') mountOnExpress(api, httpAdapter.getInstance());
  else if (kind === 'fastify') mountOnFastify(api, httpAdapter.getInstance());
}
