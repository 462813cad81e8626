import { describe, expect, it } from '@jest/globals';
import { SystemClock } from '../core/ports/clock.js';
import { ConfiguredIdps } from './configured-idps.js';
import { oidc } from './oidc.js';
import { github } from './presets/github.idp.js';
import { keycloak } from './presets/keycloak.idp.js';

const client = { clientId: 'c', secret: 's' };
const url = 'https://sso.example.com/realms/x';
const idps = new ConfiguredIdps(
  {
    idps: {
      keycloak: keycloak({ ...client, url }),
      'custom:staff': oidc({ ...client, issuer: 'https://staff.example.com/app/' }),
      github: github(client),
    },
    allowedIdTokenIssuers: ['https://allowed.example.com'],
    trustEmailsFrom: [],
    checkPresenter: true,
    askForOpenid: true,
  },
  new SystemClock(),
);

describe('the identity providers that are switched on', () => {
  it('are found by name in any case', () => {
    expect(idps.names).toEqual(['keycloak', 'custom:staff', 'github']);
    expect(idps.find('KeyCloak')?.name).toBe('keycloak');
    expect(idps.find('custom:staff')?.name).toBe('custom:staff');
  });

  it('are told from those that are known and not switched on, and from those that are not known', () => {
    expect([idps.find('gitlab'), idps.knows('gitlab'), idps.knows('GitLab')]).toEqual([null, true, true]);
    for (const name of ['banana', 'email', '', '__proto__', 'constructor']) {
      expect([idps.find(name), idps.knows(name)]).toEqual([null, false]);
    }
  });

  it('are found by the issuer of their ID tokens, to the letter', () => {
    expect(idps.ofIssuer(url, 'any')?.name).toBe('keycloak');
    expect(idps.ofIssuer('https://staff.example.com/app/', 'any')?.name).toBe('custom:staff');
    for (const issuer of [
      `${url}/`,
      'https://staff.example.com/app',
      'https://SSO.example.com/realms/x',
      '',
    ]) {
      expect(idps.ofIssuer(issuer, 'any')).toBeNull();
    }
  });

  it('O-07: leave other issuers only to those that the options allow, for a client that is named', () => {
    expect(idps.ofIssuer('https://allowed.example.com', 'app')?.name).toBe('https://allowed.example.com');
    expect(idps.ofIssuer('https://allowed.example.com', '')).toBeNull();
    expect(idps.ofIssuer('https://allowed.example.com.evil.example', 'app')).toBeNull();
  });

  it('say whose ID tokens a preset has, switched on or not', () => {
    expect(idps.issuerOf('kakao')).toBe('https://kauth.kakao.com');
    expect([idps.issuerOf('github'), idps.issuerOf('banana'), idps.issuerOf('constructor')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
