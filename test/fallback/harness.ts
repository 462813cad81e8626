import type { Server } from 'node:http';
import { Inject, type ModuleMetadata, Module, Optional } from '@nestjs/common';
import { expect } from '@jest/globals';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { fallbackProviders } from '../../libs/nest-guardian/src/contexts/fallback-providers.js';
import { GlobalInterceptor } from '../../libs/nest-guardian/src/contexts/global-interceptor.js';
import type { FallbackOptions } from '../../libs/nest-guardian/src/http/fallback/fallback-options.js';

export const adapters: readonly (readonly [string, () => AbstractHttpAdapter])[] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
];

/** What the application logged as an error, one entry a call. */
export const logged: string[] = [];

const logger = {
  log: () => {},
  warn: () => {},
  error: (message: unknown) =>
    void logged.push(message instanceof Error ? String(message.stack) : String(message)),
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, or undefined. */
  readonly json: Record<string, unknown> | undefined;
}

export interface Running {
  ask(path: string, init?: RequestInit): Promise<Answer>;
  readonly server: Server;
  close(): Promise<void>;
}

const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Not every answer is JSON.
    return undefined;
  }
};

/** Runs an application with the pair, or without it when the options are `null`. */
export async function run(
  adapter: () => AbstractHttpAdapter,
  options: FallbackOptions | null,
  { providers = [], ...metadata }: ModuleMetadata,
): Promise<Running> {
  class Application {
    constructor(@Optional() @Inject(GlobalInterceptor) readonly interceptor: GlobalInterceptor | null) {}
    configure(): void {
      this.interceptor?.bind();
    }
  }
  Module({ ...metadata, providers: [...providers, ...(options ? fallbackProviders(options) : [])] })(
    Application,
  );
  const app = await NestFactory.create(Application, adapter(), { logger, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    ask: async (path, init) => {
      const response = await fetch(url + path, {
        redirect: 'manual',
        signal: AbortSignal.timeout(5000),
        ...init,
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parse(text) };
    },
    server: app.getHttpServer() as Server,
    close: () => {
      // A stream that a spec left open would keep the server from closing.
      app.getHttpServer().closeAllConnections();
      return app.close();
    },
  };
}

/** Asks, and expects an answer in the `problem` dialect. */
export async function expectProblem(
  app: Running,
  path: string,
  [status, code]: readonly [number, string],
): Promise<Answer> {
  const answer = await app.ask(path);
  expect([path, answer.status, answer.json]).toEqual([
    path,
    status,
    expect.objectContaining({ type: 'about:blank', status, code }),
  ]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  return answer;
}

/** Asks, and expects a 500 that says nothing but its id, with which the log tells the cause. */
export async function expectUnknown(app: Running, path: string): Promise<Answer> {
  const answer = await expectProblem(app, path, [500, 'unknown']);
  const id = answer.json?.id as string;
  expect(answer.json).toEqual({
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    code: 'unknown',
    id,
  });
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain(`${id} GET ${path.split('?')[0]} `);
  return answer;
}
