import assert from 'node:assert/strict';
import { type Api, goodPassword, landingOf, newAddress, refuses, sessionOf } from '../../testing/api.js';
import {
  enters,
  given,
  linkTo,
  newChallenge,
  newMember,
  requireOneOf,
  tokenOf,
} from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

const notFound = 'invalid flow state, no valid flow state found';

/** Somebody who asked for a link with a challenge. */
interface Asked {
  readonly link: string;
  readonly verifier: string;
}

async function askForLink(api: Api, bench: Bench, path: '/otp' | '/recover' = '/otp'): Promise<Asked> {
  const { email } = await newMember(api, bench);
  const { verifier, members } = newChallenge();
  const { status, text } = await api.post(path, { email, ...members });
  assert.equal(status, 200, text);
  return { link: await linkTo(bench, email), verifier };
}

async function askAtSignUp(api: Api, bench: Bench): Promise<Asked> {
  const email = newAddress();
  const { verifier, members } = newChallenge();
  await api.signUp({ email, password: goodPassword, ...members });
  return { link: await linkTo(bench, email), verifier };
}

async function askAtChange(api: Api, bench: Bench): Promise<Asked> {
  const { session } = await newMember(api, bench);
  const { verifier, members } = newChallenge();
  const email = newAddress();
  await api.update(session.access_token, { email, ...members });
  const half = landingOf(await api.follow(await linkTo(bench, session.user.email)));
  assert.ok(half.query.get('message'));
  assert.equal(half.query.get('message'), half.fragment.get('message'));
  return { link: await linkTo(bench, email), verifier };
}

/** The code that the followed link leads to. */
async function codeOf(api: Api, link: string): Promise<string> {
  const { query, fragment } = landingOf(await api.follow(link));
  assert.deepEqual([...query.keys()], ['code']);
  assert.equal([...fragment.keys()].length, 0);
  return query.get('code') ?? '';
}

const ways: Readonly<Record<string, (api: Api, bench: Bench) => Promise<Asked>>> = {
  'email/signup': askAtSignUp,
  magiclink: askForLink,
  recovery: (api, bench) => askForLink(api, bench, '/recover'),
  email_change: askAtChange,
};

const exchangeLaws = given({ under: 'confirm', needs: ['read mail'] }, [
  ...Object.entries(ways).map(([method, ask]): Law => ({
    name: `a link that was asked for with a challenge leads to a code, and that to a session by ${method}`,
    async holds(api, bench) {
      const { link, verifier } = await ask(api, bench);
      assert.match(tokenOf(link), /^pkce_/);
      const session = sessionOf(await api.exchange(await codeOf(api, link), verifier));
      const amr = claimsOf(session.access_token).amr as { method: string }[];
      assert.deepEqual(
        amr.map((one) => one.method),
        [method],
      );
      assert.equal((await api.user(session.access_token)).status, 200);
    },
  })),
  {
    name: 'a code is exchanged once, by whoever holds the verifier',
    async holds(api, bench) {
      const { link, verifier } = await askForLink(api, bench);
      const code = await codeOf(api, link);
      const words = 'code challenge does not match previously saved code verifier';
      refuses(await api.exchange(code, newChallenge().verifier), '400 bad_code_verifier', words);
      sessionOf(await api.exchange(code, verifier));
      refuses(await api.exchange(code, verifier), '404 flow_state_not_found', notFound);
    },
  },
  {
    name: 'A-30 of 50 who exchange one code at once, one is let in',
    async holds(api, bench) {
      const { link, verifier } = await askForLink(api, bench);
      const code = await codeOf(api, link);
      await requireOneOf(
        50,
        () => api.exchange(code, verifier),
        ({ status }) => status === 200,
      );
    },
  },
  {
    name: 'a code is of no use six minutes after it was given out',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { link, verifier } = await askForLink(api, bench);
      const code = await codeOf(api, link);
      bench.advance('6m');
      refuses(await api.exchange(code, verifier), '422 flow_state_expired');
    },
  },
  {
    name: 'a sign-in link that is opened late leads to a code all the same',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { link, verifier } = await askForLink(api, bench);
      bench.advance('30m');
      sessionOf(await api.exchange(await codeOf(api, link), verifier));
    },
  },
  {
    name: 'what a link for a verifier carries can be posted for a session',
    async holds(api, bench) {
      const { link } = await askForLink(api, bench);
      sessionOf(await api.verify({ type: 'magiclink', token_hash: tokenOf(link) }));
    },
  },
  {
    name: 'a link for a verifier that was used says so in the query and in the fragment',
    async holds(api, bench) {
      const { link } = await askForLink(api, bench);
      await codeOf(api, link);
      const { query, fragment } = landingOf(await api.follow(link));
      assert.deepEqual([query.get('error_code'), fragment.get('error_code')], ['otp_expired', 'otp_expired']);
      assert.deepEqual([query.get('code'), fragment.get('access_token')], [null, null]);
    },
  },
  {
    name: 'the code that is mailed beside a link for a verifier opens a session by itself',
    async holds(api, bench) {
      const { email } = await newMember(api, bench);
      await api.post('/otp', { email, ...newChallenge().members });
      const { code } = await bench.mailTo(email);
      sessionOf(await api.verify({ type: 'email', email, token: code }));
    },
  },
  {
    name: 'a link that was asked for without a challenge carries the session itself',
    async holds(api, bench) {
      const { email } = await newMember(api, bench);
      await api.post('/otp', { email });
      const link = await linkTo(bench, email);
      assert.doesNotMatch(tokenOf(link), /^pkce_/);
      await enters(api, await api.follow(link));
    },
  },
]);

const { members } = newChallenge();
const broken: Readonly<Record<string, object>> = {
  'a challenge without its method': { ...members, code_challenge_method: undefined },
  'a method without a challenge': { ...members, code_challenge: undefined },
  'a challenge that is too short': { ...members, code_challenge: 'x'.repeat(42) },
  'a challenge that is too long': { ...members, code_challenge: 'x'.repeat(129) },
  'a challenge of other characters': { ...members, code_challenge: `${'x'.repeat(42)}=` },
};

const refusalLaws: readonly Law[] = [
  ...Object.entries(broken).map(([what, challenge]): Law => ({
    name: `${what} is refused wherever one is taken`,
    async holds(api) {
      const email = newAddress();
      const { session } = await api.newPerson();
      for (const answer of [
        await api.signUp({ email, password: goodPassword, ...challenge }),
        await api.post('/otp', { email, ...challenge }),
        await api.post('/magiclink', { email, ...challenge }),
        await api.post('/recover', { email, ...challenge }),
        await api.post('/resend', { type: 'signup', email, ...challenge }),
        await api.update(session.access_token, { email, ...challenge }),
      ]) {
        refuses(answer, '400 validation_failed');
      }
    },
  })),
  {
    name: 'an exchange needs code and verifier, and a code that there is',
    async holds(api) {
      const { verifier } = newChallenge();
      const words = 'invalid request: both auth code and code verifier should be non-empty';
      for (const [code, word] of [
        ['', verifier],
        ['x', ''],
        [null, verifier],
      ] as const) {
        refuses(await api.exchange(code, word), '400 validation_failed', words);
      }
      for (const code of ['x', '00000000-0000-4000-8000-00000000beef']) {
        refuses(await api.exchange(code, verifier), '404 flow_state_not_found', notFound);
      }
    },
  },
];

export const pkceConformance: Conformance = {
  feature: 'links for a verifier',
  laws: [...exchangeLaws, ...refusalLaws],
};
