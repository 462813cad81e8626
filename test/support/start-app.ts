import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

export const adapters = ['express', 'fastify'] as const;
export type Adapter = (typeof adapters)[number];

export const httpAdapter = (adapter: Adapter) =>
  adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();

export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
  /** Everything that was logged as an error. */
  readonly errors: string[];
  close(): Promise<void>;
}

/** Starts an application on a free port, as `NestFactory` would, so that real clients can call it. */
export async function startApp(
  module: Type | DynamicModule,
  adapter: Adapter = 'express',
  change: (builder: TestingModuleBuilder) => TestingModuleBuilder = (builder) => builder,
): Promise<RunningApp> {
  const errors: string[] = [];
  const silent = () => undefined;
  const logger = {
    log: silent,
    warn: silent,
    error: (...told: unknown[]) => void errors.push(told.join(' ')),
  };
  const compiled = await change(Test.createTestingModule({ imports: [module] }))
    .setLogger(logger)
    .compile();
  const app = compiled.createNestApplication<INestApplication & NestFastifyApplication>(httpAdapter(adapter));
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const close = (): Promise<void> => {
    app.getHttpServer().closeAllConnections();
    return app.close();
  };
  return { app, errors, url: `http://127.0.0.1:${port}`, close };
}
