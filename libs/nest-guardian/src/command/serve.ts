import type { Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { ConsoleLogger, type INestApplication, Logger } from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { type OptionMistake, OptionsError } from '../core/option.js';
import { AuthModule } from '../module/auth.module.js';
import {
  databaseFromEnvironment,
  optionsFromEnvironment,
  type ServerOptions,
  serverFromEnvironment,
} from '../module/environment.js';
import { NotFoundFilter } from './not-found.filter.js';
import { placeOfAccounts } from './place-of-accounts.js';

/** Where a GoTrue server listens when nobody says otherwise. */
const defaultPort = 8081;

/** How long requests may take to end when the server is stopped. */
const drainTime = 10_000;

/**
 * The module as a server of its own, configured by the environment. It ends well on SIGTERM and SIGINT: no new
 * connection is taken, requests under way are answered, the database is closed.
 */
export async function serve(): Promise<void> {
  // Asked for first: a signal during the start, or to the first process of a container, is not lost.
  const stop = firstSignal();
  const mistakes: OptionMistake[] = [];
  const server = serverFromEnvironment(process.env, mistakes);
  const options = optionsFromEnvironment();
  mistakes.push(...options.provider.mistakes);
  if (mistakes.length > 0) throw new OptionsError(mistakes);
  const application = await NestFactory.create(AuthModule.forRoot(options), await makeAdapter(server), {
    logger: new ConsoleLogger({ json: true }),
    abortOnError: false,
    // A start that fails says so once, in words, and not in the log too.
    bufferLogs: true,
    autoFlushLogs: false,
  });
  application.useGlobalFilters(new NotFoundFilter());
  await application.listen(server.port ?? defaultPort, server.host ?? everyAddress());
  application.flushLogs();
  const logger = new Logger('Auth');
  if (options.provider.name === 'local') logger.log(placeOfAccounts(databaseFromEnvironment().database));
  logger.log(`Listening on ${await application.getUrl()}`);
  logger.log(`Stopping on ${await stop}`);
  await close(application);
}

/** A second signal ends the process as if nobody listened. */
const firstSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });

async function close(application: INestApplication): Promise<void> {
  const server = application.getHttpServer() as Server;
  const deadline = setTimeout(() => server.closeAllConnections(), drainTime);
  await application.close();
  clearTimeout(deadline);
}

/** As Go listens when no host is said: on IPv6 and IPv4, where there is IPv6. */
function everyAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return addresses.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}

const adapters = {
  fastify: async (): Promise<AbstractHttpAdapter> => {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    return new FastifyAdapter();
  },
  express: async (): Promise<AbstractHttpAdapter> => {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    const adapter = new ExpressAdapter();
    adapter.disable('x-powered-by');
    return adapter;
  },
};

/** Fastify carries more, so it is taken where nothing is said and it is installed. */
async function makeAdapter({ http }: ServerOptions): Promise<AbstractHttpAdapter> {
  const name = (http === undefined ? (['fastify', 'express'] as const) : [http]).find(isInstalled);
  if (name !== undefined) return adapters[name]();
  const missing = `@nestjs/platform-${http ?? 'fastify'}`;
  throw new Error(
    `nest-guardian serve needs the package ${missing}, which is not installed: npm install ${missing}`,
  );
}

function isInstalled(name: keyof typeof adapters): boolean {
  try {
    return import.meta.resolve(`@nestjs/platform-${name}`) !== '';
  } catch {
    // That it cannot be found is the answer.
    return false;
  }
}
