import { afterAll, beforeAll } from '@jest/globals';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { Api } from '../../libs/nest-guardian/src/testing/api.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import { type RunningApplication, startApplication } from './start-application.js';

/** The API over this database, addresses confirmed at once, while the laws of a `describe` run. */
export function apiOver(open: () => Database): () => Api {
  let running: RunningApplication;
  let api: Api;
  beforeAll(async () => {
    const provider = local({
      database: open().dataSource,
      migrations: 'off',
      password: { autoconfirm: true },
      tokens: { secret: 'this secret is long enough for the specs of the API' },
    });
    running = await startApplication({ provider, clock: new MovableClock(), adapter: 'Fastify' });
    api = new Api(running.base);
  });
  afterAll(() => running.close());
  return () => api;
}
