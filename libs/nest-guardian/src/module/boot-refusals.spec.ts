import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { onPostgres, createPostgresDatabase } from '../../../../test/support/test-databases.js';
import { OptionsError } from '../core/option.js';
import { authEntities } from '../persistence/auth-entities.js';
import { runMigrations } from '../persistence/run-migrations.js';
import { requireNoSynchronize } from './boot-refusals.js';
import { local, type LocalOptions } from './local.js';

const secret = 'a secret of more than thirty-two bytes, for the specs';
const encryption = { keyId: 'k', keys: { k: Buffer.alloc(32, 'a').toString('base64url') } };
const before = process.env.NODE_ENV;
const pathsOf = (options: LocalOptions) => local(options).mistakes.map(({ path }) => path);

beforeEach(() => {
  process.env.NODE_ENV = 'production';
});
afterEach(() => {
  process.env.NODE_ENV = before;
});

describe('S-38: production', () => {
  it.each<[string, LocalOptions, string]>([
    ['without a secret', {}, 'tokens.secret'],
    ['with a short secret', { tokens: { secret: 'hunter2' } }, 'tokens.secret'],
    ['with an issuer under http', { tokens: { secret, issuer: 'http://example.com' } }, 'tokens.issuer'],
    ['with HTTP in capitals', { tokens: { secret, issuer: 'HTTP://example.com' } }, 'tokens.issuer'],
    ['with signing keys kept in the clear', { tokens: { signWith: 'kept' } }, 'encryption.encrypt'],
    [
      'with signing keys kept in the clear though there is a key',
      { tokens: { signWith: 'kept' }, encryption: { ...encryption, encrypt: false } },
      'encryption.encrypt',
    ],
  ])('%s is refused, naming the setting and never the secret', (_, options, path) => {
    expect(pathsOf(options)).toEqual([path]);
    expect(JSON.stringify(local(options).mistakes)).not.toContain('hunter2');
  });

  it.each<[string, LocalOptions]>([
    ['a secret', { tokens: { secret } }],
    ['an issuer under https', { tokens: { secret, issuer: 'https://example.com' } }],
    ['kept keys that are encrypted', { tokens: { signWith: 'kept' }, encryption }],
  ])('with %s starts', (_, options) => expect(pathsOf(options)).toEqual([]));

  it('is not alone in keeping tokens of identity providers only where there is a key for them', () => {
    const keeping = { tokens: { secret }, oauth: { keepIdpTokens: true } };
    for (const environment of ['production', 'development']) {
      process.env.NODE_ENV = environment;
      expect(pathsOf(keeping)).toEqual(['oauth.keepIdpTokens']);
      expect(pathsOf({ ...keeping, encryption: { ...encryption, encrypt: false } })).toEqual([
        'oauth.keepIdpTokens',
      ]);
      expect(pathsOf({ ...keeping, encryption })).toEqual([]);
    }
  });

  it('alone is so strict about what is merely unsafe', () => {
    process.env.NODE_ENV = 'development';
    expect(pathsOf({ tokens: { secret, issuer: 'http://localhost:8081' } })).toEqual([]);
    expect(pathsOf({ tokens: { signWith: 'kept' } })).toEqual([]);
  });
});

describe('S-38: the site', () => {
  const pathsOfSite = (site: LocalOptions['site']) => pathsOf({ tokens: { secret }, site });

  it.each([
    'ftp://example.com',
    'javascript:alert(1)',
    'example.com',
    '/',
    'https://you@example.com',
    'https://example.com/?x=1',
    'https://example.com/#in',
    'https:\\\\example.com',
    'https://example.com\n',
    'https://',
  ])('is at no such address as %j', (url) => {
    expect(pathsOfSite({ url })).toEqual(['site.url']);
    expect(pathsOfSite({ apiUrl: url })).toEqual(['site.apiUrl']);
  });

  it('is under http in development, and in production only on this machine', () => {
    const both = { url: 'http://example.com', apiUrl: 'HTTP://example.com/auth/v1' };
    expect(pathsOfSite(both)).toEqual(['site.url', 'site.apiUrl']);
    expect(pathsOfSite({ url: 'http://localhost:3000', apiUrl: 'http://127.0.0.1:9999' })).toEqual([]);
    process.env.NODE_ENV = 'development';
    expect(pathsOfSite(both)).toEqual([]);
  });

  it.each(['production', 'development'])('may send people only where somebody is named, in %s', (mode) => {
    process.env.NODE_ENV = mode;
    const allowedRedirects = ['https://example.com/**', 'https://**', 'https://[a', 'https://*.example.com'];
    expect(local({ tokens: { secret }, site: { allowedRedirects } }).mistakes).toMatchObject([
      { path: 'site.allowedRedirects[1]', reason: 'lets any host through' },
      { path: 'site.allowedRedirects[2]' },
    ]);
  });
});

onPostgres('S-38: a DataSource that synchronizes', () => {
  let url: string;
  let drop: () => Promise<void>;
  const opened: DataSource[] = [];
  beforeEach(async () => {
    ({ url, drop } = await createPostgresDatabase());
    await runMigrations({ type: 'postgres', url }, 'run');
  });
  afterEach(async () => {
    for (const source of opened.splice(0)) await source.destroy();
    await drop();
  });

  const source = async (synchronize: boolean, entities: typeof authEntities = authEntities) => {
    const made = new DataSource({ type: 'postgres', url, entities, synchronize, installExtensions: false });
    opened.push(await made.initialize());
    return made;
  };

  it('is refused in production where it has the tables of accounts', async () => {
    const covering = await source(true);
    expect(() => requireNoSynchronize(covering)).toThrow(OptionsError);
    expect(() => requireNoSynchronize(covering)).toThrow(/database\.synchronize: is on in production/);
    process.env.NODE_ENV = 'test';
    expect(() => requireNoSynchronize(covering)).not.toThrow();
  });

  it('is refused before it could, when it is not initialized yet', () => {
    const unopened = new DataSource({ type: 'postgres', url, synchronize: true });
    expect(() => requireNoSynchronize(unopened)).toThrow(OptionsError);
  });

  it('is let through without those tables, and so is one that does not synchronize', async () => {
    const without = await source(true, []);
    expect(() => requireNoSynchronize(without)).not.toThrow();
    const still = await source(false);
    expect(() => requireNoSynchronize(still)).not.toThrow();
  });

  it('stops the start of the module', async () => {
    const provider = local({ database: await source(true), tokens: { secret } });
    const context = {
      clock: { now: () => new Date() },
      announcements: {},
      find: () => undefined,
      log: () => {},
    };
    await expect(provider.create(context as never)).rejects.toThrow(/database\.synchronize/);
  });
});
