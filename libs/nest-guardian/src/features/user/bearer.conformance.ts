import assert from 'node:assert/strict';
import { refuses } from '../../testing/api.js';
import type { Conformance, Law } from '../../testing/conformance.js';
import { claimsOf, forge } from '../../testing/tokens.js';

const nobody = '00000000-0000-4000-8000-00000000beef';

/** A token as it should be but for what is changed, signed by the server's own secret. */
type Change = (claims: Readonly<Record<string, unknown>>, now: number) => object;

const wrongTokens: Readonly<Record<string, readonly [refusal: string, change: Change]>> = {
  'an expired token': ['403 bad_jwt', (claims, now) => ({ ...claims, iat: now - 7200, exp: now - 1 })],
  'a token for later': ['403 bad_jwt', (claims, now) => ({ ...claims, nbf: now + 60 })],
  'a token whose subject is no uuid': ['400 bad_jwt', (claims) => ({ ...claims, sub: 'ann' })],
  'a token without a subject': ['403 bad_jwt', (claims) => ({ ...claims, sub: undefined })],
  'a token of nobody': ['403 user_not_found', (claims) => ({ ...claims, sub: nobody })],
  'a token whose session is gone': ['403 session_not_found', (claims) => ({ ...claims, session_id: nobody })],
  'a token whose session is no uuid': ['403 bad_jwt', (claims) => ({ ...claims, session_id: 'x' })],
  'a token whose expiry is text': ['403 bad_jwt', (claims) => ({ ...claims, exp: 'tomorrow' })],
};

const tokenLaws: readonly Law[] = [
  ...Object.entries(wrongTokens).map(([what, [refusal, change]]): Law => ({
    name: `${what} lets nobody in`,
    needs: ['sign tokens'],
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const now = Math.floor(bench.now().getTime() / 1000);
      const claims = change(claimsOf(session.access_token), now);
      refuses(await api.user(forge(claims, bench.secret)), refusal);
    },
  })),
  {
    name: 'without a bearer token nobody is let in',
    async holds(api) {
      const message = 'This endpoint requires a valid Bearer token';
      refuses(await api.ask('GET', '/user'), '401 no_authorization', message);
      for (const authorization of ['', 'Basic YTpi', 'Bearer']) {
        const answer = await api.ask('GET', '/user', { headers: { authorization } });
        refuses(answer, '401 no_authorization', message);
      }
      const legacy = await api.ask('GET', '/user', { headers: { 'x-supabase-api-version': '' } });
      assert.deepEqual({ ...legacy.body }, { code: 401, error_code: 'no_authorization', msg: message });
    },
  },
  {
    name: 'two bearer tokens are none',
    async holds(api) {
      const { session } = await api.newPerson();
      const authorization = `Bearer ${session.access_token}, Bearer ${session.access_token}`;
      const { status } = await api.ask('GET', '/user', { headers: { authorization } });
      assert.ok(status === 401 || status === 403, String(status));
    },
  },
  {
    name: 'a broken token is 403, whatever it is broken by',
    async holds(api) {
      const { session } = await api.newPerson();
      const [header, claims, signature] = session.access_token.split('.') as [string, string, string];
      const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
      const foreign = forge(
        claimsOf(session.access_token),
        'a secret of somebody else, long enough for HS256',
      );
      for (const bearer of [
        'banana',
        'not.a.jwt',
        `${header}.${claims}`,
        `${header}.${claims}.`,
        `${none}.${claims}.`,
        `${none}.${claims}.${signature}`,
        `${header}.${claims}.${signature}.${signature}`,
        foreign,
        forge({ sub: nobody }, '', { alg: 'HS384' }),
        'x'.repeat(7000),
      ]) {
        refuses(await api.user(bearer), '403 bad_jwt');
      }
    },
  },
  {
    name: 'a token under an unknown key id lets nobody in, not even signed with the secret',
    needs: ['sign tokens'],
    async holds(api, { secret }) {
      const { session } = await api.newPerson();
      const bearer = forge(claimsOf(session.access_token), secret, { kid: 'nobody' });
      refuses(await api.user(bearer), '403 bad_jwt');
    },
  },
  {
    name: 'a token of 20 kilobytes is refused',
    async holds(api) {
      const { status } = await api.user('x'.repeat(20_480));
      assert.ok(status === 403 || status === 431, String(status));
    },
  },
];

export const bearerConformance: Conformance = { feature: 'bearer tokens', laws: tokenLaws };
