import assert from 'node:assert/strict';
import { type Api, landingOf, refuses, sessionOf } from '../../testing/api.js';
import { bearerOf, Browser, hears, newStranger } from '../../testing/by-idp.js';
import { given, newChallenge, requireOneOf } from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

const notFound = 'invalid flow state, no valid flow state found';

const fragmentLaws: readonly Law[] = [
  {
    name: 'whoever signs in elsewhere for the first time is somebody new, as the identity provider knows them',
    async holds(api, bench) {
      const person = newStranger();
      const { target, fragment, query } = await new Browser(api, bench).signIn(person);
      assert.equal(target, bench.site);
      assert.equal(query.size, 0);
      assert.equal(fragment.get('token_type'), 'bearer');
      const { body } = await api.user(fragment.get('access_token') ?? '');
      assert.equal(body.email, person.email);
      assert.ok(body.email_confirmed_at);
      assert.deepEqual(body.app_metadata, { provider: 'keycloak', providers: ['keycloak'] });
      const [identity, ...others] = body.identities as readonly Record<string, unknown>[];
      assert.deepEqual([identity?.provider, identity?.id, others], ['keycloak', person.sub, []]);
      const { amr } = claimsOf(fragment.get('access_token') ?? '') as { amr?: readonly { method: string }[] };
      assert.deepEqual(
        amr?.map(({ method }) => method),
        ['oauth'],
      );
    },
  },
  {
    name: 'the session of who signed in elsewhere is renewed like any other, and their tokens there are told once',
    async holds(api, bench) {
      const { fragment } = await new Browser(api, bench).signIn(newStranger());
      assert.ok(fragment.get('provider_token'));
      assert.ok(fragment.get('provider_refresh_token'));
      const { status, text } = await api.refresh(fragment.get('refresh_token'));
      assert.equal(status, 200, text);
      assert.ok(!text.includes('provider_token'), text);
    },
  },
  {
    name: 'whoever signs in elsewhere again is the same person, by the name they have there now',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const person = newStranger();
      const first = await api.user(bearerOf(await browser.signIn(person)));
      const again = await api.user(bearerOf(await browser.signIn({ ...person, name: 'Anna Sample' })));
      assert.equal(again.body.id, first.body.id);
      assert.equal((again.body.user_metadata as { name?: string }).name, 'Anna Sample');
    },
  },
  {
    name: 'an identity provider that only tells an access token is as good',
    async holds(api, bench) {
      const person = newStranger();
      const landing = await new Browser(api, bench).signIn(person, { provider: 'github' });
      const { body } = await api.user(bearerOf(landing));
      const [identity] = body.identities as readonly Record<string, unknown>[];
      assert.deepEqual([identity?.provider, identity?.id], ['github', String(person.id)]);
      assert.equal(body.email, person.email);
    },
  },
  {
    name: 'whoever signs in elsewhere ends up where the application asks, if that is allowed, and else at the site',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const person = newStranger();
      const allowed = 'https://pr-7.preview.example.com/a/b';
      assert.equal((await browser.signIn(person, { redirect_to: allowed })).target, allowed);
      for (const redirect_to of ['https://evil.test/cb', '//evil.test', 'javascript:alert(1)']) {
        assert.equal((await browser.signIn(person, { redirect_to })).target, bench.site, redirect_to);
      }
    },
  },
];

interface Asked {
  readonly code: string;
  readonly verifier: string;
}

async function askForCode(api: Api, bench: Bench): Promise<Asked> {
  const { verifier, members } = newChallenge();
  const landing = await new Browser(api, bench).signIn(newStranger(), { ...members });
  assert.deepEqual([[...landing.query.keys()], landing.fragment.size], [['code'], 0]);
  return { code: landing.query.get('code') ?? '', verifier };
}

