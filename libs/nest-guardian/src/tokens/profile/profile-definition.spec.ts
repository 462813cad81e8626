import { describe, expect, it } from '@jest/globals';
import { OptionsError } from '../../core/option.js';
import { definePermissions } from './permissions.js';
import { defineTokenProfile } from './profile-definition.js';

const sound = {
  name: 'devices',
  audience: 'devices',
  types: { access: '15m', refresh: '30d' },
  defaultType: 'access',
  subject: (device: { id: string }) => device.id,
  resolve: () => null,
};
const pathsOf = (given: object): string[] => {
  try {
    defineTokenProfile({ ...sound, ...given } as never);
    return [];
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    return error.mistakes.map(({ path }) => path);
  }
};

describe('the definition of a profile', () => {
  it('has safe defaults', () => {
    const { settings } = defineTokenProfile({
      ...sound,
      defaultType: 'access',
      exchange: { refresh: ['access'] },
    });
    expect(settings).toMatchObject({
      issuer: 'nest-guardian',
      defaultType: 'access',
      reuseWindow: 0,
      clockTolerance: 0,
      maxAge: null,
      permissionEncoding: 'bits',
    });
    expect([...settings.tracked]).toEqual(['refresh']);
    expect([...settings.refreshable]).toEqual(['refresh']);
    expect(settings.types.get('access')).toEqual({ lifetime: 900, sliding: 900, absolute: Infinity });
  });

  it('tells all its mistakes at once', () => {
    const given = {
      audience: '',
      types: {
        access: 'soon',
        refresh: { lifetime: '2h', sliding: '1h' },
        long: { lifetime: '1h', abs: '2h' },
      },
      defaultType: 'acess',
      exchange: { refrsh: ['access'], refresh: ['admin'] },
      tracking: { types: ['refresh_token'], reuse: '10s', reuseWindow: '30d' },
      clockTolerance: '2m',
      maxAge: 10,
      oneTime: { pairing: '0s' },
      subject: undefined,
      permissions: {},
      hoks: [],
      hooks: {},
    };
    expect(pathsOf(given).sort()).toEqual([
      'profiles.devices.audience',
      'profiles.devices.clockTolerance',
      'profiles.devices.defaultType',
      'profiles.devices.exchange.refresh',
      'profiles.devices.exchange.refrsh',
      'profiles.devices.grant',
      'profiles.devices.hoks',
      'profiles.devices.hooks',
      'profiles.devices.maxAge',
      'profiles.devices.oneTime.pairing',
      'profiles.devices.permissions',
      'profiles.devices.subject',
      'profiles.devices.tracking.reuse',
      'profiles.devices.tracking.reuseWindow',
      'profiles.devices.tracking.types',
      'profiles.devices.types.access.lifetime',
      'profiles.devices.types.long.abs',
      'profiles.devices.types.refresh',
    ]);
  });

  it('gives a row to what can be refreshed, and lets nothing slide that cannot', () => {
    const slow = { lifetime: '1d', sliding: '9d' };
    const { settings } = defineTokenProfile({ ...sound, defaultType: 'access', refreshable: ['access'] });
    expect([...settings.tracked]).toEqual(['access']);
    const exchange = { refresh: ['access'] };
    expect(pathsOf({ refreshable: ['refrsh'] })).toEqual(['profiles.devices.refreshable']);
    expect(pathsOf({ refreshable: ['refresh'], tracking: false })).toEqual(['profiles.devices.refreshable']);
    const types = { access: '15m', refresh: slow };
    expect(pathsOf({ types, refreshable: ['refresh'] })).toEqual([]);
    for (const without of [{}, { exchange, tracking: false }, { exchange, refreshable: ['access'] }]) {
      expect(pathsOf({ types, ...without })).toEqual(['profiles.devices.types.refresh.sliding']);
    }
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a b', '', '1st', 'x'.repeat(65)])(
    'CVE-2026-54894, CVE-2026-55733, CVE-2026-55734 has no profile, type or purpose that is named %j',
    (name) => {
      const named = (value: unknown) => JSON.parse(`{ ${JSON.stringify(name)}: ${JSON.stringify(value)} }`);
      expect(pathsOf({ name })).toEqual(['profiles.name']);
      expect(pathsOf({ types: { ...sound.types, x: '1m' }, oneTime: named('10m') })).toHaveLength(1);
      expect(pathsOf({ types: named('15m') }).length).toBeGreaterThan(0);
      expect(pathsOf({ exchange: named(['access']) }).length).toBeGreaterThan(0);
    },
  );

  it('PR 748, J-33: keys that are missing at run time are not those of somebody else', () => {
    expect(pathsOf({ keys: undefined })).toEqual(['profiles.devices.keys']);
    expect(pathsOf({ keys: null })).toEqual(['profiles.devices.keys']);
  });

  it('does not compile with a name that it does not know', () => {
    const rights = definePermissions({ notes: ['read'] });
    const misspelt = (): void => {
      // @ts-expect-error: no such type
      defineTokenProfile({ ...sound, defaultType: 'acess' });
      // @ts-expect-error: no such type
      defineTokenProfile({ ...sound, defaultType: 'access', exchange: { refresh: ['admin'] } });
      // @ts-expect-error: no such type
      defineTokenProfile({ ...sound, defaultType: 'access', refreshable: ['refrsh'] });
      const permitting = { ...sound, defaultType: 'access', permissions: rights } as const;
      // @ts-expect-error: no such permission
      defineTokenProfile({ ...permitting, grant: () => ['notes:raed'] });
    };
    expect(misspelt).toThrow(OptionsError);
  });
});
