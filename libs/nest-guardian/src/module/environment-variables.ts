import { numberOf } from '../core/variable-text.js';
import { mailKinds } from '../features/mail/mail.options.js';
import { gotrueShape } from '../providers/gotrue/gotrue.options.js';
import { encryptionOptions } from '../tokens/column-encryption.js';
import { tokenOptions } from '../tokens/token.options.js';
import { idpVariables, iosVariable } from './environment-idps.js';
import { allFeatures } from './features.js';
import { isPrefix, isProxyCount, prefixRemedy, proxiesRemedy } from './options.js';
import { type Variable, variablesOf } from './variable.js';

// Only what no option declares stands here; every other variable is in its option's declaration.

type Refuse = Variable['refuse'];

const only =
  (...values: readonly string[]): Refuse =>
  (text) =>
    values.includes(text) ? null : { reason: 'cannot be read', remedy: `It must be ${values.join(' or ')}` };

const unless =
  (isGood: (text: string) => boolean, reason: string, remedy: string): Refuse =>
  (text) =>
    isGood(text) ? null : { reason, remedy };

/** What shapes the module, whoever answers. */
export const moduleVariables: readonly Variable[] = [
  {
    name: 'GUARDIAN_PROVIDER',
    path: 'provider',
    refuse: only('local', 'gotrue'),
    says: 'Who answers: `local` (the default) or `gotrue`.',
  },
  {
    name: 'GUARDIAN_PREFIX',
    path: 'prefix',
    refuse: unless(isPrefix, 'is not a path', prefixRemedy),
    says: 'Where the routes begin, `auth/v1` unless said otherwise; `/` for none, as on a GoTrue server.',
  },
  {
    name: 'GUARDIAN_TRUSTED_PROXIES',
    path: 'trustedProxies',
    fromText: numberOf,
    refuse: unless((text) => isProxyCount(numberOf(text)), 'is not a count', proxiesRemedy),
    says: 'How many proxies of your own stand in front, for reading `X-Forwarded-For`; 0 believes nobody.',
  },
];

/** Where a server of its own listens. An application that only imports the module says that itself. */
export const serverVariables: readonly Variable[] = [
  {
    name: 'GOTRUE_API_PORT',
    also: ['PORT'],
    path: 'port',
    fromText: numberOf,
    refuse: unless(
      (text) => /^\d{1,5}$/.test(text) && Number(text) < 65_536,
      'is not a port',
      'Give a whole number from 0 to 65535',
    ),
    says: 'The port of `nest-guardian serve`, 8081 unless said otherwise.',
  },
  {
    name: 'GOTRUE_API_HOST',
    path: 'host',
    says: 'The address it listens on; every one of the machine unless said otherwise.',
  },
  {
    name: 'GUARDIAN_HTTP',
    path: 'http',
    refuse: only('express', 'fastify'),
    says: 'What serves HTTP: `fastify`, which is faster, where it is installed, and `express` otherwise.',
  },
];

/** Which database, and where on disk. */
export const databaseVariables: readonly Variable[] = [
  {
    name: 'GUARDIAN_DATA',
    path: 'database.directory',
    says: "The directory of the embedded database and of development's signing secret, `.data/guardian` unless said otherwise.",
  },
  {
    name: 'GOTRUE_DB_DATABASE_URL',
    also: ['DATABASE_URL'],
    path: 'database',
    refuse: unless(
      (text) => /^postgres(ql)?:\/\//.test(text),
      'is not the URL of a PostgreSQL database',
      'It must begin with postgres://',
    ),
    says: 'The PostgreSQL database with the accounts; without it, the embedded one.',
  },
  {
    name: 'GUARDIAN_MIGRATIONS',
    path: 'migrations',
    refuse: only('run', 'check', 'off'),
    says: 'What happens to the tables at the start: `run`, in production `check`, or `off`.',
  },
  {
    name: 'GOTRUE_DB_DRIVER',
    refuse: only('postgres', 'postgresql'),
    says: 'Only `postgres` is served.',
  },
  {
    name: 'GOTRUE_DB_DB_NAMESPACE',
    also: ['DB_NAMESPACE'],
    refuse: unless(
      (text) => text === 'auth',
      'names another schema than auth',
      'Leave it out; the tables are in schema auth',
    ),
    says: 'Only `auth` is served.',
  },
];

/** With what tokens are signed and verified. */
export const keyVariables: readonly Variable[] = [
  {
    name: 'GOTRUE_JWT_SECRET',
    path: 'tokens.secret',
    says: 'The secret that is shared with whoever signs or verifies with HS256; 32 bytes or more.',
  },
  {
    name: 'GOTRUE_JWT_KEY_ID',
    path: 'tokens.secretKeyId',
    says: 'The `kid` of tokens that are signed with the secret.',
  },
  {
    name: 'GOTRUE_JWT_KEYS',
    path: 'tokens.keys',
    fromText: jsonOf,
    says: 'A JSON array of keys (JWK); the one with `sign` in its `key_ops` signs, the others verify. See [keys](keys.md).',
  },
];

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's words would quote the key; that this is not JSON is said by the option.
    return text;
  }
}

/** How secrets in rows are encrypted. */
export const encryptionVariables: readonly Variable[] = [
  ...variablesOf('encryption', encryptionOptions),
  {
    name: 'GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY',
    path: 'encryption.keys',
    fromText: (text, env) => ({ [env.GOTRUE_SECURITY_DB_ENCRYPTION_ENCRYPTION_KEY_ID ?? '']: text }),
    says: 'The key that encrypts: 32 bytes in base64url.',
  },
];

/** A template and a subject for each mail. */
export const mailVariables: readonly Variable[] = mailKinds.flatMap((kind) => {
  // GoTrue knows them all but this one.
  const group = kind === 'already_registered' ? 'GUARDIAN_MAIL' : 'GOTRUE_MAILER';
  const name = kind.toUpperCase();
  return [
    {
      name: `${group}_TEMPLATES_${name}`,
      path: `mail.templates.${kind}`,
      says: 'A file or a URL with the HTML of this mail. See [mail](mail.md).',
    },
    {
      name: `${group}_SUBJECTS_${name}`,
      path: `mail.subjects.${kind}`,
      says: 'The subject of this mail, with `{{ .Email }}` and the like.',
    },
  ];
});

/** Of the local provider. */
export const localVariables: readonly Variable[] = [
  ...databaseVariables,
  {
    name: 'GUARDIAN_COMPATIBILITY',
    path: 'compatibility',
    refuse: only('strict', 'gotrue'),
    says: '`gotrue` answers as GoTrue does also where that is less safe; `strict` unless said otherwise.',
  },
  ...keyVariables,
  ...variablesOf('tokens', tokenOptions),
  ...encryptionVariables,
  ...allFeatures.flatMap(({ name, options }) => variablesOf(name, options)),
  ...mailVariables,
  ...idpVariables,
  iosVariable,
];

/** Of the provider that lets a GoTrue server answer. */
export const gotrueVariables: readonly Variable[] = variablesOf('provider', gotrueShape, 'gotrue');
