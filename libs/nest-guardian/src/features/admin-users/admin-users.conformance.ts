import assert from 'node:assert/strict';
import {
  type Answer,
  type Api,
  goodPassword,
  newAddress,
  type Person,
  refuses,
  sessionOf,
} from '../../testing/api.js';
import { given, serviceKey } from '../../testing/by-mail.js';
import type { Bench, Conformance } from '../../testing/conformance.js';
import { claimsOf, forge } from '../../testing/tokens.js';
import type { UserBody } from '../../wire/user.js';

const nobody = '00000000-0000-4000-8000-000000000009';

interface Administrator {
  ask(method: string, path: string, body?: object): Promise<Answer>;
}

const administrator = (api: Api, bench: Bench): Administrator => ({
  ask: (method, path, body) =>
    api.ask(method, `/admin/users${path}`, { bearer: serviceKey(bench), ...(body && { body }) }),
});

const userOf = ({ status, body, text }: Answer): UserBody => {
  assert.equal(status, 200, text);
  return body as unknown as UserBody;
};

const isShutOut = async (api: Api, { session }: Person): Promise<void> => {
  assert.equal((await api.user(session.access_token)).status, 403);
  assert.equal((await api.refresh(session.refresh_token)).status, 400);
};

/** In one order, whichever the database keeps. */
const sorted = (traits: unknown): object => {
  const { user_id, user_email, user_phone } = Object(traits) as Record<string, unknown>;
  return { user_id, user_email, user_phone };
};

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

