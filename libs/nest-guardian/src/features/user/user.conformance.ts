import assert from 'node:assert/strict';
import { type Api, goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import type { Conformance, Law } from '../../testing/conformance.js';
import { claimsOf, forge } from '../../testing/tokens.js';

const nobody = '00000000-0000-4000-8000-00000000beef';

const accountLaws: readonly Law[] = [
  {
    name: 'people read who they are',
    async holds(api) {
      const { email, session } = await api.newPerson({ name: 'Ann' });
      const { status, body } = await api.user(session.access_token);
      assert.equal(status, 200);
      assert.deepEqual([body.id, body.email, body.role], [session.user.id, email, 'authenticated']);
      assert.equal((body.identities as unknown[]).length, 1);
      for (const secret of ['encrypted_password', 'password', 'confirmation_token', 'recovery_token']) {
        assert.ok(!(secret in body));
      }
    },
  },
  {
    name: 'metadata is merged one level deep, and null takes a key away',
    async holds(api) {
      const { session } = await api.newPerson({ name: 'Ann', deep: { a: 1, b: 2 }, gone: true });
      const data = { city: 'Bern', deep: { a: 3 }, gone: null };
      const { status, body } = await api.update(session.access_token, { data });
      assert.equal(status, 200);
      const { name, city, deep, gone } = body.user_metadata as Record<string, unknown>;
      assert.deepEqual([name, city, JSON.stringify(deep), gone], ['Ann', 'Bern', '{"a":3}', undefined]);
    },
  },
  {
    name: 'an update that asks for nothing changes nothing',
    async holds(api) {
      const { session } = await api.newPerson({ name: 'Ann' });
      const before = await api.user(session.access_token);
      const { status, body } = await api.update(session.access_token, {});
      assert.equal(status, 200);
      assert.deepEqual(body.user_metadata, before.body.user_metadata);
    },
  },
  {
    name: 'F-13 a new password opens the door, the old one does not, and the other sessions end',
    async holds(api) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      const password = 'another horse 7 staple';
      assert.equal((await api.update(person.session.access_token, { password })).status, 200);
      refuses(await api.signIn(person.email, goodPassword), '400 invalid_credentials');
      sessionOf(await api.signIn(person.email, password));
      refuses(await api.user(other.access_token), '403 session_not_found');
      refuses(await api.refresh(other.refresh_token), '400 refresh_token_not_found');
      assert.equal((await api.user(person.session.access_token)).status, 200);
    },
  },
  {
    name: 'the same password again and a weak one are refused',
    async holds(api) {
      const { session } = await api.newPerson();
      const same = await api.update(session.access_token, { password: goodPassword });
      refuses(same, '422 same_password', 'New password should be different from the old password.');
      for (const password of ['abc', '']) {
        const answer = await api.update(session.access_token, { password });
        refuses(answer, '422 weak_password');
        assert.deepEqual(answer.body.weak_password, { reasons: ['length'] });
      }
    },
  },
  {
    name: 'nobody writes their own application metadata, role or id',
    async holds(api) {
      const { session } = await api.newPerson();
      const answer = await api.update(session.access_token, { app_metadata: { admin: true } });
      refuses(answer, '403 not_admin', 'Updating app_metadata requires admin privileges');
      const { body } = await api.update(session.access_token, {
        role: 'service_role',
        id: nobody,
        is_anonymous: true,
      });
      assert.deepEqual([body.id, body.role, body.is_anonymous], [session.user.id, 'authenticated', false]);
    },
  },
  {
    name: 'a request for another audience than the token’s is refused',
    async holds(api) {
      const { session } = await api.newPerson();
      const headers = { 'x-jwt-aud': 'banana' };
      const answer = await api.ask('GET', '/user', { bearer: session.access_token, headers });
      refuses(answer, '400 validation_failed', "Token audience doesn't match request audience");
    },
  },
];

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

const bodies: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
  nothing: '',
  'half an object': '{"email":',
  'a list': '[]',
  'a number': '3',
  'a wrong type': '{"email":3,"password":"correct horse 9 battery"}',
  'an object for a text': '{"email":{"$ne":null},"password":{"a":1}}',
  'bytes that are no UTF-8': new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
};

const posts = ['/signup', '/token?grant_type=password'];

/** Puts the value into every text that a request may have. */
async function askEverywhere(api: Api, value: string): Promise<void> {
  const { session } = await api.newPerson();
  const email = newAddress();
  const answers = await Promise.all([
    api.signUp({ email: `${value}${email}`, password: goodPassword }),
    api.signUp({ email, password: `${goodPassword}${value}` }),
    api.signUp({ email: newAddress(), password: goodPassword, data: { [`k${value}`]: value } }),
    api.signUp({ phone: value, password: goodPassword, channel: value }),
    api.signUp({
      email: newAddress(),
      password: goodPassword,
      code_challenge: value,
      code_challenge_method: value,
    }),
    api.signIn(`${value}${email}`, goodPassword),
    api.signIn(email, `${goodPassword}${value}`),
    api.update(session.access_token, { data: { [`k${value}`]: { deep: [value] } } }),
    api.update(session.access_token, { password: `${goodPassword} ${value}`, nonce: value }),
    api.update(session.access_token, { email: `${value}@example.com` }),
  ]);
  for (const { status, text } of answers) assert.ok(status < 500, text);
}

const inputLaws: readonly Law[] = [
  ...Object.entries(bodies).map(([what, raw]): Law => ({
    name: `${what} is no body`,
    async holds(api) {
      for (const path of posts) refuses(await api.ask('POST', path, { raw }), '400 bad_json');
    },
  })),
  {
    name: 'a body over a mebibyte is refused',
    async holds(api) {
      const body = { email: newAddress(), password: goodPassword, data: { x: 'y'.repeat(1_048_576) } };
      refuses(
        await api.signUp(body),
        '413 request_entity_too_large',
        'Request body too large (max 1048576 bytes)',
      );
    },
  },
  {
    name: 'a null is as good as absent',
    async holds(api) {
      const session = sessionOf(
        await api.signUp({
          email: newAddress(),
          password: goodPassword,
          phone: null,
          data: null,
          code_challenge: null,
          code_challenge_method: null,
        }),
      );
      assert.equal((await api.update(session.access_token, { email: null, data: null })).status, 200);
    },
  },
  {
    name: 'a NUL character in any text is no server’s failure',
    holds: (api) => askEverywhere(api, '\0'),
  },
  {
    name: 'a lone surrogate in any text is no server’s failure',
    holds: (api) => askEverywhere(api, '\ud800'),
  },
  {
    name: 'names of the prototype in metadata are data like any other',
    async holds(api) {
      const { session } = await api.newPerson();
      const raw = '{"data":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}}';
      const { status, body } = await api.ask('PUT', '/user', { bearer: session.access_token, raw });
      assert.equal(status, 200);
      assert.equal((body.user_metadata as Record<string, unknown>).admin, undefined);
      assert.equal(({} as Record<string, unknown>).admin, undefined);
    },
  },
];

export const userConformance: Conformance = {
  feature: 'user',
  laws: [...accountLaws, ...tokenLaws, ...inputLaws],
};
