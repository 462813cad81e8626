import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toldByIdToken } from '../../../../test/support/idp-claims.js';
import { told } from '../../../../test/support/idp-profiles.js';
import { altered, place, readTold } from '../../../../test/support/read-told.js';
import { OtherServer } from '../../../../test/support/other-server.js';
import type { Idp, IdpLeg } from '../core/ports/idps.js';
import { gotrueCompatible } from '../module/compatibility.js';
import { MovableClock } from '../testing/movable-clock.js';
import type { Answer } from './idp-definition.js';
import { claimsReader } from './generic-claims.js';
import { notServed, presets } from './presets.js';
import { google } from './presets/google.idp.js';

const client = { clientId: 'the-client', secret: 'the-secret' };
const names = Object.keys(presets);
const asked = Object.entries(told).filter(([, { token }]) => token !== undefined);

describe('presets', () => {
  it('are GoTrue’s, and each is told of here', () => {
    expect(Object.keys(told).toSorted()).toEqual(names.toSorted());
    const known = [...names, ...notServed.keys()].toSorted();
    expect(known.join(' ')).toBe(
      'apple azure bitbucket discord facebook figma fly github gitlab google kakao keycloak linkedin ' +
        'linkedin_oidc notion slack slack_oidc snapchat spotify twitch twitter vercel_marketplace workos x zoom',
    );
  });

  it.each(names.filter((name) => name !== 'keycloak'))(
    '%s is spoken to over https, wherever it is',
    (name) => {
      const { endpoints, profile, idTokens } = presets[name]!.define({ ...place, url: '' });
      const questions = Object.values(profile?.ask ?? {}).map(({ url }) => url);
      const urls = [...Object.values(endpoints ?? {}), ...questions, idTokens?.issuer].filter((url) => url);
      expect(urls.length).toBeGreaterThan(0);
      for (const url of urls) expect(typeof url === 'string' ? url : url!('t')).toMatch(/^https:\/\//);
    },
  );

  it.each(names)('%s wants a client, and says where it is missing', (name) => {
    const none = {} as typeof client;
    const paths = presets[name]!(none).mistakes.map(({ path }) => path);
    expect(paths).toEqual(['.clientId', '.secret', ...(name === 'keycloak' ? ['.url'] : [])]);
    const wrong = { clientId: [''], secret: 7, emailOptional: 'no', url: 'ftp://x', clientID: 'a' };
    const found = presets[name]!(wrong as never).mistakes.map(({ path }) => path);
    expect(found).toEqual(
      expect.arrayContaining(['.clientID', '.clientId', '.secret', '.emailOptional', '.url']),
    );
    expect(JSON.stringify(presets[name]!({ ...client, url: 'the-url' }).mistakes)).not.toContain(
      'the-secret',
    );
  });
});

describe('a person at', () => {
  let other: OtherServer;
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const context = { clock: new MovableClock(), checksPresenter: true, trustsEmail: false, asksOpenid: true };
  const leg: IdpLeg = {
    state: 's',
    redirectUri: 'http://localhost/callback',
    verifier: 'v'.repeat(43),
    nonce: 'n',
  };

  const serve = (path: string, value: unknown): void => {
    other.answers.set(path, (request, response) => {
      requests.push(request);
      request.on('data', (piece: Buffer) => bodies.push(piece.toString()));
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      });
    });
  };
  const open = (name: string): Idp => {
    const { token, tokenAnswer, answers } = told[name]!;
    serve(token!, { access_token: 'at', token_type: 'bearer', refresh_token: 'rt', ...tokenAnswer });
    for (const [path, answer] of Object.entries(answers)) serve(path, answer);
    return presets[name]!({ ...client, url: other.origin }).create(name, context);
  };
  const enter = (name: string, way = leg) => open(name).redeem({ ...way, answer: { code: 'c' } });
  const start = (name: string, way = leg) => open(name).startUrl({ ...way, scopes: [], parameters: {} });
  const headers = (path: string) => requests.find(({ url }) => url?.startsWith(path))?.headers;

  beforeAll(async () => {
    other = await OtherServer.start();
  });
  beforeEach(() => {
    requests.length = 0;
    bodies.length = 0;
    other.answers.clear();
  });
  afterAll(() => other.close());

  it.each(asked)(
    '%s is understood from what it answers',
    async (name, { subject, email, isVerified, data }) => {
      const { profile, tokens } = await enter(name);
      expect(profile).toEqual({
        subject,
        email: { address: email, isVerified: isVerified.strict },
        data: { ...data, iss: expect.stringMatching(/^http/), sub: subject, provider_id: subject, email },
      });
      expect(tokens).toEqual({ accessToken: 'at', refreshToken: 'rt' });
      for (const path of Object.keys(told[name]!.answers))
        expect(headers(path)?.authorization).toBe('Bearer at');
    },
  );

  it.each(Object.entries(toldByIdToken))('%s is understood from its ID token', (name, person) => {
    const { answers, subject, email, isVerified, data } = person;
    const user = JSON.stringify({ name: { firstName: 'Ann', lastName: 'Example' } });
    const { idTokens } = presets[name]!.define(place);
    expect(idTokens!.read(answers.claims as Answer, { user })).toEqual({
      subject,
      email: { address: email, isVerified: isVerified.strict },
      data: { ...data, iss: (answers.claims as Answer).iss, sub: subject, provider_id: subject, email },
    });
  });

  it('twitch and notion are asked for with the headers that they want', async () => {
    await enter('twitch');
    expect(headers('/helix/users')).toMatchObject({ 'client-id': 'the-client' });
    await enter('notion');
    expect(headers('/v1/users/me')).toMatchObject({ 'notion-version': '2021-08-16' });
  });

  it('facebook is asked for with the proof that the secret is ours', async () => {
    await enter('facebook');
    const proof = createHmac('sha256', 'the-secret').update('at').digest('hex');
    expect(requests.at(-1)?.url).toContain(`appsecret_proof=${proof}`);
  });

  it('linkedin_oidc, which refuses PKCE, is gone to without; x, which demands it, never', async () => {
    const bare = { ...leg, verifier: null };
    expect(await start('linkedin_oidc')).not.toContain('code_challenge');
    await enter('linkedin_oidc');
    expect(bodies.join()).not.toContain('code_verifier');
    expect(await start('x', bare)).toContain('code_challenge_method=S256');
    await enter('x', bare);
    expect(bodies.join()).toContain('code_verifier');
    expect(await start('spotify', bare)).not.toContain('code_challenge');
  });

  it('notion is gone to as its owner', async () => expect(await start('notion')).toContain('owner=user'));
});

