import assert from 'node:assert/strict';
import { administrator, nobody } from '../../testing/administrator.js';
import { type Answer, goodPassword, newAddress, type Person, refuses, sessionOf } from '../../testing/api.js';
import { given, serviceKey } from '../../testing/by-mail.js';
import type { Conformance } from '../../testing/conformance.js';
import { claimsOf, forge } from '../../testing/tokens.js';
import type { UserBody } from '../../wire/user.js';

/** What only an administrator may ask. */
const paths: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/admin/users'],
  ['POST', '/admin/users'],
  ['GET', `/admin/users/${nobody}`],
  ['PUT', `/admin/users/${nobody}`],
  ['DELETE', `/admin/users/${nobody}`],
  ['GET', `/admin/users/${nobody}/factors`],
  ['PUT', `/admin/users/${nobody}/factors/${nobody}`],
  ['DELETE', `/admin/users/${nobody}/factors/${nobody}`],
  ['GET', '/admin/audit'],
];

/** What somebody may hope to say about themselves. */
const forged = {
  id: nobody,
  aud: 'elsewhere',
  role: 'service_role',
  is_super_admin: true,
  is_anonymous: false,
  aal: 'aal2',
  email_confirmed_at: '2020-01-01T00:00:00Z',
  phone_confirmed_at: '2020-01-01T00:00:00Z',
  banned_until: null,
  encrypted_password: 'x',
  confirmation_token: 'x',
  created_at: '2020-01-01T00:00:00Z',
  identities: [],
  factors: [],
};

export const whoAdministersConformance: Conformance = {
  feature: 'who administers',
  laws: given({ needs: ['sign tokens'] }, [
    {
      name: 'Z-01 who is no administrator administers nothing',
      async holds(api, bench) {
        const { session } = await api.newPerson();
        const iat = Math.floor(bench.now().getTime() / 1000);
        const key = { role: 'service_role', iat, exp: iat + 600 };
        const tokens = [
          forge({ ...key, role: 'anon' }, bench.secret),
          forge({ ...key, iat: iat - 900, exp: iat - 300 }, bench.secret),
          forge(key, 'another secret that is just as long as the right one'),
          forge(key, bench.secret, { alg: 'none' }),
        ];
        for (const [method, path] of paths) {
          const ask = (bearer?: string): Promise<Answer> =>
            api.ask(method, path, { ...(bearer && { bearer }), ...(method !== 'GET' && { body: {} }) });
          refuses(await ask(), '401 no_authorization');
          refuses(await ask(session.access_token), '403 not_admin');
          for (const bearer of tokens) assert.equal((await ask(bearer)).status, 403, `${method} ${path}`);
        }
      },
    },
    {
      name: 'Z-11 no way of writing a path of administrators leads past the guard',
      async holds(api) {
        const { session } = await api.newPerson();
        for (const path of [
          '/ADMIN/users',
          '//admin/users',
          '/admin/users/',
          '/%61dmin/users',
          '/admin;x/users',
        ]) {
          const { status, body } = await api.ask('GET', path, { bearer: session.access_token });
          assert.ok([403, 404].includes(status), `${path} ${status}`);
          assert.equal(body.users, undefined);
        }
      },
    },
    {
      name: 'Z-02 nobody says of themselves what is for others to say',
      async holds(api) {
        const email = newAddress();
        const signedUp = sessionOf(await api.signUp({ ...forged, email, password: goodPassword }));
        const bearer = signedUp.access_token;
        assert.equal((await api.update(bearer, { ...forged, data: {} })).status, 200);
        const user = (await api.user(bearer)).body as unknown as UserBody;
        assert.equal(user.id, signedUp.user.id);
        assert.notEqual(user.id, nobody);
        assert.deepEqual([user.role, user.aud, user.email], ['authenticated', 'authenticated', email]);
        assert.deepEqual(user.app_metadata, { provider: 'email', providers: ['email'] });
        assert.equal(user.identities.length, 1);
        assert.ok(user.created_at > '2021');
        assert.equal(user.phone_confirmed_at, undefined);
        assert.equal(claimsOf(bearer).aal, 'aal1');
      },
    },
    {
      name: 'Z-03 what people say about themselves is read for no right',
      async holds(api) {
        const { session } = await api.newPerson({ ...forged, app_metadata: { staff: true } });
        const { role, aal, app_metadata } = claimsOf(session.access_token);
        assert.deepEqual([role, aal], ['authenticated', 'aal1']);
        assert.deepEqual(app_metadata, { provider: 'email', providers: ['email'] });
        refuses(await api.ask('GET', '/admin/users', { bearer: session.access_token }), '403 not_admin');
      },
    },
    {
      name: 'Z-04 no name of a member reaches the objects of the server',
      async holds(api, bench) {
        const admin = administrator(api, bench);
        const { session } = await api.newPerson();
        const names = ['constructor', 'prototype', 'toString'];
        for (const name of names) {
          const data = { [name]: { polluted: true } };
          await admin.ask('PUT', `/${session.user.id}`, {
            user_metadata: data,
            app_metadata: data,
            [name]: 1,
          });
          await api.update(session.access_token, { data });
          assert.ok((await admin.ask('GET', `?${name}=1&filter=${name}`)).status < 500);
        }
        const raw = '{"user_metadata":{"__proto__":{"polluted":true}}}';
        await api.ask('PUT', `/admin/users/${session.user.id}`, { bearer: serviceKey(bench), raw });
        assert.equal(({} as { polluted?: boolean }).polluted, undefined);
        assert.equal((await api.user(session.access_token)).status, 200);
      },
    },
    {
      name: 'Z-09 a NUL and the signs of SQL in anything an administrator says are no server’s failure',
      async holds(api, bench) {
        const admin = administrator(api, bench);
        const { session } = await api.newPerson();
        for (const text of ['\0', "'; DROP TABLE auth.users; --", '\ud800', '$1', '%']) {
          const asked = encodeURIComponent(text.toWellFormed());
          const answers = await Promise.all([
            admin.ask('GET', `?filter=${asked}&sort=${asked}`),
            admin.ask('GET', `?filter=${asked}`),
            admin.ask('GET', `/${asked}`),
            admin.ask('POST', '', { email: `${text}@example.com`, role: text, id: text }),
            admin.ask('PUT', `/${session.user.id}`, { role: text }),
            admin.ask('PUT', `/${session.user.id}`, { user_metadata: { [text]: text } }),
            admin.ask('PUT', `/${session.user.id}`, { app_metadata: { a: [text] } }),
            api.ask('GET', `/admin/audit?query=author:${asked}`, { bearer: serviceKey(bench) }),
          ]);
          for (const { status, text: told } of answers) assert.ok(status < 500, told);
        }
      },
    },
    {
      name: 'Z-13 of a hundred people who ask at once each hears of themselves',
      async holds(api) {
        const people = await Promise.all(Array.from({ length: 5 }, () => api.newPerson()));
        const asking = Array.from({ length: 100 }, (_, index) => people[index % people.length] as Person);
        const answers = await Promise.all(asking.map(({ session }) => api.user(session.access_token)));
        assert.deepEqual(
          answers.map(({ body }) => body.email),
          asking.map(({ email }) => email),
        );
      },
    },
  ]),
};
