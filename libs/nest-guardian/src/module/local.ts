import type { DataSource } from 'typeorm';
import { type Given, type OptionMistake, readOptions } from '../core/option.js';
import { SystemClock } from '../core/ports/clock.js';
import { PasswordHasher } from '../core/ports/password-hasher.js';
import { Persistence } from '../core/ports/persistence.js';
import type { ProviderChoice, ProviderContext } from '../core/provider-choice.js';
import type { adminOptions } from '../features/admin/admin.options.js';
import type { anonymousOptions } from '../features/anonymous/anonymous.options.js';
import type { auditOptions } from '../features/audit/audit.options.js';
import type { identitiesOptions } from '../features/identities/identities.options.js';
import type { LinksSettings, linksOptions } from '../features/links/links.options.js';
import type { mailOptions } from '../features/mail/mail.options.js';
import type { mfaOptions } from '../features/mfa/mfa.options.js';
import { mistakesOfOauth, type OauthSettings, type oauthOptions } from '../features/oauth/oauth.options.js';
import type { passwordOptions } from '../features/password/password.options.js';
import type { sessionOptions } from '../features/session/session.options.js';
import type { phoneOptions } from '../features/phone/phone.options.js';
import type { siteOptions } from '../features/site/site.options.js';
import type { userOptions } from '../features/user/user.options.js';
import { ConfiguredIdps } from '../idps/configured-idps.js';
import { dataDirectory } from '../persistence/data-directory.js';
import { defaultMigrationMode, type MigrationMode } from '../persistence/run-migrations.js';
import { type Database, type DatabaseChoice, isDataSource, openDatabase } from '../persistence/database.js';
import { TypeormTokenTracking } from '../persistence/typeorm-token-tracking.js';
import { LocalProvider } from '../providers/local/local.provider.js';
import type { AdmissionSettings } from '../providers/local/require-administrator.js';
import type { Places } from '../steps/needs.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { ColumnEncryption, type EncryptionOptions } from '../tokens/column-encryption.js';
import { gotrueForm, strongForm } from '../tokens/one-time-secret.js';
import type { TokenOptions } from '../tokens/token.options.js';
import { applicationShare } from './application-share.js';
import { isProduction, mistakesOfSite, requireNoSynchronize, unsafeInProduction } from './boot-refusals.js';
import { gotrueCompatible } from './compatibility.js';
import { type DeliverySettings, startDelivery } from './delivery.js';
import { mistakesOfDelivery } from './delivery-mistakes.js';
import { argon2Hasher } from './default-hasher.js';
import { developmentSecret } from './development-secret.js';
import { allFeatures } from './features.js';
import { keepKeys } from './key-keeper.js';
import { oddPlaceOf, placesOf } from './places.js';

/** The options of the local provider. Every one has a safe default. */
export interface LocalOptions {
  /**
   * Where accounts are kept: nothing or `{ directory }` for the embedded database, a PostgreSQL URL, or the
   * application's own DataSource (the instance, or with `forRoot` its injection token).
   */
  readonly database?: DatabaseChoice | typeof DataSource | symbol;
  /**
   * What happens to the tables at boot: made or brought up to date, only checked, or left alone.
   * @default 'run', in production 'check'
   */
  readonly migrations?: MigrationMode;
  /** `gotrue` answers as GoTrue does also where that is less safe. @default 'strict' */
  readonly compatibility?: 'strict' | 'gotrue';
  /** Keys, issuer, audience and lifetimes of access tokens. */
  readonly tokens?: TokenOptions;
  /** Keys with which secrets in rows are encrypted, in GoTrue's own form. Production should have them. */
  readonly encryption?: EncryptionOptions;
  /** E-mail and password: who may sign up, and what a password must be. */
  readonly password?: Given<typeof passwordOptions>;
  /** People without an address. */
  readonly anonymous?: Given<typeof anonymousOptions>;
  /** What people keep about themselves. */
  readonly user?: Given<typeof userOptions>;
  /** Where the application lives, and where people may be sent. */
  readonly site?: Given<typeof siteOptions>;
  /** How mail leaves, and what it says. */
  readonly mail?: Given<typeof mailOptions>;
  /** Links and codes that are sent to people. */
  readonly links?: Given<typeof linksOptions>;
  /** People who have a telephone number. */
  readonly phone?: Given<typeof phoneOptions>;
  /** Second factors. */
  readonly mfa?: Given<typeof mfaOptions>;
  /** Other places that know people: Google, GitHub, the company's Keycloak. */
  readonly oauth?: Given<typeof oauthOptions>;
  /** The ways in that a person has. */
  readonly identities?: Given<typeof identitiesOptions>;
  /** Who may administer, and what a ban does. */
  readonly admin?: Given<typeof adminOptions>;
  /** Where the audit trail is written, and how long it is kept. */
  readonly audit?: Given<typeof auditOptions>;
  /** How sessions and their refresh tokens live. */
  readonly session?: Given<typeof sessionOptions>;
}

const names = [
  'database',
  'migrations',
  'compatibility',
  'tokens',
  'encryption',
  ...allFeatures.map(({ name }) => name),
];

/**
 * Accounts in the application's own database: tokens are signed and verified here, nothing is asked of anybody
 * else. Needs `typeorm`, `pg`, `@node-rs/argon2` and, for the embedded database, `@electric-sql/pglite`.
 */
