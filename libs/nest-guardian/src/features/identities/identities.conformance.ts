import assert from 'node:assert/strict';
import { type Api, landingOf, refuses, sessionOf } from '../../testing/api.js';
import { nobody } from '../../testing/administrator.js';
import { bearerOf, Browser, hears, newStranger } from '../../testing/by-idp.js';
import { given, newChallenge, newMember } from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';

interface Way {
  readonly identity_id: string;
  readonly provider: string;
}

const waysOf = async (api: Api, bearer: string): Promise<readonly Way[]> =>
  (await api.user(bearer)).body.identities as readonly Way[];

const providersOf = async (api: Api, bearer: string): Promise<readonly string[]> =>
  (await waysOf(api, bearer)).map(({ provider }) => provider).toSorted();

const unlink = (api: Api, bearer: string, id = '') => api.ask('DELETE', `/user/identities/${id}`, { bearer });

async function newAnonymous(api: Api) {
  return sessionOf(await api.signUp({}));
}

const linkLaws: readonly Law[] = [
  {
    name: 'whoever is signed in gets one more way in, and it leads to the same account',
    async holds(api, bench) {
      const { session, email } = await api.newPerson();
      const browser = new Browser(api, bench);
      const person = newStranger();
      const bearer = bearerOf(await browser.finish(await browser.startLink(session.access_token), person));
      assert.deepEqual(await providersOf(api, bearer), ['email', 'keycloak']);
      const later = await api.user(bearerOf(await new Browser(api, bench).signIn(person)));
      assert.deepEqual([later.body.id, later.body.email], [session.user.id, email]);
    },
  },
  {
    name: 'one more way in ends with a code where the application has a verifier',
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const { verifier, members } = newChallenge();
      const browser = new Browser(api, bench);
      const way = await browser.startLink(session.access_token, { provider: 'github', ...members });
      const { query } = await browser.finish(way, newStranger());
      const linked = sessionOf(await api.exchange(query.get('code'), verifier));
      assert.equal(linked.user.id, session.user.id);
      assert.deepEqual(await providersOf(api, linked.access_token), ['email', 'github']);
    },
  },
  {
    name: 'one more way in is only for who is signed in, at a provider that there is',
    async holds(api) {
      const path = '/user/identities/authorize?skip_http_redirect=true&provider=';
      refuses(await api.ask('GET', `${path}keycloak`), '401 no_authorization');
      const { session } = await api.newPerson();
      for (const provider of ['banana', 'gitlab', '']) {
        refuses(
          await api.ask('GET', path + provider, { bearer: session.access_token }),
          '400 validation_failed',
        );
      }
    },
  },
  {
    name: 'one more way in sends the browser there, or says where, as the application asks',
    async holds(api) {
      const { session } = await api.newPerson();
      const bearer = session.access_token;
      const path = '/user/identities/authorize?provider=keycloak';
      const sent = await api.ask('GET', path, { bearer });
      assert.equal(sent.status, 302, sent.text);
      const said = await api.ask('GET', `${path}&skip_http_redirect=true`, { bearer });
      const [one, other] = [sent.headers.get('location'), said.body.url].map((url) => new URL(String(url)));
      assert.equal(one?.origin, other?.origin);
    },
  },
  {
    name: 'P-11 what is somebody’s already is given to nobody else, nor twice',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const person = newStranger();
      await browser.signIn(person);
      const { session } = await api.newPerson();
      const taken = await browser.finish(await browser.startLink(session.access_token), person);
      hears(taken, 'identity_already_exists');
      const own = newStranger();
      bearerOf(await browser.finish(await browser.startLink(session.access_token), own));
      hears(
        await browser.finish(await browser.startLink(session.access_token), own),
        'identity_already_exists',
      );
      assert.deepEqual(await providersOf(api, session.access_token), ['email', 'keycloak']);
    },
  },
  {
    name: 'O-02 a link that somebody began in their browser is not ended in that of another, not even with a verifier',
    async holds(api, bench) {
      const attacker = await api.newPerson();
      for (const members of [{}, newChallenge().members]) {
        const browser = new Browser(api, bench);
        const way = await browser.startLink(attacker.session.access_token, { ...members });
        const path = await browser.visit(way, newStranger());
        // They are asked first, and hear whose account it is.
        const { status, headers, text } = await new Browser(api, bench).open(path);
        assert.deepEqual([status, headers.get('location')], [200, null], text);
        assert.ok(text.includes(attacker.email), text);
      }
      assert.deepEqual(await providersOf(api, attacker.session.access_token), ['email']);
    },
  },
  {
    name: 'whoever is gone by the time they come back has nothing linked',
    needs: ['ban and delete'],
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const browser = new Browser(api, bench);
      const path = await browser.visit(await browser.startLink(session.access_token), newStranger());
      await bench.remove(session.user.id, 'delete');
      const location = (await browser.open(path)).headers.get('location') ?? '';
      assert.match(location, /error_code=(user_not_found|bad_oauth_state)/);
      assert.doesNotMatch(location, /access_token/);
    },
  },
];

