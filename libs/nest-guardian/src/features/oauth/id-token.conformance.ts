import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Answer, type Api, refuses, sessionOf } from '../../testing/api.js';
import { bearerOf, Browser, newStranger } from '../../testing/by-idp.js';
import { given } from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';
import { forge } from '../../testing/tokens.js';

const show = (
  api: Api,
  id_token: string,
  { bearer, ...more }: { readonly bearer?: string; readonly [member: string]: unknown } = {},
): Promise<Answer> =>
  api.post('/token?grant_type=id_token', { provider: 'keycloak', id_token, ...more }, bearer);

/** Breaks the law unless the token is refused in OAuth's own words. */
const isRefused = ({ status, body, text }: Answer, error = 'invalid request'): void => {
  assert.deepEqual([status, body.error], [400, error], text);
};

const hashed = (nonce: string): string => createHash('sha256').update(nonce).digest('hex');

const entryLaws: readonly Law[] = [
  {
    name: 'an ID token opens the session of the person that it names, as the way through the browser does',
    async holds(api, bench) {
      const person = newStranger();
      const session = sessionOf(await show(api, bench.idp.idToken(person)));
      assert.equal(session.user.email, person.email);
      const bearer = bearerOf(await new Browser(api, bench).signIn(person));
      assert.equal((await api.user(bearer)).body.id, session.user.id);
    },
  },
  {
    name: 'an ID token is made for whoever knows the nonce whose hash it carries',
    async holds(api, bench) {
      const person = newStranger();
      const nonce = 'a nonce of the application';
      const idToken = bench.idp.idToken(person, { nonce: hashed(nonce) });
      isRefused(await show(api, idToken, { nonce: 'another' }), 'invalid nonce');
      isRefused(await show(api, idToken));
      isRefused(await show(api, bench.idp.idToken(person), { nonce }));
      isRefused(await show(api, bench.idp.idToken(person, { nonce }), { nonce }), 'invalid nonce');
      sessionOf(await show(api, idToken, { nonce }));
    },
  },
  {
    name: 'an ID token that names its access token is good with that one',
    async holds(api, bench) {
      const half = createHash('sha256').update('at-1').digest().subarray(0, 16);
      const idToken = bench.idp.idToken(newStranger(), { at_hash: half.toString('base64url') });
      isRefused(await show(api, idToken, { access_token: 'at-2' }));
      sessionOf(await show(api, idToken, { access_token: 'at-1' }));
    },
  },
];

const seconds = ({ now }: Bench): number => Math.floor(now().getTime() / 1000);

const wrong: Readonly<Record<string, (bench: Bench) => string>> = {
  'for another client': ({ idp }) => idp.idToken(newStranger(), { aud: 'another' }),
  'for nobody': ({ idp }) => idp.idToken(newStranger(), { aud: undefined }),
  'by another issuer': ({ idp }) => idp.idToken(newStranger(), { iss: 'https://evil.test' }),
  'that is over': (bench) => bench.idp.idToken(newStranger(), { exp: seconds(bench) - 600 }),
  'that never ends': ({ idp }) => idp.idToken(newStranger(), { exp: undefined }),
  'that is yet to come': (bench) => bench.idp.idToken(newStranger(), { nbf: seconds(bench) + 600 }),
  'without a subject': ({ idp }) => idp.idToken(newStranger(), { sub: undefined }),
  'with another signature': ({ idp }) =>
    `${idp.idToken(newStranger()).replace(/[^.]*$/, '')}${'A'.repeat(342)}`,
  'without a signature': ({ idp }) => {
    const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    return `${header}.${idp.idToken(newStranger()).split('.')[1]}.`;
  },
  'signed with the secret of access tokens': ({ idp, secret }) => {
    const [, claims = ''] = idp.idToken(newStranger()).split('.');
    return forge(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object, secret);
  },
  'that is none': () => 'banana',
};

const refusalLaws: readonly Law[] = [
  ...Object.entries(wrong).map(([what, make]): Law => ({
    name: `O-07 an ID token ${what} opens nothing`,
    async holds(api, bench) {
      isRefused(await show(api, make(bench)));
    },
  })),
  {
    name: 'an ID token needs an identity provider that we know and that is switched on',
    async holds(api, bench) {
      const idToken = bench.idp.idToken(newStranger());
      isRefused(await api.post('/token?grant_type=id_token', { provider: 'keycloak' }));
      isRefused(await api.post('/token?grant_type=id_token', { id_token: idToken }));
      for (const provider of ['banana', 'github']) {
        refuses(await show(api, idToken, { provider }), '400 validation_failed');
      }
      refuses(await show(api, idToken, { provider: 'kakao' }), '400 provider_disabled');
      const foreign = { provider: '', client_id: 'idp-client', issuer: 'https://evil.test' };
      refuses(await show(api, idToken, foreign), '400 validation_failed');
    },
  },
  {
    name: 'whoever is banned does not get in by an ID token',
    needs: ['ban and delete'],
    async holds(api, bench) {
      const person = newStranger();
      const { user } = sessionOf(await show(api, bench.idp.idToken(person)));
      await bench.remove(user.id, 'ban');
      refuses(await show(api, bench.idp.idToken(person)), '403 user_banned');
    },
  },
  {
    name: 'P-03 an ID token whose address is not verified opens nothing where addresses are confirmed',
    under: 'confirm',
    async holds(api, bench) {
      const person = { ...newStranger(), email_verified: false };
      refuses(await show(api, bench.idp.idToken(person)), '422 provider_email_needs_verification');
    },
  },
];

const linkLaws: readonly Law[] = [
  {
    name: 'an ID token gives a signed-in person one more way in, and nobody else',
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const idToken = bench.idp.idToken(newStranger());
      const link = { link_identity: true };
      isRefused(await show(api, idToken, link));
      refuses(await show(api, idToken, { ...link, bearer: 'not.a.jwt' }), '403 bad_jwt');
      const linked = sessionOf(await show(api, idToken, { ...link, bearer: session.access_token }));
      assert.equal(linked.user.id, session.user.id);
      assert.equal(sessionOf(await show(api, idToken)).user.id, session.user.id);
      const other = (await api.newPerson()).session.access_token;
      refuses(await show(api, idToken, { ...link, bearer: other }), '422 identity_already_exists');
    },
  },
];

export const idTokenConformance: Conformance = {
  feature: 'ID tokens',
  laws: given({ needs: ['sign in elsewhere'] }, [...entryLaws, ...refusalLaws, ...linkLaws]),
};
