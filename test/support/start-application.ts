import { AuthModule, Clock, Mailer, type ProviderChoice, SmsSender } from 'nest-guardian';
import { startApp } from './start-app.js';

export type AdapterName = 'Express' | 'Fastify';

export interface ApplicationChoice {
  readonly provider: ProviderChoice;
  readonly clock: Clock;
  readonly adapter: AdapterName;
  /** Take mails and texts instead of the application's own. */
  readonly mailer?: Mailer;
  readonly smsSender?: SmsSender;
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
  mailer,
  smsSender,
}: ApplicationChoice): Promise<RunningApplication> {
  const { url, close } = await startApp(
    AuthModule.forRoot({ provider }),
    adapter === 'Express' ? 'express' : 'fastify',
    (builder) => {
      builder.overrideProvider(Clock).useValue(clock);
      if (mailer) builder.overrideProvider(Mailer).useValue(mailer);
      if (smsSender) builder.overrideProvider(SmsSender).useValue(smsSender);
      return builder;
    },
  );
  return { base: `${url}/auth/v1`, close };
}
