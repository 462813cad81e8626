import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Announcements } from '../core/announcements.js';
import type { OptionMistake, OptionShape } from '../core/option.js';
import { Persistence } from '../core/ports/persistence.js';
import { gotrueShape } from '../providers/gotrue/gotrue.options.js';
import { MovableClock } from '../testing/movable-clock.js';
import { encryptionOptions } from '../tokens/column-encryption.js';
import { tokenOptions } from '../tokens/token.options.js';
import { databaseFromEnvironment, optionsFromEnvironment, serverFromEnvironment } from './environment.js';
import { gotrueVariables, localVariables } from './environment-variables.js';
import { allFeatures } from './features.js';
import { type Environment, readVariables, type Variable } from './variable.js';

const secret = 'a secret of more than thirty-two bytes, for the specs';
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'environment-'));
});
afterAll(() => rm(directory, { recursive: true }));
const withData = (env: Environment): Environment => ({ GUARDIAN_DATA: directory, ...env });

const read = (variables: readonly Variable[], env: Environment) => {
  const mistakes: OptionMistake[] = [];
  return { options: readVariables(variables, env, mistakes), mistakes };
};
const mistakesOf = (env: Environment) => optionsFromEnvironment(withData(env)).provider.mistakes;
const pathsOf = (env: Environment) => mistakesOf(env).map(({ path }) => path);

/** Every group of declared options, under its path, with the variables that should set them. */
const groups: readonly (readonly [path: string, shape: OptionShape, variables: readonly Variable[]])[] = [
  ['tokens', tokenOptions, localVariables],
  ['encryption', encryptionOptions, localVariables],
  ...allFeatures.map(({ name, options }) => [name, options, localVariables] as const),
  ['provider', gotrueShape, gotrueVariables],
];
const declared = groups.flatMap(([path, shape, variables]) =>
  Object.entries(shape)
    .filter(([, option]) => option.env !== undefined || option.fromText !== undefined)
    .map(([name, option]) => ({ path: `${path}.${name}`, group: path, name, option, variables })),
);

/** Texts of every kind; one of them says something to each option. */
const texts = [
  'true',
  'false',
  '1',
  '2',
  '7',
  '100',
  '90s',
  'kept',
  'secret',
  'http://x',
  'k:AAAA',
  'a,b',
  'gotrue',
  'never',
  '15550100:123456',
];

describe('every option that text can express', () => {
  it('is found', () => expect(declared.length).toBeGreaterThan(25));

  it('has a variable, and no two of ours share a name', () => {
    for (const { path, variables } of declared) expect(variables.map((one) => one.path)).toContain(path);
    const ours = localVariables.map(({ name }) => name).filter((name) => name.startsWith('GUARDIAN_'));
    expect(new Set(ours).size).toBe(ours.length);
  });

  it.each(declared)('is set by its variable: $path', ({ path, group, name, option, variables }) => {
    const variable = variables.find((one) => one.path === path)!;
    const set = texts.flatMap((said) => {
      const { options } = read(variables, { [variable.name]: said });
      const value = option.read((options[group] as Record<string, unknown>)[name]);
      return 'value' in value ? [JSON.stringify(value.value)] : [];
    });
    expect(set.filter((value) => value !== JSON.stringify(option.default))).not.toEqual([]);
  });

  it('takes its name from GoTrue, or from its own path', () => {
    const nameOf = (path: string) =>
      [...localVariables, ...gotrueVariables].find((one) => one.path === path)?.name;
    expect(nameOf('password.minLength')).toBe('GOTRUE_PASSWORD_MIN_LENGTH');
    expect(nameOf('tokens.maxLifetime')).toBe('GUARDIAN_TOKENS_MAX_LIFETIME');
    expect(nameOf('provider.verification')).toBe('GUARDIAN_GOTRUE_VERIFICATION');
  });
});

