import 'reflect-metadata';
import { type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AuthModule, Clock, type ProviderChoice } from 'nest-guardian';

export const adapters = {
  Express: (): AbstractHttpAdapter => new ExpressAdapter(),
  Fastify: (): AbstractHttpAdapter => new FastifyAdapter(),
} as const;

export type AdapterName = keyof typeof adapters;

export interface ApplicationChoice {
  readonly provider: ProviderChoice;
  readonly clock: Clock;
  readonly adapter: AdapterName;
}

export interface RunningApplication {
  /** Where the GoTrue API begins, without a slash at the end. */
  readonly base: string;
  close(): Promise<void>;
}

/** An application of one import, listening on a free port. */
export async function startApplication(choice: ApplicationChoice): Promise<RunningApplication> {
  const testing = await Test.createTestingModule({
    imports: [AuthModule.forRoot({ provider: choice.provider })],
  })
    .overrideProvider(Clock)
    .useValue(choice.clock)
    .compile();
  const application = testing.createNestApplication(adapters[choice.adapter](), { logger: false });
  await application.listen(0, '127.0.0.1');
  return { base: `${await application.getUrl()}/auth/v1`, close: () => application.close() };
}
