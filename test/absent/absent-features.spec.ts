import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gotrue } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { Api, MovableClock } from 'nest-guardian/testing';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { FakeGoTrue, json } from '../support/fake-gotrue.js';
import { type AdapterName, type RunningApplication, startApplication } from '../support/start-application.js';

const id = '00000000-0000-4000-8000-000000000003';
type Refusal = readonly [method: string, path: string, refusal: string, message: string];

const passkeys: readonly Refusal[] = [
  ['POST', '/passkeys/authentication/options'],
  ['POST', '/passkeys/authentication/verify'],
  ['POST', '/passkeys/registration/options'],
  ['POST', '/passkeys/registration/verify'],
  ['GET', '/passkeys'],
  ['PATCH', `/passkeys/${id}`],
  ['DELETE', `/passkeys/${id}`],
].map(([method, path]) => [method, path, '404 passkey_disabled', 'Passkeys are disabled'] as never);

const oauthServer: readonly Refusal[] = [
  ['GET', '/.well-known/oauth-authorization-server'],
  ['POST', '/oauth/clients/register'],
  ['POST', '/oauth/token'],
  ['GET', '/oauth/userinfo'],
  ['GET', '/oauth/authorize?client_id=x'],
  ['GET', `/oauth/authorizations/${id}`],
  ['POST', `/oauth/authorizations/${id}/consent`],
].map(([method, path]) => [method, path, '404 feature_disabled', 'OAuth server is disabled'] as never);

/** What is said to anybody, without a look at bearer or body. */
const toAnybody: readonly Refusal[] = [
  ['POST', '/sso', '404 saml_provider_disabled', 'SAML 2.0 is disabled'],
  ['GET', '/sso/saml/metadata', '404 saml_provider_disabled', 'SAML 2.0 is disabled'],
  ['POST', '/sso/saml/acs', '404 saml_provider_disabled', 'SAML 2.0 is disabled'],
  ['POST', '/token?grant_type=web3', '422 web3_provider_disabled', 'Web3 provider is disabled'],
  ['GET', '/scim/v2/ServiceProviderConfig', '404 feature_disabled', 'SCIM server is disabled'],
  ['GET', '/scim/v2/ResourceTypes', '404 feature_disabled', 'SCIM server is disabled'],
  ['GET', '/scim/v2/Schemas', '404 feature_disabled', 'SCIM server is disabled'],
  ['GET', '/authorize', '400 validation_failed', 'Unsupported provider: Provider  could not be found'],
  [
    'GET',
    '/authorize?provider=banana',
    '400 validation_failed',
    'Unsupported provider: Provider banana could not be found',
  ],
  [
    'GET',
    '/authorize?provider=custom:none',
    '400 validation_failed',
    'Unsupported provider: custom provider custom:none not found',
  ],
  [
    'GET',
    '/authorize?provider=GitHub',
    '400 validation_failed',
    'Unsupported provider: provider is not enabled',
  ],
  ...passkeys,
  ...oauthServer,
];

const linkingOff = ['404 manual_linking_disabled', 'Manual linking is disabled'] as const;
const oauthOff = ['404 feature_disabled', 'OAuth server is disabled'] as const;

/** What is said to people only. */
const toPeople: readonly Refusal[] = [
  ['GET', '/user/identities/authorize?provider=google', ...linkingOff],
  ['DELETE', `/user/identities/${id}`, ...linkingOff],
  ['GET', '/user/oauth/grants', ...oauthOff],
  ['DELETE', `/user/oauth/grants?client_id=${id}`, ...oauthOff],
];

/** What is said to administrators only. */
const toAdmins: readonly Refusal[] = [
  ['GET', '/admin/oauth/clients', ...oauthOff],
  ['POST', '/admin/oauth/clients', ...oauthOff],
  ['GET', `/admin/oauth/clients/${id}`, ...oauthOff],
  ['PUT', `/admin/oauth/clients/${id}`, ...oauthOff],
  ['DELETE', `/admin/oauth/clients/${id}`, ...oauthOff],
  ['POST', `/admin/oauth/clients/${id}/regenerate_secret`, ...oauthOff],
];