describe('variables of GoTrue', () => {
  it.each([
    ['GOTRUE_JWT_EXP', '3600', { tokens: { lifetime: '3600s' } }],
    ['GOTRUE_JWT_ADMIN_ROLES', 'service_role, root', { tokens: { adminRoles: ['service_role', 'root'] } }],
    ['GOTRUE_JWT_KEY_ID', 'k1', { tokens: { secretKeyId: 'k1' } }],
    ['GOTRUE_JWT_KEYS', '[{"kid":"k"}]', { tokens: { keys: [{ kid: 'k' }] } }],
    ['GOTRUE_DISABLE_SIGNUP', 'true', { password: { allowSignup: false } }],
    ['GOTRUE_DISABLE_SIGNUP', 'false', { password: { allowSignup: true } }],
    [
      'GOTRUE_PASSWORD_REQUIRED_CHARACTERS',
      'abc:0\\:1',
      { password: { requiredCharacters: ['abc', '0:1'] } },
    ],
    ['GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL', '10', { session: { reuseInterval: '10s' } }],
    ['GOTRUE_SESSIONS_TIMEBOX', '24h0m0s', { session: { timebox: '86400s' } }],
    ['GOTRUE_DB_DATABASE_URL', 'postgres://h/d', { database: 'postgres://h/d' }],
    ['DATABASE_URL', 'postgresql://h/d', { database: 'postgresql://h/d' }],
  ])('%s=%s', (name, said, options) => {
    expect(read(localVariables, { [name]: said })).toEqual({ options, mistakes: [] });
  });

  it('with the prefix go before those without it', () => {
    const env = { GOTRUE_DB_DATABASE_URL: 'postgres://first/d', DATABASE_URL: 'postgres://second/d' };
    expect(read(localVariables, env).options).toEqual({ database: 'postgres://first/d' });
    const mistakes: OptionMistake[] = [];
    const ports = { GOTRUE_API_PORT: '9999', PORT: '8081', GOTRUE_API_HOST: '::1', GUARDIAN_HTTP: 'express' };
    expect(serverFromEnvironment(ports, mistakes)).toEqual({ port: 9999, host: '::1', http: 'express' });
    expect(serverFromEnvironment({ PORT: '8081' }, mistakes)).toEqual({ port: 8081 });
    expect(mistakes).toEqual([]);
  });

  it('that are empty are as good as absent', () => {
    const empty = Object.fromEntries(localVariables.map(({ name }) => [name, '']));
    expect(read(localVariables, empty)).toEqual({ options: {}, mistakes: [] });
  });

  it('make the keys of encryption, which is off unless they say so', () => {
    const key = Buffer.alloc(32, 'a').toString('base64url');
    const prefix = 'GOTRUE_SECURITY_DB_ENCRYPTION';
    const keys = {
      [`${prefix}_ENCRYPTION_KEY_ID`]: 'new',
      [`${prefix}_ENCRYPTION_KEY`]: key,
      [`${prefix}_DECRYPTION_KEYS`]: `old:${key}`,
    };
    expect(read(localVariables, keys).options).toEqual({
      encryption: { keyId: 'new', keys: { new: key, old: key } },
    });
    expect(databaseFromEnvironment(keys).encryption.seal('row', 'plain')).toBe('plain');
    const { encryption } = databaseFromEnvironment({ ...keys, [`${prefix}_ENCRYPT`]: 'true' });
    expect(JSON.parse(encryption.seal('row', 'plain'))).toMatchObject({ key_id: 'new' });
    expect(mistakesOf(keys)).toEqual([]);
  });

  it('S-38: that hold a key where its name belongs are refused, and the key is not said', () => {
    const key = Buffer.alloc(32, 'a').toString('base64url');
    const prefix = 'GOTRUE_SECURITY_DB_ENCRYPTION';
    for (const env of [
      { [`${prefix}_DECRYPTION_KEYS`]: key },
      { [`${prefix}_DECRYPTION_KEYS`]: `${key}:old` },
      { [`${prefix}_DECRYPTION_KEYS`]: 'hunter2' },
      { [`${prefix}_ENCRYPTION_KEY_ID`]: key, [`${prefix}_ENCRYPTION_KEY`]: 'new' },
    ]) {
      const [mistake] = mistakesOf(env);
      expect(mistake?.path).toMatch(/^GOTRUE_SECURITY_DB_ENCRYPTION_(DE|EN)CRYPTION_KEYS?$/);
      expect(JSON.stringify(mistake)).not.toMatch(/aaaa|YWFh|hunter2/);
    }
  });
});

