import { AuthModule, Clock, type ProviderChoice } from 'nest-guardian';
import { startApp } from './start-app.js';

export type AdapterName = 'Express' | 'Fastify';

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

/** An application of one import, listening on a free port, with this clock. */
export async function startApplication({
  provider,
  clock,
  adapter,
}: ApplicationChoice): Promise<RunningApplication> {
  const { url, close } = await startApp(
    AuthModule.forRoot({ provider }),
    adapter === 'Express' ? 'express' : 'fastify',
    (builder) => builder.overrideProvider(Clock).useValue(clock),
  );
  return { base: `${url}/auth/v1`, close };
}
