import { generateKeyPairSync } from 'node:crypto';
import { DataSource } from 'typeorm';
import { authEntities, embeddedDataSourceOptions, local, type LocalOptions } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { type RunningApplication, startApplication } from '../support/start-application.js';
import type { Configuration } from './recording.js';
import { secret } from './sign-step-token.js';

/** Stands for `{{base}}` in tokens and links; nobody calls it. */
export const issuer = 'http://127.0.0.1:9999';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const esKey = { ...privateKey.export({ format: 'jwk' }), kid: 'es-key-1', alg: 'ES256' };

const open: LocalOptions = {
  compatibility: 'gotrue',
  tokens: { secret, issuer },
  password: { autoconfirm: true },
  anonymous: { enabled: true },
  session: { reuseInterval: '2s' },
};

/** What the README of the recordings says of each, as far as there are options for it. */
const options: Readonly<Record<Configuration, LocalOptions>> = {
  open,
  'open-v1': { ...open, session: { ...open.session, refreshTokenVersion: 1 } },
  confirm: { ...open, password: { autoconfirm: false } },
  closed: {
    ...open,
    password: { autoconfirm: true, allowSignup: false, enabled: false },
    anonymous: { enabled: false },
  },
  'open-es256': { ...open, tokens: { issuer, keys: [esKey as never] } },
  social: { ...open, password: { autoconfirm: false } },
};

/** Our servers in compatible mode, one of each configuration, on one embedded database and one clock. */
export class Servers {
  readonly clock = new MovableClock();
  readonly #running = new Map<Configuration, RunningApplication>();

  private constructor(private readonly database: DataSource) {}

  static async open(): Promise<Servers> {
    const embedded = embeddedDataSourceOptions({ directory: ':memory:' });
    return new Servers(await new DataSource({ ...embedded, entities: authEntities }).initialize());
  }

  async base(configuration: Configuration): Promise<string> {
    const running = this.#running.get(configuration) ?? (await this.#start(configuration));
    return running.base;
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) await running.close();
    await this.database.destroy();
  }

  async #start(configuration: Configuration): Promise<RunningApplication> {
    const provider = local({ ...options[configuration], database: this.database });
    const running = await startApplication({ provider, clock: this.clock, adapter: 'Express' });
    this.#running.set(configuration, running);
    return running;
  }
}
