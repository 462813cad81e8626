import assert from 'node:assert/strict';
import { type Api, goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import type { Conformance, Law } from '../../testing/conformance.js';

const bodies: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
  nothing: '',
  'half an object': '{"email":',
  'a list': '[]',
  'a number': '3',
  'a wrong type': '{"email":3,"password":"correct horse 9 battery"}',
  'an object for a text': '{"email":{"$ne":null},"password":{"a":1}}',
  'a list in 20 000 lists': `{"data":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
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
    name: 'names of the prototype are data like any other in metadata, and nothing beside it',
    async holds(api) {
      const { session } = await api.newPerson();
      const raw = '{"constructor":{"a":1},"data":{"a":1,"constructor":{"prototype":{"admin":true}}}}';
      const { status, body } = await api.ask('PUT', '/user', { bearer: session.access_token, raw });
      assert.equal(status, 200);
      const { a, admin } = body.user_metadata as Record<string, unknown>;
      assert.deepEqual([a, admin, ({} as Record<string, unknown>).admin], [1, undefined, undefined]);
      const { access_token } = sessionOf(await api.refresh(session.refresh_token));
      assert.equal((await api.user(access_token)).status, 200);
    },
  },
  {
    name: 'metadata that a token could not carry unambiguously is refused, so nobody locks themselves out',
    async holds(api) {
      const { session } = await api.newPerson();
      const deep = `${'{"a":'.repeat(32)}1${'}'.repeat(32)}`;
      for (const data of ['{"__proto__":{"a":1}}', '{"a":{"__proto__":1}}', '{"a":1,"a":2}', deep]) {
        const email = newAddress();
        const signUp = `{"email":"${email}","password":"${goodPassword}","data":${data}}`;
        refuses(await api.ask('POST', '/signup', { raw: signUp }), '400 bad_json');
        const update = { bearer: session.access_token, raw: `{"data":${data}}` };
        refuses(await api.ask('PUT', '/user', update), '400 bad_json');
      }
    },
  },
];

export const requestBodyConformance: Conformance = { feature: 'request bodies', laws: inputLaws };