describe('whether an address is verified', () => {
  const isVerified = (name: string, members: Answer = {}, trusts = false) =>
    readTold(name, altered(name, members), trusts).email?.isVerified;
  const claims: Readonly<Record<string, string>> = {
    bitbucket: 'is_confirmed',
    discord: 'verified',
    github: 'verified',
    google: 'email_verified',
    keycloak: 'email_verified',
    linkedin_oidc: 'email_verified',
    slack_oidc: 'email_verified',
  };
  const wrong: readonly unknown[] = [
    'true',
    'false',
    '',
    1,
    0,
    null,
    false,
    [],
    [true],
    {},
    { valueOf: true },
  ];

  it.each(Object.entries(told))(
    '%s: P-04 is as its own words say, or as the operator trusts it',
    (name, told) => {
      expect({ strict: isVerified(name), trusted: isVerified(name, {}, true) }).toEqual(told.isVerified);
    },
  );

  it.each(Object.entries(claims))('%s: P-03 only true itself is true', (name, claim) => {
    expect(isVerified(name, { [claim]: true })).toBe(true);
    for (const value of wrong) expect([value, isVerified(name, { [claim]: value })]).toEqual([value, false]);
    expect(isVerified(name, { [claim]: undefined })).toBe(false);
  });

  it('P-03 apple says true as text too', () => {
    for (const value of [true, 'true']) expect(isVerified('apple', { email_verified: value })).toBe(true);
    for (const value of wrong.slice(1))
      expect(isVerified('apple', { email_verified: value }, true)).toBe(false);
  });

  it('P-04 azure: neither a user name nor what a tenant wrote, unless it owns the domain', () => {
    const edov = (xms_edov: unknown, trusts = false) => {
      const { claims } = told.azure!.answers as { claims: Answer };
      return readTold('azure', { claims: { ...claims, xms_edov } }, trusts).email?.isVerified;
    };
    for (const value of [true, 1, '1', 'true']) expect(edov(value)).toBe(true);
    for (const value of [false, 0, '0', 'false', null, '', 'TRUE', [true], {}]) {
      expect([value, edov(value, true)]).toEqual([value, false]);
    }
    const withoutEmail = { claims: { ...(told.azure!.answers.claims as Answer), email: undefined } };
    expect(readTold('azure', withoutEmail, true).email).toBeNull();
  });

  it('P-04 gitlab: an account that was never confirmed', () => {
    for (const value of [null, '', undefined, 0, true, {}])
      expect(isVerified('gitlab', { confirmed_at: value })).toBe(false);
  });

  it('P-04 kakao: valid and verified, both', () => {
    expect(isVerified('kakao', { is_email_valid: false })).toBe(false);
    expect(isVerified('kakao', { is_email_verified: false })).toBe(false);
    expect(isVerified('kakao', { is_email_verified: 'true' })).toBe(false);
  });

  it('P-04 kakao and facebook: the ID token says nothing of it', () => {
    for (const name of ['kakao', 'facebook']) {
      const said = (trustsEmail: boolean) =>
        presets[name]!.define({ ...place, trustsEmail }).idTokens!.read(
          { sub: '1', email: 'a@b.example' },
          {},
        );
      expect([said(false).email?.isVerified, said(true).email?.isVerified]).toEqual([false, true]);
    }
  });

  it('P-04 zoom: whoever signs in there with something else, only where that is trusted', () => {
    const bySso = { verified: 0, login_type: 101 };
    expect([isVerified('zoom', bySso), isVerified('zoom', bySso, true)]).toEqual([false, true]);
    const byPassword = { verified: 0, login_type: 100 };
    expect([isVerified('zoom', byPassword), isVerified('zoom', byPassword, true)]).toEqual([false, false]);
  });

  it('P-04 an address that is not the primary one never is', () => {
    for (const [name, claim] of [
      ['github', 'primary'],
      ['bitbucket', 'is_primary'],
    ] as const) {
      expect(isVerified(name, { [claim]: false })).toBe(false);
    }
  });

  it('GoTrue’s own trust is in those that say nothing, and in no others', () => {
    const silent = Object.keys(presets).filter((name) => {
      const bare = { email_verified: undefined, xms_edov: undefined, login_type: 101, verified: undefined };
      const idToken = presets[name]!.define({ ...place, trustsEmail: true }).idTokens;
      const byIdToken = idToken?.read({ sub: '1', email: 'a@b.example' }, {}).email?.isVerified === true;
      const { strict, trusted } = { strict: isVerified(name, bare), trusted: isVerified(name, bare, true) };
      return byIdToken || strict !== trusted;
    });
    expect(gotrueCompatible.oauth.trustEmailsFrom).toEqual(
      // Of a realm that says nothing GoTrue believes nothing.
      silent.toSorted().filter((name) => name !== 'keycloak'),
    );
  });
});

describe('an address of its own', () => {
  it('is none of google’s and apple’s options', () => {
    expect(google({ ...client, url: 'https://x.example' }).mistakes).toMatchObject([{ path: '.url' }]);
    expect(presets.apple!({ ...client, url: 'https://x.example' }).mistakes).toMatchObject([
      { path: '.url' },
    ]);
  });
});

describe('a provider of one’s own that says nothing of an address', () => {
  it.each([false, true])('P-04 is believed only by name: %s', (trustsEmail) => {
    const read = claimsReader(trustsEmail);
    const isVerified = (claims: Answer) =>
      read({ sub: '1', email: 'a@b.example', ...claims }).email?.isVerified;
    expect(isVerified({})).toBe(trustsEmail);
    expect([isVerified({ email_verified: false }), isVerified({ email_verified: true })]).toEqual([
      false,
      true,
    ]);
    const userinfo = altered('keycloak', { email_verified: undefined });
    expect(readTold('keycloak', userinfo, trustsEmail).email?.isVerified).toBe(trustsEmail);
  });
});
