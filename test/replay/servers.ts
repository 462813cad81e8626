import { generateKeyPairSync } from 'node:crypto';
import { DataSource } from 'typeorm';
import {
  authEntities,
  embeddedDataSourceOptions,
  github,
  google,
  keycloak,
  local,
  type LocalOptions,
} from 'nest-guardian/local';
import { MemoryMailer, MovableClock } from 'nest-guardian/testing';
import { FakeIdp, githubClient, keycloakClient } from '../support/fake-idp.js';
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
  site: {
    url: 'http://127.0.0.1:3000',
    apiUrl: issuer,
    allowedRedirects: ['https://127.0.0.1:3000', 'http://localhost:5173'],
  },
  mail: {
    maxFrequency: '1s',
    subjects: {
      confirmation: 'Confirm your email address',
      magic_link: 'Your sign-in link',
      recovery: 'Reset your password',
    },
  },
  links: { linkLifetime: '1h' },
  phone: { enabled: true, autoconfirm: true, maxFrequency: '1s', testCodes: { '1234567890': '123456' } },
  password: { autoconfirm: true },
  anonymous: { enabled: true },
  session: { reuseInterval: '2s' },
};

const confirm: LocalOptions = {
  ...open,
  password: { autoconfirm: false },
  phone: { ...open.phone, autoconfirm: false },
};

/** What the README of the recordings says of each, as far as there are options for it. */
const options: Readonly<Record<Configuration, LocalOptions>> = {
  open,
  'open-v1': { ...open, session: { ...open.session, refreshTokenVersion: 1 } },
  confirm,
  closed: {
    ...open,
    password: { autoconfirm: true, allowSignup: false, enabled: false },
    anonymous: { enabled: false },
    phone: { ...open.phone, enabled: false },
  },
  'open-es256': { ...open, tokens: { issuer, keys: [esKey as never] } },
  social: { ...confirm, identities: { manualLinking: true } },
};

/** Google is on everywhere, and nobody is sent there. */
const idpsOf = (configuration: Configuration, { origin, realm }: FakeIdp) => ({
  google: google({ clientId: 'google-client', secret: 'google-secret' }),
  ...(configuration === 'social' && {
    keycloak: keycloak({ ...keycloakClient, url: realm }),
    github: github({ ...githubClient, url: origin }),
  }),
});

/** Our servers in compatible mode, one of each configuration, on one embedded database and one clock. */
export class Servers {
  readonly mailer = new MemoryMailer();
  readonly #running = new Map<Configuration, RunningApplication>();

  private constructor(
    private readonly database: DataSource,
    readonly idp: FakeIdp,
    readonly clock: MovableClock,
  ) {}

  static async open(): Promise<Servers> {
    const embedded = embeddedDataSourceOptions({ directory: ':memory:' });
    const database = await new DataSource({ ...embedded, entities: authEntities }).initialize();
    const clock = new MovableClock();
    return new Servers(database, await FakeIdp.start(() => clock.now()), clock);
  }

  async base(configuration: Configuration): Promise<string> {
    const running = this.#running.get(configuration) ?? (await this.#start(configuration));
    return running.base;
  }

  async close(): Promise<void> {
    for (const running of this.#running.values()) await running.close();
    await this.idp.close();
    await this.database.destroy();
  }

  async #start(configuration: Configuration): Promise<RunningApplication> {
    const { database, idp } = this;
    const oauth = { idps: idpsOf(configuration, idp) };
    const provider = local({ ...options[configuration], oauth, database });
    const running = await startApplication({
      provider,
      clock: this.clock,
      mailer: this.mailer,
      adapter: 'Express',
    });
    this.#running.set(configuration, running);
    return running;
  }
}
