import assert from 'node:assert/strict';
import { type Api, goodPassword, landingOf, newAddress, refuses, sessionOf } from '../../testing/api.js';
import {
  aMoment,
  codeIsRefused,
  enters,
  given,
  linkTo,
  newMember,
  otherThan,
  requireOneOf,
  tokenOf,
  turnsAway,
} from '../../testing/by-mail.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';

/** Somebody who signed up and has not confirmed yet. */
async function newcomer(api: Api): Promise<string> {
  const email = newAddress();
  assert.equal((await api.signUp({ email, password: goodPassword })).status, 200);
  return email;
}

async function resent(api: Api, bench: Bench, email: string): Promise<void> {
  bench.advance(aMoment);
  const { status, text } = await api.post('/resend', { type: 'signup', email });
  assert.equal(status, 200, text);
}

const confirmingLaws: readonly Law[] = [
  {
    name: 'a mailed code confirms the sign-up and opens a session, once',
    async holds(api, bench) {
      const email = await newcomer(api);
      refuses(await api.signIn(email, goodPassword), '400 email_not_confirmed', 'Email not confirmed');
      const { code } = await bench.mailTo(email);
      assert.match(code, /^\d{6}$/);
      const session = sessionOf(await api.verify({ type: 'email', email, token: code }));
      assert.ok(session.user.email_confirmed_at);
      assert.equal(session.user.user_metadata.email_verified, true);
      const amr = claimsOf(session.access_token).amr as { method: string }[];
      assert.deepEqual(
        amr.map(({ method }) => method),
        ['otp'],
      );
      codeIsRefused(await api.verify({ type: 'email', email, token: code }));
      sessionOf(await api.signIn(email, goodPassword));
    },
  },
  {
    name: 'a mailed link confirms the sign-up and carries a session to the application, once',
    async holds(api, bench) {
      const email = await newcomer(api);
      const link = await linkTo(bench, email);
      const answer = await api.follow(link);
      const { target, fragment } = landingOf(answer);
      assert.equal(target, bench.site);
      const names = ['access_token', 'expires_at', 'expires_in', 'refresh_token', 'sb', 'token_type', 'type'];
      assert.deepEqual([...fragment.keys()], names);
      assert.deepEqual([fragment.get('token_type'), fragment.get('type')], ['bearer', 'signup']);
      await enters(api, answer);
      sessionOf(await api.refresh(fragment.get('refresh_token')));
      const again = landingOf(await api.follow(link));
      assert.deepEqual(Object.fromEntries(again.fragment), {
        error: 'access_denied',
        error_code: 'otp_expired',
        error_description: 'Email link is invalid or has expired',
        sb: '',
      });
      sessionOf(await api.signIn(email, goodPassword));
    },
  },
  {
    name: 'what a mailed link carries can be posted instead, once',
    async holds(api, bench) {
      const token_hash = tokenOf(await linkTo(bench, await newcomer(api)));
      sessionOf(await api.verify({ type: 'email', token_hash }));
      const again = await api.verify({ type: 'email', token_hash });
      refuses(again, '403 otp_expired', 'Email link is invalid or has expired');
    },
  },
  {
    name: 'the link and the code of one mail are one secret',
    async holds(api, bench) {
      const byCode = await newcomer(api);
      const first = await bench.mailTo(byCode);
      sessionOf(await api.verify({ type: 'signup', email: byCode, token: first.code }));
      turnsAway(await api.follow(first.link ?? ''));
      const byLink = await newcomer(api);
      const second = await bench.mailTo(byLink);
      await enters(api, await api.follow(second.link ?? ''));
      codeIsRefused(await api.verify({ type: 'signup', email: byLink, token: second.code }));
    },
  },
  {
    name: 'a wrong code opens nothing and uses nothing up, whatever its length',
    async holds(api, bench) {
      const email = await newcomer(api);
      const { code } = await bench.mailTo(email);
      for (const token of [otherThan(code), code.slice(1), `${code}0`]) {
        codeIsRefused(await api.verify({ type: 'signup', email, token }));
      }
      sessionOf(await api.verify({ type: 'signup', email, token: code }));
    },
  },
  {
    name: 'A-31 a code opens nothing for another address',
    async holds(api, bench) {
      const [mine, theirs] = [await newcomer(api), await newcomer(api)];
      const { code } = await bench.mailTo(mine);
      const token = code === (await bench.mailTo(theirs)).code ? otherThan(code) : code;
      codeIsRefused(await api.verify({ type: 'signup', email: theirs, token }));
      codeIsRefused(await api.verify({ type: 'signup', email: newAddress(), token }));
      sessionOf(await api.verify({ type: 'signup', email: mine.toUpperCase(), token: code }));
    },
  },
  {
    name: 'what was mailed a day ago opens nothing',
    needs: ['move the clock'],
    async holds(api, bench) {
      const email = await newcomer(api);
      const { code, link } = await bench.mailTo(email);
      bench.advance('25h');
      codeIsRefused(await api.verify({ type: 'signup', email, token: code }));
      turnsAway(await api.follow(link ?? ''));
      refuses(await api.verify({ type: 'signup', token_hash: tokenOf(link ?? '') }), '403 otp_expired');
      refuses(await api.signIn(email, goodPassword), '400 email_not_confirmed');
    },
  },
  {
    name: 'A-34 a newer mail takes the place of the one before it',
    needs: ['move the clock'],
    async holds(api, bench) {
      const email = await newcomer(api);
      const older = await bench.mailTo(email);
      await resent(api, bench, email);
      const newer = await bench.mailTo(email);
      turnsAway(await api.follow(older.link ?? ''));
      if (older.code !== newer.code) {
        codeIsRefused(await api.verify({ type: 'signup', email, token: older.code }));
      }
      await enters(api, await api.follow(newer.link ?? ''));
    },
  },
  {
    name: 'A-32 asking what a link leads to by HEAD or OPTIONS uses nothing up',
    async holds(api, bench) {
      const link = await linkTo(bench, await newcomer(api));
      for (const method of ['HEAD', 'OPTIONS']) {
        const { headers } = await api.follow(link, method);
        assert.ok(!headers.get('location')?.includes('access_token'));
      }
      await enters(api, await api.follow(link));
    },
  },
  {
    name: 'somebody banned is let in by neither link nor code',
    needs: ['ban and delete'],
    async holds(api, bench) {
      for (const way of ['link', 'code'] as const) {
        const email = newAddress();
        const { body } = await api.signUp({ email, password: goodPassword });
        const { code, link } = await bench.mailTo(email);
        await bench.remove(String(body.id), 'ban');
        if (way === 'link') turnsAway(await api.follow(link ?? ''), 'user_banned');
        else refuses(await api.verify({ type: 'signup', email, token: code }), '403 user_banned');
      }
    },
  },
];

const onceLaws: readonly Law[] = [
  {
    name: 'A-30 of 50 who post one code at once, one is let in',
    async holds(api, bench) {
      const email = await newcomer(api);
      const { code } = await bench.mailTo(email);
      const post = () => api.verify({ type: 'signup', email, token: code });
      await requireOneOf(50, post, ({ status }) => status === 200);
    },
  },
  {
    name: 'A-30 of 50 who follow one magic link at once, one is let in',
    async holds(api, bench) {
      const { email } = await newMember(api, bench);
      assert.equal((await api.post('/otp', { email })).status, 200);
      const link = await linkTo(bench, email);
      const isIn = ({ headers }: { headers: Headers }) => /access_token/.test(headers.get('location') ?? '');
      await requireOneOf(50, () => api.follow(link), isIn);
    },
  },
];

const laws = given({ under: 'confirm', needs: ['read mail'] }, [...confirmingLaws, ...onceLaws]);

export const verifyConformance: Conformance = { feature: 'links and codes', laws };