describe('databaseFromEnvironment', () => {
  it('refuses a name of ours that there is not, before another database than the one meant is touched', () => {
    expect(() => databaseFromEnvironment(withData({ GUARDIAN_DTA: '/srv/accounts' }))).toThrow(
      /GUARDIAN_DTA/,
    );
  });
});

describe('optionsFromEnvironment', () => {
  it('needs nothing: the embedded database and a secret of its own', () => {
    const { provider, ...shape } = optionsFromEnvironment(withData({}));
    expect(provider).toMatchObject({ name: 'local', mistakes: [] });
    expect(shape).toEqual({});
  });

  it('chooses the provider and shapes the module', () => {
    const env = {
      GUARDIAN_PROVIDER: 'gotrue',
      GUARDIAN_GOTRUE_URL: 'http://gotrue:9999',
      GUARDIAN_PREFIX: '/',
      GUARDIAN_TRUSTED_PROXIES: '2',
    };
    const { provider, ...shape } = optionsFromEnvironment(env);
    expect(provider).toMatchObject({ name: 'gotrue', mistakes: [] });
    expect(shape).toEqual({ prefix: '/', trustedProxies: 2 });
  });

  it.each([
    ['GOTRUE_MAILER_AUTOCONFIRM', 'yes'],
    ['GOTRUE_DISABLE_SIGNUP', 'perhaps'],
    ['GOTRUE_PASSWORD_MIN_LENGTH', '8.5'],
    ['GOTRUE_PASSWORD_MIN_LENGTH', '5'],
    ['GOTRUE_JWT_EXP', 'soon'],
    ['GOTRUE_JWT_KEYS', '{"kid":'],
    ['GOTRUE_JWT_KEYS', 'null'],
    ['GOTRUE_JWT_SECRET', 'short'],
    ['GOTRUE_DB_DRIVER', 'mysql'],
    ['GOTRUE_DB_DB_NAMESPACE', 'accounts'],
    ['DB_NAMESPACE', 'accounts'],
    ['DATABASE_URL', 'mysql://h/d'],
    ['GUARDIAN_PROVIDER', 'supabase'],
    ['GUARDIAN_PREFIX', 'a b'],
    ['GUARDIAN_TRUSTED_PROXIES', '-1'],
    ['GUARDIAN_COMPATIBILITY', 'lax'],
    ['GUARDIAN_MIGRATIONS', 'maybe'],
    ['GUARDIAN_TOKENS_SIGN_WITH', 'luck'],
  ])('refuses %s=%s by its name', (name, said) => expect(pathsOf({ [name]: said })).toEqual([name]));

  it.each([
    [{ PORT: '-1' }, 'PORT'],
    [{ PORT: '65536' }, 'PORT'],
    [{ GOTRUE_API_PORT: 'http' }, 'GOTRUE_API_PORT'],
    [{ GUARDIAN_HTTP: 'koa' }, 'GUARDIAN_HTTP'],
  ])('leaves %j to the server, which refuses it', (env, path) => {
    expect(pathsOf(env)).toEqual([]);
    const mistakes: OptionMistake[] = [];
    serverFromEnvironment(env, mistakes);
    expect(mistakes).toMatchObject([{ path }]);
  });

  it.each([
    ['[{', 'is not JSON'],
    ['{}', 'is not a list'],
    ['[]', 'no key signs'],
  ])('says what is wrong with GOTRUE_JWT_KEYS=%s', (said, reason) =>
    expect(mistakesOf({ GOTRUE_JWT_KEYS: said })).toMatchObject([{ path: 'GOTRUE_JWT_KEYS', reason }]),
  );

  it('names what is inside of a variable too', () => {
    const keys = JSON.stringify([{ kty: 'EC', kid: 'k', d: 'hunter2' }]);
    expect(pathsOf({ GOTRUE_JWT_KEYS: keys })).toEqual(['GOTRUE_JWT_KEYS[0]']);
  });

  it('refuses a name of ours that there is not', () => {
    expect(mistakesOf({ GUARDIAN_PREFFIX: '/' })).toMatchObject([
      { path: 'GUARDIAN_PREFFIX', reason: 'is not a variable of nest-guardian' },
    ]);
  });

  it('tells all mistakes at once, and never what was said', () => {
    const env = {
      GOTRUE_JWT_SECRET: 'hunter2',
      GOTRUE_JWT_KEYS: 'hunter2',
      DATABASE_URL: 'mysql://hunter2@h',
      GOTRUE_JWT_EXP: 'hunter2',
      GUARDIAN_PROVIDER: 'hunter2',
      GUARDIAN_X: 'hunter2',
    };
    expect(pathsOf(env).toSorted()).toEqual(Object.keys(env).toSorted());
    expect(JSON.stringify(mistakesOf(env))).not.toContain('hunter2');
  });

  it('says by the variable’s name what is missing', () => {
    expect(pathsOf({ GUARDIAN_PROVIDER: 'gotrue' })).toEqual(['GUARDIAN_GOTRUE_URL']);
  });

  it.each([
    ['*', 0],
    ['https://example.com/**,https://**', 1],
  ])('S-38: refuses a list of redirects that lets any host through: %s', (list, index) =>
    expect(pathsOf({ GOTRUE_URI_ALLOW_LIST: list })).toEqual([`GOTRUE_URI_ALLOW_LIST[${index}]`]),
  );

  it('takes a list of redirects that names its hosts', () =>
    expect(pathsOf({ GOTRUE_URI_ALLOW_LIST: 'https://*.example.com/**' })).toEqual([]));
});