const codeLaws: readonly Law[] = [
  {
    name: 'a code from elsewhere is exchanged once, by whoever holds the verifier, for the session and the tokens there',
    async holds(api, bench) {
      const { code, verifier } = await askForCode(api, bench);
      const words = 'code challenge does not match previously saved code verifier';
      refuses(await api.exchange(code, newChallenge().verifier), '400 bad_code_verifier', words);
      const answer = await api.exchange(code, verifier);
      assert.equal((await api.user(sessionOf(answer).access_token)).status, 200);
      assert.ok(answer.body.provider_token);
      assert.ok(answer.body.provider_refresh_token);
      refuses(await api.exchange(code, verifier), '404 flow_state_not_found', notFound);
    },
  },
  {
    name: 'O-08 of 50 who exchange one code from elsewhere at once, one is let in',
    async holds(api, bench) {
      const { code, verifier } = await askForCode(api, bench);
      await requireOneOf(
        50,
        () => api.exchange(code, verifier),
        ({ status }) => status === 200,
      );
    },
  },
  {
    name: 'O-09 a code from elsewhere is of no use six minutes after it was given out',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { code, verifier } = await askForCode(api, bench);
      bench.advance('6m');
      refuses(await api.exchange(code, verifier), '422 flow_state_expired');
    },
  },
  {
    name: 'a browser that has forgotten everything brings a code all the same, since the verifier tells who it is',
    async holds(api, bench) {
      const { verifier, members } = newChallenge();
      const browser = new Browser(api, bench);
      const path = await browser.visit(await browser.start({ ...members }), newStranger());
      const { query } = landingOf(await new Browser(api, bench).open(path), 302);
      sessionOf(await api.exchange(query.get('code'), verifier));
    },
  },
];

const { members } = newChallenge();
const broken: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a challenge without its method': { code_challenge: 'x'.repeat(43) },
  'a method without a challenge': { code_challenge_method: 's256' },
  'a method that nobody knows': { ...members, code_challenge_method: 'md5' },
  'a challenge that is too short': { ...members, code_challenge: 'x'.repeat(42) },
  'a challenge that is too long': { ...members, code_challenge: 'x'.repeat(129) },
  'a challenge of other characters': { ...members, code_challenge: `${'x'.repeat(42)}+` },
  'a provider that nobody knows': { provider: 'banana' },
  'a provider that is switched off': { provider: 'gitlab' },
  'no provider': { provider: '' },
};

const refusalLaws: readonly Law[] = [
  ...Object.entries(broken).map(([what, query]): Law => ({
    name: `O-03 nobody is sent elsewhere with ${what}`,
    async holds(api) {
      const path = `/authorize?${new URLSearchParams({ provider: 'keycloak', ...query }).toString()}`;
      refuses(await api.ask('GET', path), '400 validation_failed');
    },
  })),
  {
    name: 'O-13 what the application passes on replaces nothing that is said to the identity provider',
    async holds(api, bench) {
      const forged = {
        client_id: 'evil',
        redirect_uri: 'https://evil.test',
        response_type: 'token',
        state: 'evil',
      };
      const query = { ...forged, client_secret: 'evil', code_verifier: 'evil', prompt: 'login' };
      const { searchParams } = new URL(await new Browser(api, bench).start(query));
      assert.equal(searchParams.get('prompt'), 'login');
      assert.ok(![...searchParams.values()].some((value) => value.includes('evil')), searchParams.toString());
    },
  },
  {
    name: 'O-11 what the identity provider says against it travels to the application, encoded',
    async holds(api, bench) {
      const said = '<script>alert(1)</script>\r\nSet-Cookie: x=y';
      const refusal = { error: 'access_denied', error_description: said };
      const browser = new Browser(api, bench);
      const answer = await browser.open(await browser.visit(await browser.start(), refusal));
      assert.doesNotMatch(answer.text, /<script/);
      assert.equal(answer.headers.get('set-cookie')?.includes('x=y') ?? false, false);
      const { query, fragment } = landingOf(answer, 302);
      assert.deepEqual([query.get('error'), fragment.get('error')], ['access_denied', 'access_denied']);
      assert.equal(fragment.get('access_token'), null);
    },
  },
  {
    name: 'whoever is new does not get in from elsewhere where nobody may sign up',
    under: 'closed',
    async holds(api, bench) {
      hears(await new Browser(api, bench).signIn(newStranger()), 'signup_disabled');
    },
  },
];

export const idpSignInConformance: Conformance = {
  feature: 'signing in elsewhere',
  laws: given({ needs: ['sign in elsewhere'] }, [...fragmentLaws, ...codeLaws, ...refusalLaws]),
};
