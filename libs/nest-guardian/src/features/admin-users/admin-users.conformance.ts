import assert from 'node:assert/strict';
import { administrator, nobody, userOf } from '../../testing/administrator.js';
import { goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import { given, serviceKey } from '../../testing/by-mail.js';
import type { Conformance } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';
import type { UserBody } from '../../wire/user.js';

/** In one order, whichever the database keeps. */
const sorted = (traits: unknown): object => {
  const { user_id, user_email, user_phone } = Object(traits) as Record<string, unknown>;
  return { user_id, user_email, user_phone };
};

export const adminUsersConformance: Conformance = {
  feature: 'administration',
  laws: given({ needs: ['sign tokens'] }, [
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
  ]),
};