const factorTypes: readonly (readonly [type: string | undefined, refusal: string, message: string])[] = [
  ['phone', '422 mfa_phone_enroll_not_enabled', 'MFA enroll is disabled for Phone'],
  ['webauthn', '422 mfa_webauthn_enroll_not_enabled', 'MFA enroll is disabled for WebAuthn'],
  ['banana', '400 validation_failed', 'factor_type needs to be totp, phone, or webauthn'],
  [undefined, '400 validation_failed', 'factor_type needs to be totp, phone, or webauthn'],
];

const idTokens: readonly (readonly [body: object, said: object])[] = [
  [{}, { error: 'invalid request', error_description: 'id_token required' }],
  [
    { id_token: 'x' },
    { error: 'invalid request', error_description: 'provider or client_id and issuer required' },
  ],
  [
    { id_token: 'x', provider: 'banana' },
    { code: 'validation_failed', message: 'Custom OIDC provider "banana" not allowed' },
  ],
  [
    { id_token: 'x', provider: 'custom:none' },
    { code: 'validation_failed', message: 'Custom provider "custom:none" not found' },
  ],
  [
    { id_token: 'x', provider: 'google' },
    { code: 'provider_disabled', message: 'Provider (issuer "https://accounts.google.com") is not enabled' },
  ],
  [
    { id_token: 'x', client_id: 'y', issuer: 'https://appleid.apple.com' },
    { code: 'provider_disabled', message: 'Provider (issuer "https://appleid.apple.com") is not enabled' },
  ],
  [
    { id_token: 'x', client_id: 'y', issuer: 'https://evil.example' },
    { code: 'validation_failed', message: 'Custom OIDC provider "" not allowed' },
  ],
];

const clock = new MovableClock();
const start = async (adapter: AdapterName, provider: Parameters<typeof startApplication>[0]['provider']) => {
  const application = await startApplication({ provider, clock, adapter });
  return { application, api: new Api(application.base) };
};

describe('a feature that is not there', () => {
  let application: RunningApplication;
  let api: Api;
  let bearer: string;
  let admin: string;
  beforeAll(async () => {
    const secret = 'this secret is long enough for the specs of absence';
    const issuer = 'https://auth.example';
    const provider = local({
      tokens: { secret, issuer },
      database: ':memory:',
      password: { autoconfirm: true },
    });
    ({ application, api } = await start('Fastify', provider));
    bearer = (await api.newPerson()).session.access_token;
    const now = Math.floor(clock.now().getTime() / 1000);
    const claims = { role: 'service_role', iss: issuer, aud: 'authenticated', iat: now, exp: now + 600 };
    admin = forge(claims, secret);
  });
  afterAll(() => application.close());

  const said = async (...[method, path, question]: Parameters<Api['ask']>) => {
    const { status, body } = await api.ask(method, path, question);
    return [`${status} ${body.code}`, body.message];
  };

  it.each(toAnybody)('%s %s is refused in GoTrue’s words, whoever asks with whatever', async (...row) => {
    const [method, path, ...words] = row;
    expect(await said(method, path)).toEqual(words);
    expect(await said(method, path, { bearer: 'broken' })).toEqual(words);
    if (method !== 'GET') expect(await said(method, path, { raw: '{"' })).toEqual(words);
  });

  it.each(toPeople)('%s %s is refused in GoTrue’s words, but to people only', async (...row) => {
    const [method, path, ...words] = row;
    expect(await said(method, path)).toEqual([
      '401 no_authorization',
      'This endpoint requires a valid Bearer token',
    ]);
    expect((await said(method, path, { bearer: 'broken' }))[0]).toBe('403 bad_jwt');
    expect(await said(method, path, { bearer })).toEqual(words);
  });

  it.each(toAdmins)('%s %s is refused in GoTrue’s words, but to administrators only', async (...row) => {
    const [method, path, ...words] = row;
    expect((await said(method, path))[0]).toBe('401 no_authorization');
    expect((await said(method, path, { bearer }))[0]).toBe('403 not_admin');
    expect(await said(method, path, { bearer: admin })).toEqual(words);
  });

  it('is not spoken of to somebody whose session has ended', async () => {
    const { session } = await api.newPerson();
    await api.signOut(session.access_token);
    const question = { bearer: session.access_token };
    expect((await said('DELETE', `/factors/${id}`, question))[0]).toBe('403 session_not_found');
  });

  it.each(factorTypes)('a factor of type %s cannot be set up', async (factor_type, ...words) => {
    expect(await said('POST', '/factors', { bearer, body: { factor_type } })).toEqual(words);
  });

  it.each(idTokens)('an ID token is refused: %j', async (body, expected) => {
    const answer = await api.ask('POST', '/token?grant_type=id_token', { body });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(expected);
    expect(answer.headers.get('x-supabase-api-version')).toBe('2024-01-01');
  });

  it('is described all the same where GoTrue does: OpenID Connect discovery', async () => {
    const { status, body, headers } = await api.ask('GET', '/.well-known/openid-configuration');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('public, max-age=600');
    expect(body).toMatchObject({
      issuer: 'https://auth.example',
      jwks_uri: 'https://auth.example/.well-known/jwks.json',
      token_endpoint: 'https://auth.example/oauth/token',
    });
    expect(body.registration_endpoint).toBeUndefined();
  });
});

