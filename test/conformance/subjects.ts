import { DataSource } from 'typeorm';
import { gotrue, type Mail } from 'nest-guardian';
import {
  authEntities,
  embeddedDataSourceOptions,
  github,
  keycloak,
  local,
  type LocalOptions,
} from 'nest-guardian/local';
import {
  type Bench,
  codeIn,
  type Configuration,
  linkIn,
  MemoryMailer,
  MemorySmsSender,
  MovableClock,
  type ReceivedMail,
  type Subject,
} from 'nest-guardian/testing';
import { findCode } from '../../libs/nest-guardian/src/delivery/read-mail.js';
import { FakeIdp, githubClient, keycloakClient } from '../support/fake-idp.js';
import { type AdapterName, type RunningApplication, startApplication } from '../support/start-application.js';
import { createPostgresDatabase } from '../support/test-databases.js';

const secret = 'conformance is held to with this secret of ours';
const reuseInterval = '10s';

const site = {
  url: 'https://app.example.com',
  allowedRedirects: ['https://app.example.com/cb', 'https://*.preview.example.com/**', 'myapp://callback'],
};
const inUse: LocalOptions = {
  tokens: { secret },
  site,
  anonymous: { enabled: true },
  identities: { manualLinking: true },
  phone: { enabled: true },
  session: { reuseInterval },
  // What the clock tells is measured in bench/timing.js.
  links: { uniformAnswerTime: '0s' },
};

const options: Readonly<Record<Configuration, LocalOptions>> = {
  open: { ...inUse, password: { autoconfirm: true } },
  confirm: { ...inUse, password: { autoconfirm: false } },
  'confirm by the new address': {
    ...inUse,
    password: { autoconfirm: false },
    mail: { secureEmailChange: false },
  },
  closed: { tokens: { secret }, password: { allowSignup: false, enabled: false } },
};

const readMail = (mail: Mail): ReceivedMail => ({
  subject: mail.subject,
  link: /[?&]token=/.test(mail.text) ? linkIn(mail) : null,
  code: findCode(mail) ?? '',
});

interface OpenDatabase {
  readonly dataSource: DataSource;
  drop(): Promise<void>;
}

const onPglite = async (): Promise<OpenDatabase> => {
  const embedded = embeddedDataSourceOptions({ directory: ':memory:' });
  const dataSource = await new DataSource({ ...embedded, entities: authEntities }).initialize();
  return { dataSource, drop: () => dataSource.destroy() };
};

const onPostgres = async (): Promise<OpenDatabase> => {
  const { url, drop } = await createPostgresDatabase();
  const options = { type: 'postgres', url, entities: authEntities, installExtensions: false } as const;
  const dataSource = await new DataSource(options).initialize();
  return { dataSource, drop: () => dataSource.destroy().then(drop) };
};

/** Our own server on a database that lives as long as the subject. */
class LocalSubject implements Subject {
  readonly can = [
    'move the clock',
    'ban and delete',
    'sign tokens',
    'sign in anonymously',
    'read mail',
    'read texts',
    'sign in elsewhere',
  ] as const;
  readonly configurations = Object.keys(options) as Configuration[];
  protected readonly clock = new MovableClock();
  readonly #mailer = new MemoryMailer();
  readonly #smsSender = new MemorySmsSender();
  protected readonly running: RunningApplication[] = [];
  #database: Promise<OpenDatabase> | undefined;
  #idp: Promise<FakeIdp> | undefined;

  constructor(
    readonly name: string,
    protected readonly adapter: AdapterName,
    private readonly openDatabase: () => Promise<OpenDatabase>,
  ) {}

  async open(configuration: Configuration): Promise<Bench> {
    const { dataSource } = await (this.#database ??= this.openDatabase());
    const { clock, adapter } = this;
    const idp = await (this.#idp ??= FakeIdp.start(() => clock.now()));
    const idps = {
      keycloak: keycloak({ ...keycloakClient, url: idp.realm }),
      github: github({ ...githubClient, url: idp.origin }),
    };
    const provider = local({ ...this.optionsOf(configuration), oauth: { idps }, database: dataSource });
    const [mailer, smsSender] = [this.#mailer, this.#smsSender];
    const application = await startApplication({ provider, clock, adapter, mailer, smsSender });
    this.running.push(application);
    return {
      site: site.url,
      mailTo: async (address) => readMail(await mailer.next(address)),
      idp: {
        visit: (url, person) => {
          idp.admit(person);
          return idp.visit(url);
        },
        idToken: (person, claims) => idp.idToken(person, claims),
      },
      textTo: async (number) => ({ code: codeIn(await smsSender.next(number)) }),
      base: application.base,
      reuseInterval,
      secret,
      advance: (duration) => clock.advance(duration),
      now: () => clock.now(),
      remove: async (userId, how) => {
        const until = new Date(clock.now().getTime() + 3_600_000);
        if (how === 'delete') await dataSource.query('DELETE FROM auth.users WHERE id = $1', [userId]);
        else await dataSource.query('UPDATE auth.users SET banned_until = $2 WHERE id = $1', [userId, until]);
      },
    };
  }

  protected optionsOf(configuration: Configuration): LocalOptions {
    return options[configuration];
  }

  async close(): Promise<void> {
    for (const application of this.running.toReversed()) await application.close();
    const database = await this.#database;
    await database?.drop();
    await (await this.#idp)?.close();
  }
}

/** Our own server where it behaves as a GoTrue does. */
class CompatibleSubject extends LocalSubject {
  protected override optionsOf(configuration: Configuration): LocalOptions {
    const { password, session, ...others } = options[configuration];
    return {
      ...others,
      compatibility: 'gotrue',
      session: { ...session, reuseInterval },
      // GoTrue leaves it to the installation; off is its default.
      password: { ...password, requireReauthentication: true },
    };
  }
}

/** An application that delegates to our own server, as it would to a GoTrue. */
class DelegatingSubject extends LocalSubject {
  override async open(configuration: Configuration): Promise<Bench> {
    const behind = await super.open(configuration);
    const provider = gotrue({ url: behind.base, jwtSecret: secret });
    const application = await startApplication({ provider, clock: this.clock, adapter: this.adapter });
    this.running.push(application);
    return { ...behind, base: application.base };
  }
}

const adapterNames: readonly AdapterName[] = ['Express', 'Fastify'];

type Kind = new (name: string, adapter: AdapterName, openDatabase: () => Promise<OpenDatabase>) => Subject;

const onBothAdapters = (name: string, Kind: Kind, open: () => Promise<OpenDatabase>): readonly Subject[] =>
  adapterNames.map((adapter) => new Kind(`${name}, ${adapter}`, adapter, open));

export const localOnPglite = onBothAdapters('local on PGlite', LocalSubject, onPglite);
export const localOnPostgres = onBothAdapters('local on PostgreSQL', LocalSubject, onPostgres);
export const delegating = onBothAdapters('delegating to local', DelegatingSubject, onPglite);
export const compatible = [new CompatibleSubject('compatible on PGlite, Express', 'Express', onPglite)];
