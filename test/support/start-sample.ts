import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import type { DataSource } from 'typeorm';

/** What the sample application reads from its environment. */
export interface SampleEnvironment {
  readonly GUARDIAN_PROVIDER?: 'local' | 'gotrue';
  readonly GUARDIAN_GOTRUE_URL?: string;
  readonly GUARDIAN_HTTP?: 'express' | 'fastify';
  readonly DATABASE_URL?: string;
  readonly [idp: `GOTRUE_EXTERNAL_${string}`]: string;
}

export interface Sample {
  readonly url: string;
  readonly database: DataSource;
  stop(): Promise<void>;
}

const isRead = (name: string): boolean => /^(GUARDIAN_|GOTRUE_EXTERNAL_|DATABASE_URL$)/.test(name);

function forget(): void {
  for (const name of Object.keys(process.env).filter(isRead)) delete process.env[name];
}

/**
 * Starts the sample application in this process, on a free port unless told which, with this environment and a data directory of
 * its own. Its modules are loaded anew, because it chooses its provider when it is loaded.
 */
export async function startSample(environment: SampleEnvironment = {}, port = 0): Promise<Sample> {
  const directory = await mkdtemp(join(tmpdir(), 'sample-'));
  const before = { ...process.env };
  forget();
  Object.assign(process.env, environment, { GUARDIAN_DATA: directory });
  try {
    const { application, database } = await load();
    await application.listen(port, '127.0.0.1');
    const stop = async (): Promise<void> => {
      await application.close();
      await rm(directory, { recursive: true });
    };
    return { url: await application.getUrl(), database, stop };
  } finally {
    forget();
    Object.assign(process.env, before);
  }
}

async function load(): Promise<{ application: INestApplication; database: DataSource }> {
  jest.resetModules();
  await import('reflect-metadata');
  const { Logger } = await import('@nestjs/common');
  Logger.overrideLogger(false);
  const { createApplication } = await import('../../src/create-application.js');
  const application = await createApplication();
  const { DataSource } = await import('typeorm');
  return { application, database: application.get(DataSource) };
}
