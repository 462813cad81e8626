import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { Caller } from '../core/caller.js';
import { Announcements } from '../core/announcements.js';
import { Persistence } from '../core/ports/persistence.js';
import { presets } from '../idps/presets.js';
import type { LocalProvider } from '../providers/local/local.provider.js';
import { MovableClock } from '../testing/movable-clock.js';
import { getSettings } from '../features/settings/settings.contract.js';
import { idpsFromEnvironment } from './environment-idps.js';
import { optionsFromEnvironment } from './environment.js';
import type { Environment } from './variable.js';

let directory: string;
const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'environment-idps-'));
});
afterEach(() => void warn.mockClear());
afterAll(async () => {
  warn.mockRestore();
  await rm(directory, { recursive: true });
});

const read = (env: Environment) => optionsFromEnvironment({ GUARDIAN_DATA: directory, ...env }).provider;
const pathsOf = (env: Environment) => read(env).mistakes.map(({ path }) => path);

/** Variables of one identity provider, by what they end with. */
const variables = (name: string, members: Environment): Environment =>
  Object.fromEntries(
    Object.entries(members).map(([end, value]) => [`GOTRUE_EXTERNAL_${name.toUpperCase()}_${end}`, value]),
  );
const on = { ENABLED: 'true', CLIENT_ID: 'web, ios', SECRET: 'hunter2' };

const nothing = async (): Promise<void> => undefined;
/** What reads no row. */
const noDatabase = { begin: () => ({ commit: nothing, rollback: nothing }) };

/** The local provider; no database is opened. */
const start = (env: Environment) =>
  read(env).create({
    listensAt: () => null,
    prefix: 'auth/v1',
    clock: new MovableClock(),
    announcements: new Announcements(() => undefined),
    find: <T>(token: unknown) => (token === Persistence ? (noDatabase as T) : undefined),
    log: () => undefined,
  }) as Promise<LocalProvider>;

const externalOf = async (env: Environment): Promise<string[]> => {
  const provider = await start(env);
  const { external } = (await provider.execute(getSettings, {}, { bearer: null } as Caller)) as {
    external: Record<string, boolean>;
  };
  return Object.keys(external).filter((name) => external[name] === true);
};

describe('GOTRUE_EXTERNAL_<PROVIDER>_', () => {
  it.each(Object.keys(presets))('switches %s on, and the settings say so', async (name) => {
    const env = variables(name, { ...on, URL: name === 'keycloak' ? 'https://sso.example/realms/x' : '' });
    expect(pathsOf(env)).toEqual([]);
    expect(await externalOf(env)).toEqual(expect.arrayContaining(['email', name]));
    expect(warn).not.toHaveBeenCalled();
  });

  it('leaves out what is not switched on, whatever else is said of it', async () => {
    const env = {
      ...variables('google', { ...on, ENABLED: '' }),
      ...variables('github', { ENABLED: 'false' }),
    };
    expect(pathsOf(env)).toEqual([]);
    expect(await externalOf(env)).toEqual(['email']);
  });

  it('names what is missing or cannot be read, and never what was said', () => {
    expect(pathsOf(variables('google', { ENABLED: 'true' }))).toEqual([
      'GOTRUE_EXTERNAL_GOOGLE_CLIENT_ID',
      'GOTRUE_EXTERNAL_GOOGLE_SECRET',
    ]);
    expect(pathsOf(variables('keycloak', on))).toEqual(['GOTRUE_EXTERNAL_KEYCLOAK_URL']);
    const wrong = { ENABLED: 'true', EMAIL_OPTIONAL: 'hunter2', SKIP_NONCE_CHECK: 'hunter2', URL: 'hunter2' };
    const env = { ...variables('gitlab', { ...on, ...wrong }), ...variables('x', { ENABLED: 'hunter2' }) };
    expect(pathsOf(env).toSorted()).toEqual([
      'GOTRUE_EXTERNAL_GITLAB_EMAIL_OPTIONAL',
      'GOTRUE_EXTERNAL_GITLAB_SKIP_NONCE_CHECK',
      'GOTRUE_EXTERNAL_GITLAB_URL',
      'GOTRUE_EXTERNAL_X_ENABLED',
    ]);
    expect(JSON.stringify(read(env).mistakes)).not.toContain('hunter2');
  });

  it('is warned of where it is of no effect: other providers, and addresses that are not read', async () => {
    const env = {
      ...variables('twitter', { ENABLED: 'true' }),
      ...variables('google', { ...on, URL: 'https://x.example', API_URL: 'https://x.example' }),
    };
    await start(env);
    expect(warn.mock.calls.flat()).toEqual([
      'Set, but without effect here: GOTRUE_EXTERNAL_GOOGLE_API_URL, GOTRUE_EXTERNAL_GOOGLE_URL, ' +
        'GOTRUE_EXTERNAL_TWITTER_ENABLED',
    ]);
  });

  it('takes the iOS application for one more client of Apple', () => {
    const ios = { GOTRUE_EXTERNAL_IOS_BUNDLE_ID: 'com.example.ios' };
    expect(pathsOf({ ...ios, ...variables('apple', { ...on, CLIENT_ID: '' }) })).toEqual([]);
    expect(pathsOf(ios)).toEqual([]);
  });
});

describe('the identity providers alone', () => {
  it('are those that are switched on', () => {
    const env = { ...variables('google', on), ...variables('github', { ...on, ENABLED: 'false' }) };
    expect(Object.keys(idpsFromEnvironment(env))).toEqual(['google']);
    expect(idpsFromEnvironment({})).toEqual({});
  });

  it('are refused together, by variable', () => {
    const env = { ...variables('google', { ENABLED: 'true' }), ...variables('x', { ENABLED: 'maybe' }) };
    const all = /GOTRUE_EXTERNAL_X_ENABLED.*GOTRUE_EXTERNAL_GOOGLE_CLIENT_ID.*GOTRUE_EXTERNAL_GOOGLE_SECRET/s;
    expect(() => idpsFromEnvironment(env)).toThrow(all);
  });
});
