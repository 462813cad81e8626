import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allIllnesses, OtherServer } from '../../../../test/support/other-server.js';
import { Clock } from '../core/ports/clock.js';
import { IdTokens } from './id-tokens.js';
import { Outbound } from './outbound.js';

class MovedClock extends Clock {
  at = 1_790_000_000_000;
  now = (): Date => new Date(this.at);
}

const clientIds = ['web', 'ios'];
const right = generateKeyPairSync('rsa', { modulusLength: 2048 });
const wrong = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const published = { ...right.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' };
const pem = right.publicKey.export({ format: 'pem', type: 'spki' }) as string;

let clock: MovedClock;
let other: OtherServer;
let outbound: Outbound;
let idTokens: IdTokens;

/** An issuer below the server, with its discovery document and keys. */
function open(path: string, keys: readonly object[] = [published]): string {
  const issuer = other.origin + path;
  const jwks_uri = `${issuer}/keys`;
  other.json(`${path}/.well-known/openid-configuration`, { issuer, jwks_uri });
  other.json(`${path}/keys`, { keys });
  return issuer;
}

beforeEach(async () => {
  clock = new MovedClock();
  other = await OtherServer.start();
  outbound = new Outbound({ ownUrls: [other.origin] });
  idTokens = new IdTokens({ rules: { issuer: open('/a') }, outbound, clock, checksPresenter: true });
});
afterEach(() => other.close());

const seconds = (): number => clock.at / 1000;
const usual = (): object => ({
  iss: `${other.origin}/a`,
  aud: 'web',
  sub: 'ann',
  iat: seconds(),
  exp: seconds() + 300,
});

function token(claims: object = {}, header: object = {}, key: KeyObject = right.privateKey): string {
  const input = `${encode({ alg: 'RS256', kid: 'k', typ: 'JWT', ...header })}.${encode({ ...usual(), ...claims })}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

function byHmac(alg: string, secret: string): string {
  const input = `${encode({ alg, kid: 'k', typ: 'JWT' })}.${encode(usual())}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** The subject, or why not. */
async function judge(idToken: string, accessToken: string | null = null): Promise<unknown> {
  try {
    return (await idTokens.verify(idToken, { clientIds, accessToken })).sub;
  } catch (error) {
    const { condition, message } = error as { condition: { name: string }; message: string };
    return `${condition.name}: ${message}`;
  }
}
const bad = 'idTokenRefused: Bad ID token';

describe('O-07: an ID token', () => {
  it('names its subject when signature, issuer, audience and times are good', async () =>
    expect(await judge(token())).toBe('ann'));

  it.each<[string, () => string]>([
    ['is unsigned', () => `${encode({ alg: 'none' })}.${encode(usual())}.`],
    ['says none and is signed', () => token({}, { alg: 'none' })],
    ['is signed with HS256 by the public key', () => byHmac('HS256', pem)],
    ['is signed with HS256 by the client’s secret', () => byHmac('HS256', 'idp-secret')],
    ['says RS256 and is signed with HS256', () => byHmac('RS256', pem)],
    ['is signed by another key', () => token({}, {}, wrong.privateKey)],
    ['names another algorithm than its key', () => token({}, { alg: 'RS512' })],
    [
      'brings its own key',
      () => token({}, { jwk: wrong.publicKey.export({ format: 'jwk' }) }, wrong.privateKey),
    ],
    ['is an access token', () => token({}, { typ: 'at+jwt' })],
    ['has expired', () => token({ exp: seconds() - 31 })],
    ['never expires', () => token({ exp: undefined })],
    ['expires after the end of time', () => token({ exp: 1e300 })],
    ['has no time of issue', () => token({ iat: undefined })],
    ['is of the future', () => token({ iat: seconds() + 31 })],
    ['is not yet valid', () => token({ nbf: seconds() + 31 })],
    ['is of an issuer of the same family', () => token({ iss: `${other.origin}/b` })],
    ['is of an issuer that begins alike', () => token({ iss: `${other.origin}/a/b` })],
    ['is of its issuer with a slash', () => token({ iss: `${other.origin}/a/` })],
    ['is of two issuers', () => token({ iss: [`${other.origin}/a`, 'https://evil.example'] })],
    ['is of nobody', () => token({ iss: undefined })],
    ['has several nonces', () => token({ nonce: ['a', 'b'] })],
    ['is no token', () => 'nonsense'],
    ['is empty', () => ''],
    ['has five parts', () => `${token()}.a.b`],
    ['is too long', () => token({ name: 'x'.repeat(9000) })],
  ])('that %s is refused', async (_, make) => {
    open('/b');
    expect(await judge(make())).toBe(bad);
  });

  it('of an issuer that is not trusted has nothing asked', async () => {
    await judge(token({ iss: `${other.origin}/b` }));
    await judge(byHmac('HS256', pem));
    expect(other.asked).toEqual([]);
  });

  it.each([
    ['another', 'Unacceptable audience in id_token: [another]'],
    [['another', 'third'], 'Unacceptable audience in id_token: [another third]'],
    [undefined, 'Unacceptable audience in id_token: []'],
    [{ web: true }, 'Unacceptable audience in id_token: []'],
    ['Web', 'Unacceptable audience in id_token: [Web]'],
  ])('for %j is refused', async (aud, words) =>
    expect(await judge(token({ aud }))).toBe(`idTokenRefused: ${words}`),
  );

  it.each([['ios'], [['web', 'ios']]])('for %j is one for us', async (aud) =>
    expect(await judge(token({ aud }))).toBe('ann'),
  );

  it('for us and somebody else is taken where we are who asked for it, and where it does not say so not', async () => {
    const aud = ['another', 'ios'];
    expect(await judge(token({ aud, azp: 'web' }))).toBe('ann');
    expect(await judge(token({ aud }))).toBe(
      'idTokenRefused: Unacceptable audience in id_token: [another ios]',
    );
  });

  it('that another client asked for is refused, though it is for us', async () => {
    const refused = 'idTokenRefused: Unacceptable audience in id_token: [web]';
    expect(await judge(token({ azp: 'evil' }))).toBe(refused);
    expect(await judge(token({ azp: ['web'] }))).toBe(refused);
    expect(await judge(token({ azp: 'ios' }))).toBe('ann');
  });

  it('that another client asked for is taken where the option says so', async () => {
    idTokens = new IdTokens({
      rules: { issuer: `${other.origin}/a` },
      outbound,
      clock,
      checksPresenter: false,
    });
    expect(await judge(token({ azp: 'evil' }))).toBe('ann');
    expect(await judge(token({ aud: ['another', 'ios'] }))).toBe('ann');
  });

  it('without a subject is refused', async () =>
    expect(await judge(token({ sub: undefined }))).toBe('idTokenRefused: Missing sub claim in id_token'));

  it('is bound to the access token beside it, if it says so', async () => {
    const digest = createHash('sha256').update('opaque').digest();
    const at_hash = digest.subarray(0, 16).toString('base64url');
    expect(await judge(token({ at_hash }), 'opaque')).toBe('ann');
    expect(await judge(token({ at_hash }), 'other')).toBe(bad);
    expect(await judge(token({ at_hash: 7 }), 'opaque')).toBe(bad);
    expect(await judge(token({ at_hash }))).toBe('ann');
    expect(await judge(token(), 'opaque')).toBe('ann');
  });
});

describe('O-07: a provider with an issuer per tenant (CVE-2026-31813)', () => {
  it('is believed for the tenants of the rule, each by its own keys', async () => {
    const alsoFrom = (issuer: string): boolean => /^http:\/\/127\.0\.0\.1:\d+\/tenant-[ab]$/.test(issuer);
    idTokens = new IdTokens({
      rules: { issuer: `${other.origin}/a`, alsoFrom },
      outbound,
      clock,
      checksPresenter: true,
    });
    const a = open('/tenant-a');
    const b = open('/tenant-b', [{ ...wrong.publicKey.export({ format: 'jwk' }), kid: 'k' }]);
    expect(await judge(token({ iss: a }))).toBe('ann');
    expect(await judge(token({ iss: b }))).toBe(bad);
    expect(await judge(token({ iss: b }, {}, wrong.privateKey))).toBe('ann');
    expect(await judge(token({ iss: open('/tenant-c') }))).toBe(bad);
    expect(await judge(token({ iss: `${a}?x=http://127.0.0.1:1/tenant-a` }))).toBe(bad);
  });

  it('is believed for a known tenant without asking again, however many are made up meanwhile', async () => {
    const rules = { issuer: '', alsoFrom: (issuer: string): boolean => issuer.startsWith(other.origin) };
    idTokens = new IdTokens({ rules, outbound, clock, checksPresenter: true });
    expect(await judge(token())).toBe('ann');
    for (let one = 0; one < 60; one++) {
      const iss = one % 10 === 0 ? open(`/tenant-${one}`) : `${other.origin}/tenant-${one}`;
      expect(await judge(token({ iss }, {}, wrong.privateKey))).toMatch(/^idp|^idToken/);
    }
    const before = other.asked.length;
    expect(await judge(token())).toBe('ann');
    expect(other.asked).toHaveLength(before);
  });
});

describe('an issuer', () => {
  it.each(allIllnesses)('that %s makes no token good or bad', async (ill) => {
    const impatient = new Outbound({ ownUrls: [other.origin], deadline: 200 });
    const rules = { issuer: `${other.origin}/a` };
    idTokens = new IdTokens({ rules, outbound: impatient, clock, checksPresenter: true });
    other.fall('/a/.well-known/openid-configuration', ill);
    expect(await judge(token())).toMatch(/^idpUnavailable/);
  });

  it('that names another issuer in its document is not believed', async () => {
    const document = { issuer: `${other.origin}/b`, jwks_uri: `${open('/b')}/keys` };
    other.json('/a/.well-known/openid-configuration', document);
    expect(await judge(token())).toMatch(/^idpUnavailable/);
  });

  it.each(['http://169.254.169.254/keys', 'http://10.0.0.1/keys', 'file:///etc/passwd'])(
    'O-12: that keeps its keys at %s is not believed',
    async (jwks_uri) => {
      outbound = new Outbound({ ownUrls: [other.origin], allowInsecure: true });
      const rules = { issuer: `${other.origin}/a` };
      idTokens = new IdTokens({ rules, outbound, clock, checksPresenter: true });
      other.json('/a/.well-known/openid-configuration', { issuer: `${other.origin}/a`, jwks_uri });
      expect(await judge(token())).toMatch(/^idpUnavailable/);
    },
  );

  it('is asked once by many at the same time, and then not for an hour', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => judge(token())));
    expect(new Set(many)).toEqual(new Set(['ann']));
    clock.at += 3_599_000;
    await judge(token());
    expect(other.asked.filter((path) => path.endsWith('openid-configuration'))).toHaveLength(1);
  });

  it('that is down is believed by what it said last', async () => {
    await judge(token());
    clock.at += 2 * 3_600_000;
    other.fall('/a/.well-known/openid-configuration', 'hangs up');
    other.fall('/a/keys', 'hangs up');
    expect(await judge(token())).toBe('ann');
    expect(await judge(token({}, { kid: 'new' }))).toMatch(/^idpUnavailable/);
  });

  it('that has become slow keeps nobody waiting', async () => {
    await judge(token());
    clock.at += 2 * 3_600_000;
    other.fall('/a/.well-known/openid-configuration', 'never answers');
    expect(await judge(token())).toBe('ann');
  }, 4_000);

  it.each(['javascript:alert(1)', 'http://evil.example/auth', 'nowhere'])(
    'that sends browsers to %s is not believed',
    async (authorization_endpoint) => {
      const issuer = `${other.origin}/a`;
      const document = { issuer, jwks_uri: `${issuer}/keys`, authorization_endpoint };
      other.json('/a/.well-known/openid-configuration', document);
      expect(await judge(token())).toMatch(/^idpUnavailable/);
    },
  );

  it('that was never well is not asked by each who comes', async () => {
    other.fall('/a/.well-known/openid-configuration', 'hangs up');
    for (let time = 0; time < 5; time++) await judge(token());
    expect(other.asked).toHaveLength(1);
    clock.at += 1_000;
    open('/a');
    expect(await judge(token())).toBe('ann');
  });

  it('may be written with or without the slash after its host; its own word decides', async () => {
    other.json('/.well-known/openid-configuration', {
      issuer: `${other.origin}/`,
      jwks_uri: `${other.origin}/a/keys`,
    });
    const rules = { issuer: other.origin };
    idTokens = new IdTokens({ rules, outbound, clock, checksPresenter: true });
    expect(await judge(token({ iss: `${other.origin}/` }))).toBe('ann');
    expect(await judge(token({ iss: other.origin }))).toBe(bad);
  });
});
