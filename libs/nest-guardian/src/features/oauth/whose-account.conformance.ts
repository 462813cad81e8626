import assert from 'node:assert/strict';
import { type Api, goodPassword, landingOf, refuses, sessionOf } from '../../testing/api.js';
import { bearerOf, Browser, hears, newStranger } from '../../testing/by-idp.js';
import { enters, given, linkTo, newMember } from '../../testing/by-mail.js';
import type { Bench, Conformance, IdpPerson, Law } from '../../testing/conformance.js';

const userOf = async (api: Api, bearer: string): Promise<Readonly<Record<string, unknown>>> =>
  (await api.user(bearer)).body;

const providersOf = (user: Readonly<Record<string, unknown>>): readonly string[] =>
  (user.identities as readonly { provider: string }[]).map(({ provider }) => provider).toSorted();

/** What no identity provider says that knows whose the address is. */
const unproved: Readonly<Record<string, object>> = {
  'is not verified': { email_verified: false },
  'nobody says to be verified': { email_verified: undefined },
  'a text says to be verified': { email_verified: 'true' },
};

const provedLaws: readonly Law[] = [
  {
    name: 'whoever has proved the address here and there has one account, and their password is as good as before',
    under: 'confirm',
    needs: ['read mail'],
    async holds(api, bench) {
      const { email, session } = await newMember(api, bench);
      const bearer = bearerOf(await new Browser(api, bench).signIn(newStranger(email)));
      const user = await userOf(api, bearer);
      assert.equal(user.id, session.user.id);
      assert.deepEqual(providersOf(user), ['email', 'keycloak']);
      sessionOf(await api.signIn(email, goodPassword));
      assert.equal((await api.user(session.access_token)).status, 200);
    },
  },
  {
    name: 'O-06 one subject at two identity providers is two people',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const [one, two] = [newStranger(), newStranger()];
      const first = await userOf(api, bearerOf(await browser.signIn({ ...one, sub: String(two.id) })));
      const other = await userOf(api, bearerOf(await browser.signIn(two, { provider: 'github' })));
      assert.notEqual(other.id, first.id);
    },
  },
  {
    name: 'O-06 a subject is who it is to the letter',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const { sub } = newStranger();
      const ids: unknown[] = [];
      for (const spelt of [sub, sub.toUpperCase(), `${sub} `]) {
        const bearer = bearerOf(await browser.signIn({ ...newStranger(), sub: spelt }));
        ids.push((await userOf(api, bearer)).id);
      }
      assert.equal(new Set(ids).size, 3);
    },
  },
  {
    name: 'whoever has another address there by now is the same person, and keeps the address they have here',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const person = newStranger();
      const before = await userOf(api, bearerOf(await browser.signIn(person)));
      const moved = { ...person, email: newStranger().email };
      const after = await userOf(api, bearerOf(await browser.signIn(moved)));
      assert.deepEqual([after.id, after.email], [before.id, person.email]);
    },
  },
  {
    name: 'whoever is banned does not get in from elsewhere',
    needs: ['ban and delete'],
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const person = newStranger();
      const { id } = await userOf(api, bearerOf(await browser.signIn(person)));
      await bench.remove(id as string, 'ban');
      hears(await browser.signIn(person), 'user_banned');
    },
  },
];

/** Somebody who signed up with an address that is not theirs, and never confirmed it. */
const squat = async (api: Api): Promise<string> => {
  const { email } = newStranger();
  const { status, text } = await api.signUp({
    email,
    password: goodPassword,
    data: { from: 'the squatter' },
  });
  assert.equal(status, 200, text);
  return email;
};

const unprovedLaws = given({ under: 'confirm', needs: ['read mail'] }, [
  {
    name: 'P-01 whoever owns an address takes nothing over from who signed up with it first',
    async holds(api, bench) {
      const email = await squat(api);
      const user = await userOf(api, bearerOf(await new Browser(api, bench).signIn(newStranger(email))));
      assert.deepEqual(providersOf(user), ['keycloak']);
      assert.equal((user.user_metadata as { from?: string }).from, undefined);
      refuses(await api.signIn(email, goodPassword), '400 invalid_credentials');
    },
  },
  {
    name: 'P-02 a link that was mailed to who signed up first opens nothing once the owner has come from elsewhere',
    async holds(api, bench) {
      const email = await squat(api);
      const link = await linkTo(bench, email);
      await new Browser(api, bench).signIn(newStranger(email));
      const { fragment } = landingOf(await api.follow(link));
      assert.equal(fragment.get('access_token'), null);
    },
  },
  ...Object.entries(unproved).map(([what, claims]): Law => ({
    name: `P-03 an address that ${what} there is no proof: its owner confirms it by mail first`,
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const person = { ...newStranger(), ...claims } as IdpPerson & { email: string };
      hears(await browser.signIn(person), 'provider_email_needs_verification');
      const bearer = await enters(api, await api.follow(await linkTo(bench, person.email)));
      bench.advance('61s');
      const again = bearerOf(await browser.signIn(person));
      assert.equal((await userOf(api, again)).id, (await userOf(api, bearer)).id);
    },
  })),
  ...Object.entries(unproved).map(([what, claims]): Law => ({
    name: `P-03 an address that ${what} there opens no account of who has proved it here`,
    async holds(api, bench) {
      const { email, session } = await newMember(api, bench);
      const person = { ...newStranger(email), ...claims } as IdpPerson;
      bench.advance('61s');
      hears(await new Browser(api, bench).signIn(person), 'provider_email_needs_verification');
      const user = await userOf(api, session.access_token);
      assert.deepEqual(providersOf(user), ['email']);
    },
  })),
]);

const textLaw: Law = {
  name: 'whoever has no address there, where one is needed, does not get in',
  async holds(api, bench: Bench) {
    const { email: _, ...person } = newStranger();
    const { query, fragment } = await new Browser(api, bench).signIn(person);
    assert.ok(query.get('error'));
    assert.equal(query.get('error_code'), fragment.get('error_code'));
    assert.equal(fragment.get('access_token'), null);
  },
};

export const whoseAccountConformance: Conformance = {
  feature: 'whose account a person from elsewhere has',
  laws: given({ needs: ['sign in elsewhere'] }, [...provedLaws, ...unprovedLaws, textLaw]),
};