describe('a feature that is not here but there', () => {
  let fake: FakeGoTrue;
  let application: RunningApplication;
  let api: Api;
  beforeAll(async () => {
    fake = await FakeGoTrue.start();
    ({ application, api } = await start('Express', gotrue({ url: fake.url, jwtSecret: 'x'.repeat(32) })));
  });
  afterAll(async () => {
    await application.close();
    await fake.stop();
  });

  it('is asked for there, with the body as it came', async () => {
    fake.reply = (response) => json(response, 200, { challenge_id: id });
    const body = { challenge_id: id, credential: { id: 'x', response: { unknown: [1, null] } }, else: true };
    const answer = await api.ask('POST', '/passkeys/registration/verify', { bearer: 'a.b.c', body });
    expect(answer.body).toEqual({ challenge_id: id });
    expect(fake.last).toMatchObject({ method: 'POST', path: '/passkeys/registration/verify', body });
    expect(fake.last.headers.authorization).toBe('Bearer a.b.c');
  });

  it('gets the members of path and query where they belong', async () => {
    fake.reply = (response) => json(response, 200, { url: 'https://idp.example/' });
    const path = '/user/identities/authorize?provider=google&scopes=a%20b&skip_http_redirect=true';
    expect((await api.ask('GET', path, { bearer: 'a.b.c' })).body).toEqual({ url: 'https://idp.example/' });
    expect(fake.last.query).toEqual({ provider: 'google', scopes: 'a b', skip_http_redirect: 'true' });
    fake.reply = (response) => json(response, 200, {});
    await api.ask('DELETE', `/user/identities/${id}`, { bearer: 'a.b.c' });
    expect(fake.last).toMatchObject({ method: 'DELETE', path: `/user/identities/${id}` });
  });

  it('says no in the words of the other server', async () => {
    fake.reply = (response) =>
      json(response, 404, { code: 'passkey_disabled', message: 'Passkeys are disabled' });
    const answer = await api.ask('GET', '/passkeys', { bearer: 'a.b.c' });
    expect([answer.status, answer.body.code]).toEqual([404, 'passkey_disabled']);
  });

  it('lets the other server judge a body that cannot be read', async () => {
    fake.reply = (response) =>
      json(response, 400, {
        code: 'validation_failed',
        message: 'A provider_id or domain needs to be provided',
      });
    const answer = await api.ask('POST', '/sso', { raw: '{"' });
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
    expect(fake.last.body).toEqual({});
  });
});
