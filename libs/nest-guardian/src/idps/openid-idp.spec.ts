import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeIdp, githubClient, keycloakClient, signAsIdp } from '../../../../test/support/fake-idp.js';
import { allIllnesses, OtherServer } from '../../../../test/support/other-server.js';
import { SystemClock } from '../core/ports/clock.js';
import type { Idp, IdpChoice, IdpLeg, IdpProfile } from '../core/ports/idps.js';
import { oauth2 } from './oauth2.js';
import { oidc } from './oidc.js';
import { github } from './presets/github.idp.js';
import { keycloak } from './presets/keycloak.idp.js';

const ann = {
  sub: 'kc-ann',
  id: 1001,
  email: 'ann@example.com',
  email_verified: true,
  name: 'Ann Example',
  preferred_username: 'ann',
  emails: [{ email: 'ann@example.com', primary: true, verified: true }],
};
const leg: IdpLeg = {
  state: '3f0f1c52-4a33-4d9a-a7a4-2e3f9b9f3c11',
  redirectUri: 'http://localhost:9999/callback',
  verifier: 'v'.repeat(43),
  nonce: 'the-nonce',
};
const bare: IdpLeg = { ...leg, verifier: null, nonce: null };
const context = { clock: new SystemClock(), checksPresenter: true, trustsEmail: false, asksOpenid: true };
const make = (choice: IdpChoice, asksOpenid = true): Idp => choice.create('one', { ...context, asksOpenid });

let fake: FakeIdp;
let other: OtherServer;

beforeEach(async () => {
  fake = await FakeIdp.start();
  other = await OtherServer.start();
  fake.admit(ann);
});
afterEach(async () => {
  await fake.close();
  await other.close();
});

const start = (idp: Idp, way: IdpLeg = leg): Promise<string> =>
  idp.startUrl({ ...way, scopes: [], parameters: {} });

/** What the browser brings back. */
async function comeBack(idp: Idp, way: IdpLeg = leg): Promise<Record<string, string>> {
  return Object.fromEntries(new URL(await fake.visit(await start(idp, way))).searchParams);
}

async function signIn(idp: Idp, way: IdpLeg = leg): Promise<IdpProfile> {
  const { profile } = await idp.redeem({ ...way, answer: await comeBack(idp, way) });
  return profile;
}

const outcome = async (done: Promise<unknown>): Promise<string> => {
  try {
    await done;
    return 'signed in';
  } catch (error) {
    const { condition, message } = error as { condition?: { name: string }; message: string };
    return `${condition?.name}: ${message}`;
  }
};

