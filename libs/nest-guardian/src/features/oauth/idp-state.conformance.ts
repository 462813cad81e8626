import assert from 'node:assert/strict';
import { type Answer, landingOf, refuses } from '../../testing/api.js';
import { bearerOf, Browser, hears, isLost, newStranger } from '../../testing/by-idp.js';
import { given, newChallenge, requireOneOf } from '../../testing/by-mail.js';
import type { Conformance, Law } from '../../testing/conformance.js';

const isIn = ({ headers }: Answer): boolean => /[#&]access_token=/.test(headers.get('location') ?? '');

const form = { 'content-type': 'application/x-www-form-urlencoded' };

const laws: readonly Law[] = [
  {
    name: 'O-01 whoever comes back without a state is sent to the site',
    async holds(api, bench) {
      for (const path of ['/callback', '/callback?code=x', '/callback?error=access_denied']) {
        isLost(await api.ask('GET', path), bench, 'bad_oauth_callback');
      }
    },
  },
  {
    name: 'O-01 whoever comes back with a state that nobody was given is sent to the site',
    async holds(api, bench) {
      for (const state of ['banana', '00000000-0000-4000-8000-00000000beef', 'a.b.c', '%00']) {
        isLost(await api.ask('GET', `/callback?code=x&state=${state}`), bench);
      }
    },
  },
  {
    name: 'O-01 a state is good once',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const path = await browser.visit(await browser.start(), newStranger());
      bearerOf(landingOf(await browser.open(path), 302));
      isLost(await browser.open(path), bench);
    },
  },
  {
    name: 'O-01 a state that a verifier ends is good once',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const path = await browser.visit(await browser.start({ ...newChallenge().members }), newStranger());
      assert.ok(landingOf(await browser.open(path), 302).query.get('code'));
      isLost(await browser.open(path), bench, 'flow_state_already_used');
    },
  },
  {
    name: 'O-01 a state is good once even where nothing came of it',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const way = await browser.start({ ...newChallenge().members });
      const denied = await browser.visit(way, { error: 'access_denied' });
      assert.equal(landingOf(await browser.open(denied), 302).query.get('error'), 'access_denied');
      isLost(await browser.open(await browser.visit(way, newStranger())), bench, 'flow_state_already_used');
    },
  },
  {
    name: 'O-08 of 50 who come back with one state at once, one is let in',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const path = await browser.visit(await browser.start(), newStranger());
      await requireOneOf(50, () => browser.open(path), isIn);
    },
  },
  {
    name: 'O-01 a state is of no use six minutes later',
    needs: ['move the clock'],
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const path = await browser.visit(await browser.start(), newStranger());
      bench.advance('6m');
      isLost(await browser.open(path), bench);
    },
  },
  {
    name: 'O-10 a browser that was not sent away is not let in, and neither is the one that was, with what it brought',
    async holds(api, bench) {
      const attacker = new Browser(api, bench);
      const path = await attacker.visit(await attacker.start(), newStranger());
      const victim = new Browser(api, bench);
      isLost(await victim.open(path), bench);
      await victim.start();
      isLost(await victim.open(path), bench);
    },
  },
  {
    name: 'what marks the browser is for its own requests alone, and no script reads it',
    async holds(api) {
      const answer = await api.ask('GET', '/authorize?provider=keycloak');
      const [line = '', ...others] = answer.headers.getSetCookie();
      assert.equal(others.length, 0);
      for (const part of [/; HttpOnly/i, /; SameSite=Lax/i, /; Path=\//i]) assert.match(line, part);
      const state = new URL(answer.headers.get('location') ?? '').searchParams.get('state') ?? '';
      assert.ok(!line.includes(state), line);
    },
  },
  {
    name: 'a browser that is sent away twice comes back from both',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const [one, two] = [await browser.start(), await browser.start()];
      bearerOf(await browser.finish(one, newStranger()));
      bearerOf(await browser.finish(two, newStranger()));
    },
  },
  {
    name: 'an identity provider that sends the browser back by a form is as good',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const way = await browser.visit(await browser.start(), newStranger());
      const raw = way.slice(way.indexOf('?') + 1);
      // The form comes from elsewhere: what marks the browser stays behind.
      let answer = await api.ask('POST', '/callback', { raw, headers: form });
      if (answer.status === 303) {
        const { search } = new URL(answer.headers.get('location') ?? '', bench.base);
        answer = await browser.open(`/callback${search}`);
      }
      bearerOf(landingOf(answer, 302));
    },
  },
  {
    name: 'O-14 whoever comes back with a member twice is refused, and the state stays good',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const path = await browser.visit(await browser.start(), newStranger());
      for (const more of ['&code=x', '&state=x', '&error=a&error=b']) {
        refuses(await browser.open(path + more), '400 validation_failed');
      }
      bearerOf(landingOf(await browser.open(path), 302));
    },
  },
  {
    name: 'a code that the identity provider never gave lets nobody in',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const state = new URL(await browser.start()).searchParams.get('state');
      const answer = await browser.open(`/callback?code=made-up&state=${state}`);
      hears(landingOf(answer, 302), 'unexpected_failure');
    },
  },
  {
    name: 'whoever comes back without a code is told so',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const state = new URL(await browser.start()).searchParams.get('state');
      hears(landingOf(await browser.open(`/callback?state=${state}`), 302), 'bad_oauth_callback');
    },
  },
  {
    name: 'O-05 a way to one identity provider is not ended with the code of another',
    async holds(api, bench) {
      const browser = new Browser(api, bench);
      const state = new URL(await browser.start()).searchParams.get('state');
      const path = await browser.visit(await browser.start({ provider: 'github' }), newStranger());
      const code = new URLSearchParams(path.split('?')[1]).get('code');
      const answer = await browser.open(`/callback?code=${code}&state=${state}`);
      hears(landingOf(answer, 302), 'unexpected_failure');
    },
  },
];

export const idpStateConformance: Conformance = {
  feature: 'the way back from elsewhere',
  laws: given({ needs: ['sign in elsewhere'] }, laws),
};