const anonymousLaws: readonly Law[] = given({ needs: ['sign in anonymously'] }, [
  {
    name: 'whoever is nameless stays who they are with a way in from elsewhere, and is nameless no more',
    async holds(api, bench) {
      const session = await newAnonymous(api);
      const browser = new Browser(api, bench);
      const person = newStranger();
      const bearer = bearerOf(await browser.finish(await browser.startLink(session.access_token), person));
      const { body } = await api.user(bearer);
      assert.deepEqual([body.id, body.email, body.is_anonymous], [session.user.id, person.email, false]);
    },
  },
  {
    name: 'P-12 whoever is nameless takes over no address that somebody has',
    under: 'confirm',
    needs: ['read mail'],
    async holds(api, bench) {
      const member = await newMember(api, bench);
      const session = await newAnonymous(api);
      const browser = new Browser(api, bench);
      const way = await browser.startLink(session.access_token);
      hears(await browser.finish(way, newStranger(member.email)), 'email_exists');
      const { body } = await api.user(session.access_token);
      assert.deepEqual([body.email, body.is_anonymous], ['', true]);
      assert.deepEqual(await providersOf(api, member.session.access_token), ['email']);
    },
  },
]);

async function newPersonOfTwoWays(api: Api, bench: Bench): Promise<string> {
  const { session } = await api.newPerson();
  const browser = new Browser(api, bench);
  return bearerOf(await browser.finish(await browser.startLink(session.access_token), newStranger()));
}

const unlinkLaws: readonly Law[] = [
  {
    name: 'P-10 a way in can be given up, but never the last',
    async holds(api, bench) {
      const bearer = await newPersonOfTwoWays(api, bench);
      const ways = await waysOf(api, bearer);
      const linked = ways.find(({ provider }) => provider === 'keycloak');
      assert.equal((await unlink(api, bearer, linked?.identity_id)).status, 200);
      const [last] = await waysOf(api, bearer);
      assert.equal(last?.provider, 'email');
      refuses(await unlink(api, bearer, last?.identity_id), '422 single_identity_not_deletable');
    },
  },
  {
    name: 'nobody gives up a way in of somebody else',
    async holds(api, bench) {
      const [one, other] = [await newPersonOfTwoWays(api, bench), await newPersonOfTwoWays(api, bench)];
      const [theirs] = await waysOf(api, other);
      for (const id of [theirs?.identity_id, nobody]) {
        refuses(await unlink(api, one, id), '422 identity_not_found');
      }
      refuses(await unlink(api, one, 'banana'), '404 validation_failed');
      assert.equal((await waysOf(api, other)).length, 2);
    },
  },
  {
    name: 'whoever gave a way in up is somebody else there from then on',
    async holds(api, bench) {
      const { session } = await api.newPerson();
      const browser = new Browser(api, bench);
      const person = newStranger();
      const bearer = bearerOf(await browser.finish(await browser.startLink(session.access_token), person));
      const [linked] = (await waysOf(api, bearer)).filter(({ provider }) => provider === 'keycloak');
      assert.equal((await unlink(api, bearer, linked?.identity_id)).status, 200);
      const path = await browser.visit(await browser.start(), person);
      const { body } = await api.user(bearerOf(landingOf(await browser.open(path), 302)));
      assert.notEqual(body.id, session.user.id);
    },
  },
];

export const identitiesConformance: Conformance = {
  feature: 'ways in',
  laws: given({ needs: ['sign in elsewhere'] }, [...linkLaws, ...anonymousLaws, ...unlinkLaws]),
};