describe('Keycloak', () => {
  const realm = (asksOpenid = true): Idp =>
    make(keycloak({ ...keycloakClient, url: `${fake.realm}/` }), asksOpenid);

  it('is gone to as GoTrue goes there', async () => {
    const query = `client_id=idp-client&redirect_uri=http%3A%2F%2Flocalhost%3A9999%2Fcallback&response_type=code`;
    expect(await start(realm(false), bare)).toBe(
      `${fake.realm}/protocol/openid-connect/auth?${query}&scope=profile+email&state=${leg.state}`,
    );
    expect(fake.asked).toEqual([]);
  });

  it('is asked for openid, without which it does not say who came', async () => {
    const { searchParams } = new URL(await start(realm()));
    expect(searchParams.get('scope')).toBe('openid profile email');
  });

  it('O-13: is told nothing else by what would name client, state or target', async () => {
    const parameters = {
      client_id: 'evil',
      redirect_uri: 'https://evil.example',
      state: 'x',
      response_type: 'token',
    };
    const evil = { ...parameters, code_challenge: 'x', code_challenge_method: 'plain', prompt: 'login' };
    const url = new URL(await realm().startUrl({ ...leg, scopes: ['phone'], parameters: evil }));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'idp-client',
      redirect_uri: leg.redirectUri,
      response_type: 'code',
      state: leg.state,
      scope: 'openid profile email phone',
      prompt: 'login',
      code_challenge: createHash('sha256')
        .update(leg.verifier ?? '')
        .digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  it('says who came in GoTrue’s words', async () => {
    expect(await signIn(realm())).toEqual({
      subject: 'kc-ann',
      email: { address: 'ann@example.com', isVerified: true },
      data: {
        sub: 'kc-ann',
        email: 'ann@example.com',
        iss: fake.realm,
        name: 'Ann Example',
        full_name: 'Ann Example',
        provider_id: 'kc-ann',
        custom_claims: { given_name: 'Ann', family_name: 'Example', preferred_username: 'ann' },
      },
    });
    expect(fake.asked.at(-2)?.authorization).toBe('Basic base64(idp-client:idp-secret)');
    expect(fake.asked.at(-1)?.asked).toBe('GET /realms/x/protocol/openid-connect/userinfo');
  });

  it('gives the person’s tokens', async () => {
    const idp = realm();
    const { tokens } = await idp.redeem({ ...leg, answer: await comeBack(idp) });
    expect(tokens).toEqual({
      accessToken: expect.stringMatching(/^token-/),
      refreshToken: expect.stringMatching(/^renewal-/),
    });
  });

  it.each([
    ['email_verified', 'true'],
    ['email_verified', 1],
    ['email_verified', undefined],
  ])('P-03: an address is not verified by %s = %j', async (name, value) => {
    fake.admit({ ...ann, [name]: value } as typeof ann);
    expect((await signIn(realm())).email).toEqual({ address: 'ann@example.com', isVerified: false });
  });

  it('that names nobody is refused', async () => {
    fake.admit({ ...ann, sub: undefined } as never);
    expect(await outcome(signIn(realm()))).toBe('idpSubjectMissing: error missing provider id');
  });

  it('O-08: says no to a code that was redeemed, and to one that nobody gave', async () => {
    const idp = realm();
    const answer = await comeBack(idp);
    await idp.redeem({ ...leg, answer });
    const refused = 'idpAnswerRefused: Unable to exchange external code: code';
    expect(await outcome(idp.redeem({ ...leg, answer }))).toBe(refused);
    const made = idp.redeem({ ...leg, answer: { code: 'made-up' } });
    expect(await outcome(made)).toBe('idpAnswerRefused: Unable to exchange external code: made');
  });

  it('O-03: says no to a code that comes back with the verifier of another way', async () => {
    const idp = realm();
    const answer = await comeBack(idp);
    expect(await outcome(idp.redeem({ ...leg, verifier: 'w'.repeat(43), answer }))).toMatch(
      /^idpAnswerRefused/,
    );
  });

  it('that does not know us is our fault and not theirs', async () => {
    const idp = make(keycloak({ clientId: 'idp-client', secret: 'wrong', url: fake.realm }));
    expect(await outcome(signIn(idp))).toBe('idpUnavailable: Unable to exchange external code: code');
    const places = fake.asked
      .filter(({ asked }) => asked.endsWith('/token'))
      .map(({ form }) => form?.client_secret);
    expect(places).toEqual([undefined, 'wrong']);
  });
});

describe('O-05: the answer of another provider', () => {
  it('is refused by its `iss`, before anybody is asked', async () => {
    const idp = make(keycloak({ ...keycloakClient, url: fake.realm }));
    const answer = { ...(await comeBack(idp)), iss: `${fake.origin}/realms/y` };
    const asked = fake.asked.length;
    expect(await outcome(idp.redeem({ ...leg, answer }))).toMatch(/^idpAnswerRefused/);
    expect(fake.asked).toHaveLength(asked);
  });

  it('is taken where `iss` is right', async () => {
    const idp = make(keycloak({ ...keycloakClient, url: fake.realm }));
    const answer = { ...(await comeBack(idp)), iss: fake.realm };
    expect(await outcome(idp.redeem({ ...leg, answer }))).toBe('signed in');
  });

  it('is refused without `iss` where the provider promises one', async () => {
    const issuer = other.origin;
    const document = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` };
    const promise = { ...document, authorization_response_iss_parameter_supported: true };
    other.json('/.well-known/openid-configuration', promise);
    const idp = make(oidc({ issuer, ...keycloakClient }));
    expect(await outcome(idp.redeem({ ...leg, answer: { code: 'c' } }))).toMatch(/^idpAnswerRefused/);
    expect(other.asked).toEqual(['/.well-known/openid-configuration']);
  });
});

describe('O-04: any OpenID Connect provider', () => {
  const realm = (): Idp => make(oidc({ issuer: fake.realm, ...keycloakClient }));
  const withToken = async (claims: object, more: object = {}): Promise<string> => {
    const { origin: issuer } = other;
    const endpoints = {
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${fake.realm}/protocol/openid-connect/certs`,
    };
    const document = { issuer, ...endpoints, authorization_endpoint: `${issuer}/auth`, ...more };
    other.json('/.well-known/openid-configuration', document);
    const iat = Math.floor(Date.now() / 1000);
    const usual = { iss: issuer, aud: 'idp-client', sub: 'ann', iat, exp: iat + 60, nonce: leg.nonce };
    const id_token = signAsIdp({ ...usual, ...claims });
    other.json('/token', { access_token: 't', token_type: 'bearer', id_token });
    return outcome(make(oidc({ issuer, ...keycloakClient })).redeem({ ...leg, answer: { code: 'c' } }));
  };

  it('is found by its issuer, and told nonce and challenge', async () => {
    const url = new URL(await start(realm()));
    expect(url.origin + url.pathname).toBe(`${fake.realm}/protocol/openid-connect/auth`);
    expect(url.searchParams.get('nonce')).toBe('the-nonce');
    expect(url.searchParams.get('scope')).toBe('openid profile email');
    expect(url.searchParams.get('code_challenge_method')).toBe('S256');
  });

  it('says who came by its ID token', async () => {
    const { subject, email, data } = await signIn(realm());
    expect({ subject, email }).toEqual({
      subject: 'kc-ann',
      email: { address: 'ann@example.com', isVerified: true },
    });
    expect(data).not.toHaveProperty('exp');
  });

  it('is taken with the nonce of this way', async () => expect(await withToken({})).toBe('signed in'));

  it.each<[string, object]>([
    ['without a nonce', { nonce: undefined }],
    ['with the nonce of another way', { nonce: 'another' }],
    ['with a nonce that is no text', { nonce: ['the-nonce'] }],
    ['for another client', { aud: 'another' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['that has expired', { exp: 1 }],
    ['bound to another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('is refused with an ID token %s', async (_, claims) =>
    expect(await withToken(claims)).toBe(
      'idpAnswerRefused: Error getting user profile from external provider',
    ),
  );

  it('is refused when userinfo is of somebody else', async () => {
    other.json('/userinfo', { sub: 'ann', email: 'ann@example.com' });
    expect(await withToken({}, { userinfo_endpoint: `${other.origin}/userinfo` })).toBe('signed in');
    other.json('/userinfo', { sub: 'bob', email: 'bob@example.com' });
    expect(await withToken({}, { userinfo_endpoint: `${other.origin}/userinfo` })).toMatch(
      /^idpAnswerRefused/,
    );
  });
});

describe('GitHub', () => {
  const enterprise = (): Idp => make(github({ ...githubClient, url: fake.origin }));

  it('says who came in GoTrue’s words, by the address that is primary', async () => {
    const emails = [
      { email: 'old@example.com', primary: false, verified: true },
      { email: 'ann@example.com', primary: true, verified: true },
    ];
    fake.admit({ ...ann, emails });
    expect(await signIn(enterprise())).toEqual({
      subject: '1001',
      email: { address: 'ann@example.com', isVerified: true },
      data: {
        sub: '1001',
        email: 'ann@example.com',
        iss: `${fake.origin}/api/v3`,
        name: 'Ann Example',
        full_name: 'Ann Example',
        preferred_username: 'ann',
        user_name: 'ann',
        provider_id: '1001',
      },
    });
  });

  it.each([
    [[{ email: 'ann@example.com', primary: true, verified: false }], false],
    [[{ email: 'ann@example.com', primary: false, verified: true }], false],
    [[{ email: 'ann@example.com', primary: true, verified: 'true' }], false],
  ])('P-04: %j proves nothing', async (emails, isVerified) => {
    fake.admit({ ...ann, emails } as typeof ann);
    expect((await signIn(enterprise())).email?.isVerified).toBe(isVerified);
  });

  it('that gives no address gives none', async () => {
    fake.admit({ ...ann, emails: [] });
    expect((await signIn(enterprise())).email).toBeNull();
  });

  it('that says no with a 200 says no', async () =>
    expect(await outcome(enterprise().redeem({ ...leg, answer: { code: 'made-up' } }))).toBe(
      'idpAnswerRefused: Unable to exchange external code: made',
    ));

  it('has no ID tokens to be shown', () =>
    expect(enterprise().readIdToken('x', { accessToken: null })).toBeNull());
});

describe('an OAuth 2.0 provider of one’s own', () => {
  const forum = (): Idp =>
    make(
      oauth2({
        clientId: 'c',
        secret: 'a secret: with ü',
        authorizeUrl: `${other.origin}/authorize?tenant=1`,
        tokenUrl: `${other.origin}/token`,
        profileUrl: `${other.origin}/me`,
        profile: ({ uid, mail }) => ({ id: uid, email: mail, emailVerified: true }),
      }),
    );
  const redeem = (): Promise<string> =>
    outcome(forum().redeem({ ...leg, answer: { code: 'secret-code', iss: 'x' } }));
  const tokenFails = 'idpUnavailable: Unable to exchange external code: secr';
  const personFails = 'idpUnavailable: Error getting user profile from external provider';

  beforeEach(() => {
    other.json('/token', { access_token: 't', token_type: 'Bearer', refresh_token: null });
    other.json('/me', { uid: 7, mail: 'ann@example.com' });
  });

  it('is read by the function that the application gives', async () => {
    const { profile } = await forum().redeem({ ...leg, answer: { code: 'c' } });
    expect(profile).toMatchObject({ subject: '7', email: { address: 'ann@example.com', isVerified: true } });
  });

  it('keeps the query of its own address, and is asked for no scopes where there are none', async () => {
    const { searchParams } = new URL(await start(forum(), bare));
    expect([...searchParams.keys()]).toEqual([
      'client_id',
      'redirect_uri',
      'response_type',
      'state',
      'tenant',
    ]);
  });

  it('learns the secret as RFC 6749 section 2.3.1 writes it', async () => {
    let header = '';
    other.answers.set('/token', (request, response) => {
      header = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString();
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    });
    expect(await redeem()).toMatch(/^idpAnswerRefused/);
    expect(header).toBe('c:a+secret%3A+with+%C3%BC');
  });

  it.each(allIllnesses.filter((one) => !['never answers', 'answers drop by drop'].includes(one)))(
    'whose token endpoint %s is not well, and the code is not spent by asking again',
    async (ill) => {
      other.fall('/token', ill);
      expect(await redeem()).toBe(tokenFails);
      expect(other.asked).toEqual(['/token']);
    },
  );

  it.each(
    allIllnesses.filter((one) => !['never answers', 'answers drop by drop', 'answers null'].includes(one)),
  )('whose profile %s is not well', async (ill) => {
    other.fall('/me', ill);
    expect(await redeem()).toBe(personFails);
  });

  it('whose profile is null, a list or a text names nobody', async () => {
    for (const profile of [null, [], 'x', 7, { uid: { a: 1 } }, { uid: 2 ** 53 }, { uid: 'x\0' }]) {
      other.json('/me', profile);
      expect(await redeem()).toMatch(/^idpSubjectMissing/);
    }
  });

  it('whose profile is enormous is refused', async () => {
    other.answers.set('/me', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ uid: 'u'.repeat(300) }));
    });
    expect(await redeem()).toMatch(/^idpSubjectMissing/);
  });

  it('leaves no secret in what is logged', async () => {
    other.json('/token', { access_token: 'very-secret', refresh_token: 'very-secret', token_type: 7 });
    const error = await forum()
      .redeem({ ...leg, answer: { code: 'secret-code' } })
      .catch((thrown: unknown) => thrown as Error);
    const all = [error, (error as Error).cause].map((one) => `${String(one)} ${JSON.stringify(one)}`).join();
    expect(all).not.toMatch(/very-secret|secret-code|a secret/);
  });

  it('says no in no more than a line of what is logged', async () => {
    other.json('/token', { error: `no\n[Nest] all is well${'!'.repeat(100_000)}` }, 400);
    const error = await forum()
      .redeem({ ...leg, answer: { code: 'c' } })
      .catch((thrown: unknown) => thrown as Error);
    const { message } = (error as Error).cause as Error;
    expect(message).toMatch(/no\?\[Nest\] all is well!/);
    expect(message.length).toBeLessThan(400);
  });
});

describe('the options of a provider', () => {
  const paths = ({ mistakes }: IdpChoice): string[] => mistakes.map(({ path }) => path);
  const client = { clientId: 'c', secret: 's' };

  it('say each mistake at its path', () => {
    expect(paths(github({ clientId: '', secret: '' }))).toEqual(['.clientId', '.secret']);
    expect(paths(keycloak(client))).toEqual(['.url']);
    expect(paths(oidc({ ...client, issuer: 'nonsense' }))).toEqual(['.issuer']);
    expect(paths(github({ ...client, redirectUri: 'https://a.example/callback?x=1' }))).toEqual([
      '.redirectUri',
    ]);
    expect(paths(github({ ...client, colour: 'red' } as never))).toEqual(['.colour']);
  });

  it('O-12: ask for encryption, but on this machine or where the operator insists', () => {
    expect(paths(keycloak({ ...client, url: 'http://sso.example.com/realms/x' }))).toEqual(['.url']);
    expect(paths(keycloak({ ...client, url: 'http://127.0.0.1:8080/realms/x' }))).toEqual([]);
    expect(paths(keycloak({ ...client, url: 'http://localhost:8080/realms/x' }))).toEqual([]);
    expect(paths(keycloak({ ...client, url: 'http://sso.internal/realms/x', allowInsecure: true }))).toEqual(
      [],
    );
  });
});