describe('variables that are set and not served', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  afterEach(() => void warn.mockClear());
  afterAll(() => warn.mockRestore());

  const start = async (env: Environment): Promise<unknown[]> => {
    const { provider } = optionsFromEnvironment(withData({ GOTRUE_JWT_SECRET: secret, ...env }));
    expect(provider.mistakes).toEqual([]);
    // Nothing is opened: the database is somebody else's.
    await provider.create({
      listensAt: () => null,
      prefix: 'auth/v1',
      clock: new MovableClock(),
      announcements: new Announcements(() => undefined),
      find: <T>(token: unknown) => (token === Persistence ? ({} as T) : undefined),
      log: () => undefined,
    });
    return warn.mock.calls.flat();
  };

  it('are named in one warning, without what they say', async () => {
    const env = { GOTRUE_SAML_PRIVATE_KEY: 'hunter2', GOTRUE_SAML_ENABLED: 'false' };
    expect(await start(env)).toEqual([
      'Set, but without effect here: GOTRUE_SAML_ENABLED, GOTRUE_SAML_PRIVATE_KEY',
    ]);
  });

  it('are ours too where the other provider answers', async () => {
    const env = {
      GUARDIAN_PROVIDER: 'gotrue',
      GUARDIAN_GOTRUE_URL: 'http://gotrue:9999',
      GUARDIAN_PASSWORD_MAX_BYTES: '100',
    };
    expect(await start(env)).toEqual([
      'Set, but without effect here: GUARDIAN_DATA, GUARDIAN_PASSWORD_MAX_BYTES',
    ]);
  });

  it('are not those that are served, those that are empty and those of others', async () => {
    const env = {
      GOTRUE_JWT_EXP: '3600',
      GOTRUE_DB_DRIVER: 'postgres',
      GOTRUE_API_HOST: '0.0.0.0',
      PORT: '8081',
      GUARDIAN_HTTP: 'express',
      GOTRUE_SMTP_HOST: '',
      PATH: '/bin',
    };
    expect(await start(env)).toEqual([]);
  });
});