export function local(options: LocalOptions = {}): ProviderChoice {
  const mistakes: OptionMistake[] = [];
  const given = withPreset(options, mistakes);
  const settings: object = Object.fromEntries(
    allFeatures.map(({ name, options: shape }) => [
      name,
      readOptions(shape, given[name as keyof LocalOptions], { path: name, mistakes }),
    ]),
  );
  const tokens = withSecret(given, mistakes);
  const encryption = ColumnEncryption.from(given.encryption, { path: 'encryption', mistakes });
  // Only judged here; the provider's own has the application's clock.
  AccessTokens.from(tokens, mistakes, new SystemClock());
  const { site, mail, phone, oauth } = settings as Judged['settings'];
  mistakes.push(
    ...unsafeInProduction(given),
    ...mistakesOfSite(site),
    ...mistakesOfDelivery({ site, mail, phone }),
    ...mistakesOfOauth(oauth, given.encryption),
  );
  const { database, migrations = defaultMigrationMode() } = options;
  return {
    name: 'local',
    mistakes,
    inject: isToken(database) ? [database] : [],
    create: (context) =>
      start({ database, migrations, tokens, encryption, settings: settings as Judged['settings'] }, context),
  };
}

interface Judged {
  readonly database: LocalOptions['database'];
  readonly migrations: MigrationMode;
  readonly tokens: TokenOptions;
  readonly encryption: ColumnEncryption;
  readonly settings: DeliverySettings &
    AdmissionSettings & { readonly links: LinksSettings; readonly oauth: OauthSettings };
}

async function start(judged: Judged, context: ProviderContext): Promise<LocalProvider> {
  const { clock, announcements, find } = context;
  const { settings } = judged;
  const tokens = AccessTokens.from(judged.tokens, [], clock);
  const { opened, persistence, encryption } = await openAccounts(judged, { tokens, find });
  const keeper = await keepKeys({ tokens, clock, opened, encryption });
  const share = applicationShare({ audit: settings.audit, tokens }, context);
  const delivery = await startDelivery({ settings, opened, encryption }, context);
  const isGotrueForm = settings.links.form === 'gotrue';
  const parts = {
    persistence,
    places: placesWith(settings, context),
    secretForm: isGotrueForm ? gotrueForm : strongForm(() => tokens.deriveKey('secrets')),
    keepsGotrueSecrets: isGotrueForm,
    mailbox: delivery.mailbox,
    canText: delivery.canText,
    nudge: () => delivery.nudge(),
    hasher: find<PasswordHasher>(PasswordHasher) ?? (await argon2Hasher()),
    clock,
    idps: new ConfiguredIdps(settings.oauth, clock),
    settings,
    tokens,
    ...share,
    tell: announcements.tell.bind(announcements),
    tokenTracking: opened && new TypeormTokenTracking(opened.dataSource),
    close: async () => {
      keeper?.stop();
      await share.shipping?.close();
      await delivery.stop();
      await persistence.close();
    },
  };
  const offers = allFeatures.flatMap((feature) => feature.offers);
  return new LocalProvider(parts, offers);
}

interface Accounts {
  /** Null where the application brought a Persistence of its own. */
  readonly opened: Database | null;
  readonly persistence: Persistence;
  readonly encryption: ColumnEncryption;
}

async function openAccounts(
  judged: Judged,
  { tokens, find }: Pick<ProviderContext, 'find'> & { readonly tokens: AccessTokens },
): Promise<Accounts> {
  const database = isToken(judged.database) ? find<DatabaseChoice>(judged.database) : judged.database;
  if (isDataSource(database)) requireNoSynchronize(database);
  // Keys that are kept in the database cannot be asked before it is open, and with them comes an encryption key.
  const isKept = tokens.settings.signWith === 'kept';
  const encryption = isKept
    ? judged.encryption
    : judged.encryption.withKeyForOurselves(tokens.deriveKey('messages'));
  const overridden = find<Persistence>(Persistence);
  if (overridden) return { opened: null, persistence: overridden, encryption };
  const opened = await openDatabase(database as DatabaseChoice, judged.migrations, encryption);
  return { opened, persistence: opened.persistence, encryption };
}

function placesWith({ site }: Judged['settings'], context: ProviderContext): Places {
  const odd = oddPlaceOf(site, context.prefix);
  if (odd !== null) context.log(odd);
  return placesOf(site, context);
}

/** An injection token of the application's DataSource, as opposed to the DataSource itself. */
const isToken = (database: unknown): boolean =>
  typeof database === 'function' || typeof database === 'symbol';

function withPreset(options: LocalOptions, mistakes: OptionMistake[]): LocalOptions {
  for (const name of Object.keys(options).filter((key) => !names.includes(key))) {
    mistakes.push({ path: name, reason: 'is not an option', remedy: `Options here are ${names.join(', ')}` });
  }
  const { compatibility = 'strict' } = options;
  if (!['strict', 'gotrue'].includes(compatibility)) {
    mistakes.push({ path: 'compatibility', reason: 'cannot be read', remedy: 'It must be strict or gotrue' });
  }
  if (compatibility !== 'gotrue') return options;
  const preset = Object.entries(gotrueCompatible satisfies LocalOptions).map(([name, values]) => [
    name,
    { ...values, ...options[name as keyof typeof gotrueCompatible] },
  ]);
  return { ...options, ...Object.fromEntries(preset) };
}

/** In development a missing key is made and kept; production has to bring its own. */
function withSecret({ tokens = {}, database }: LocalOptions, mistakes: OptionMistake[]): TokenOptions {
  const { secret, keys, signWith } = tokens;
  if (secret !== undefined || keys !== undefined || signWith === 'kept') return tokens;
  if (!isProduction()) return { ...tokens, secret: developmentSecret(dataDirectory(directoryOf(database))) };
  mistakes.push({
    path: 'tokens.secret',
    reason: 'is missing, and so is tokens.keys',
    remedy: 'Give at least 32 random bytes, e.g. from `openssl rand -base64 48`',
  });
  return tokens;
}

const directoryOf = (database: LocalOptions['database']): string | undefined =>
  typeof database === 'object' && 'directory' in database ? database.directory : undefined;