export const adminUsersConformance: Conformance = {
  feature: 'administration',
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
      name: 'the list has whom it is asked for, in pages, with the number of all',
      async holds(api, bench) {
        const people = [await api.newPerson(), await api.newPerson()];
        const admin = administrator(api, bench);
        const { status, body, headers } = await admin.ask('GET', '?page=1&per_page=1');
        assert.deepEqual([status, (body.users as []).length, body.aud], [200, 1, 'authenticated']);
        assert.ok(Number(headers.get('x-total-count')) >= 2);
        assert.match(headers.get('link') ?? '', /^<\/admin\/users\?page=2&per_page=1>; rel="next", </);
        const expected = people.map(({ email }) => email);
        for (const email of expected) {
          const found = await admin.ask('GET', `?filter=${encodeURIComponent(email.slice(1))}`);
          assert.deepEqual(
            (found.body.users as UserBody[]).map((user) => user.email),
            [email],
          );
        }
        assert.equal((await admin.ask('GET', '?page=&per_page=')).status, 200);
      },
    },
    {
      name: 'Z-08 nonsense about pages and order is refused',
      async holds(api, bench) {
        const admin = administrator(api, bench);
        const queries = [
          'page=-1',
          'page=x',
          'per_page=-1',
          'sort=email',
          'sort=created_at%20x',
          'per_page=1e9',
        ];
        for (const query of queries) refuses(await admin.ask('GET', `?${query}`), '400 validation_failed');
      },
    },
    {
      name: 'an account is made, read, changed and deleted',
      async holds(api, bench) {
        const admin = administrator(api, bench);
        const email = newAddress();
        const body = { email, password: goodPassword, email_confirm: true, user_metadata: { a: 1 } };
        const { id } = userOf(await admin.ask('POST', '', body));
        assert.equal(userOf(await admin.ask('GET', `/${id}`)).email, email);
        const change = { role: 'editor', user_metadata: { a: null, b: 2 }, app_metadata: { plan: 'pro' } };
        const changed = userOf(await admin.ask('PUT', `/${id}`, change));
        assert.deepEqual(changed.user_metadata, { b: 2, email_verified: true });
        assert.equal(changed.app_metadata.plan, 'pro');
        const session = sessionOf(await api.signIn(email, goodPassword));
        assert.equal(claimsOf(session.access_token).role, 'editor');
        const gone = await admin.ask('DELETE', `/${id}`);
        assert.deepEqual([gone.status, gone.body], [200, {}]);
        refuses(await admin.ask('GET', `/${id}`), '404 user_not_found', 'User not found');
        refuses(await api.signIn(email, goodPassword), '400 invalid_credentials');
      },
    },
    {
      name: 'A-09 an account that is not there, and an id that is none, are no server’s failure',
      async holds(api, bench) {
        const admin = administrator(api, bench);
        for (const [method, tail] of [
          ['GET', ''],
          ['PUT', ''],
          ['DELETE', ''],
          ['GET', '/factors'],
        ] as const) {
          refuses(
            await admin.ask(method, `/${nobody}${tail}`, method === 'PUT' ? {} : undefined),
            '404 user_not_found',
          );
          refuses(
            await admin.ask(method, `/banana${tail}`, method === 'PUT' ? {} : undefined),
            '404 validation_failed',
          );
        }
        const { session } = await api.newPerson();
        const factors = `/${session.user.id}/factors`;
        assert.deepEqual((await admin.ask('GET', factors)).body, []);
        refuses(await admin.ask('DELETE', `${factors}/${nobody}`), '404 mfa_factor_not_found');
        refuses(await admin.ask('DELETE', `${factors}/banana`), '404 validation_failed');
      },
    },
    {
      name: 'an address that somebody has is given to nobody else',
      async holds(api, bench) {
        const [ann, ben] = [await api.newPerson(), await api.newPerson()];
        const answer = await administrator(api, bench).ask('PUT', `/${ann.session.user.id}`, {
          email: ben.email,
        });
        refuses(answer, '422 email_exists');
      },
    },
    {
      name: 'who is banned is out at once, and who is not any more signs in',
      async holds(api, bench) {
        const person = await api.newPerson();
        const admin = administrator(api, bench);
        const path = `/${person.session.user.id}`;
        assert.ok(userOf(await admin.ask('PUT', path, { ban_duration: '24h' })).banned_until);
        await isShutOut(api, person);
        refuses(await api.signIn(person.email, person.password), '400 user_banned');
        assert.equal(userOf(await admin.ask('PUT', path, { ban_duration: 'none' })).banned_until, undefined);
        sessionOf(await api.signIn(person.email, person.password));
      },
    },
    {
      name: 'who gets a new password from an administrator is out at once',
      async holds(api, bench) {
        const person = await api.newPerson();
        const password = 'another horse 9 battery';
        const path = `/${person.session.user.id}`;
        userOf(await administrator(api, bench).ask('PUT', path, { password }));
        await isShutOut(api, person);
        refuses(await api.signIn(person.email, person.password), '400 invalid_credentials');
        sessionOf(await api.signIn(person.email, password));
      },
    },
    {
      name: 'who is deleted, softly or not, is out at once, and the address is free',
      async holds(api, bench) {
        for (const body of [{ should_soft_delete: true }, { should_soft_delete: false }, undefined]) {
          const person = await api.newPerson();
          const answer = await administrator(api, bench).ask('DELETE', `/${person.session.user.id}`, body);
          assert.deepEqual([answer.status, answer.body], [200, {}]);
          await isShutOut(api, person);
          sessionOf(await api.signUp({ email: person.email, password: goodPassword }));
        }
      },
    },
    {
      name: 'what cannot be read deletes nobody',
      async holds(api, bench) {
        const { session } = await api.newPerson();
        const bearer = serviceKey(bench);
        for (const raw of ['{"should_soft_delete":', '{"should_soft_delete":"yes"}', '[]']) {
          refuses(
            await api.ask('DELETE', `/admin/users/${session.user.id}`, { bearer, raw }),
            '400 bad_json',
          );
        }
        assert.equal((await api.user(session.access_token)).status, 200);
      },
    },
    {
      name: 'an administrator shows and ends the sessions of somebody',
      async holds(api, bench) {
        const person = await api.newPerson();
        const other = await api.newSession(person);
        const admin = administrator(api, bench);
        const path = `/${person.session.user.id}/sessions`;
        const { body } = await admin.ask('GET', path);
        const ids = (body.sessions as { id: string }[]).map(({ id }) => id).toSorted();
        const own = claimsOf(person.session.access_token).session_id;
        assert.deepEqual(ids, [own, claimsOf(other.access_token).session_id].toSorted());
        assert.equal((await admin.ask('DELETE', `${path}/${own as string}`)).status, 204);
        await isShutOut(api, person);
        refuses(await admin.ask('DELETE', `${path}/${own as string}`), '404 session_not_found');
        assert.equal((await api.user(other.access_token)).status, 200);
        assert.equal((await admin.ask('DELETE', path)).status, 204);
        assert.equal((await api.user(other.access_token)).status, 403);
      },
    },
    {
      name: 'the audit trail tells what an administrator did, and to whom',
      async holds(api, bench) {
        const { session } = await api.newPerson();
        await administrator(api, bench).ask('PUT', `/${session.user.id}`, { role: 'editor' });
        const bearer = serviceKey(bench);
        const { status, text, headers } = await api.ask('GET', '/admin/audit?query=action:user_modified', {
          bearer,
        });
        assert.equal(status, 200, text);
        assert.ok(Number(headers.get('x-total-count')) >= 1);
        const lines = (JSON.parse(text) as { payload: Record<string, unknown> }[]).map(
          ({ payload }) => payload,
        );
        const { id: user_id, email: user_email } = session.user;
        const traits = JSON.stringify({ user_id, user_email, user_phone: '' });
        const line = lines.find((one) => JSON.stringify(sorted(one.traits)) === traits);
        assert.equal(line?.actor_username, 'service_role', text);
        refuses(await api.ask('GET', '/admin/audit?query=ip:1', { bearer }), '400 validation_failed');
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
