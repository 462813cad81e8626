import assert from 'node:assert/strict';
import { type Answer, landingOf, newAddress, refuses, sessionOf } from '../../testing/api.js';
import { given, linkTo, newMember, turnsAway } from '../../testing/by-mail.js';
import type { Conformance, Law } from '../../testing/conformance.js';

const email = 'nobody@example.com';
const token_hash = 'a'.repeat(56);

/** What is posted, and what is said to it (contract 2.8). */
const refusals: readonly (readonly [what: string, body: object, refusal: string, words?: string])[] = [
  ['no type', { email, token: '123456' }, '400 validation_failed', 'Verify requires a verification type'],
  [
    'no token',
    { type: 'email', email },
    '400 validation_failed',
    'Verify requires either a token or a token hash',
  ],
  [
    'a token and a hash',
    { type: 'email', email, token: '123456', token_hash },
    '400 validation_failed',
    'Verify requires either a token or a token hash',
  ],
  ['a hash and an address', { type: 'email', email, token_hash }, '400 validation_failed'],
  ['a token without an address', { type: 'email', token: '123456' }, '400 validation_failed'],
  ['two addresses', { type: 'email', email, phone: '15551234567', token: '123456' }, '400 validation_failed'],
  ['an address that is none', { type: 'email', email: 'x', token: '123456' }, '422 validation_failed'],
  ['a number that is none', { type: 'sms', phone: 'x', token: '123456' }, '400 validation_failed'],
  ['a hash of a text message', { type: 'sms', token_hash }, '400 validation_failed'],
  ['an unknown address', { type: 'email', email, token: '123456' }, '403 otp_expired'],
  ['a type that is none', { type: 'banana', email, token: '123456' }, '403 otp_expired'],
  ['a hash of nothing', { type: 'email', token_hash }, '403 otp_expired'],
];

const postLaws = refusals.map(([what, body, refusal, words]): Law => ({
  name: `a redemption is refused for ${what}`,
  async holds(api) {
    refuses(await api.verify(body), refusal, words);
  },
}));

const blanks: readonly unknown[] = ['', null, undefined, [], {}, 0, false, ['123456']];

const linkLaws: readonly Law[] = [
  {
    name: 'A-37 a token that is blank or no text is none',
    async holds(api) {
      for (const blank of blanks) {
        for (const type of ['signup', 'recovery', 'magiclink', 'email', 'email_change', 'invite']) {
          const byCode = await api.verify({ type, email, token: blank });
          const byHash = await api.verify({ type, token_hash: blank });
          assert.deepEqual([byCode.status, byHash.status], [400, 400], `${type} ${JSON.stringify(blank)}`);
        }
      }
    },
  },
  {
    name: 'a link without type or token is refused where it stands',
    async holds(api) {
      for (const query of [
        '',
        '?type=signup',
        `?token=${token_hash}`,
        '?type=signup&token=',
        '?token=&type=',
      ]) {
        refuses(await api.ask('GET', `/verify${query}`), '400 validation_failed');
      }
    },
  },
  {
    name: 'a link that opens nothing says so in the fragment',
    async holds(api) {
      const answer = await api.ask('GET', `/verify?type=signup&token=${token_hash}`);
      const { query, fragment } = landingOf(answer);
      assert.equal([...query.keys()].length, 0);
      assert.deepEqual([...fragment.keys()], ['error', 'error_code', 'error_description', 'sb']);
      turnsAway(answer);
    },
  },
  {
    name: 'a link for a verifier that opens nothing says so in the query and in the fragment',
    async holds(api) {
      const answer = await api.ask('GET', `/verify?type=magiclink&token=pkce_${token_hash}`);
      const { query, fragment } = landingOf(answer);
      assert.equal(query.get('error_code'), 'otp_expired');
      assert.equal(query.get('error'), fragment.get('error'));
      assert.equal(query.get('error_description'), fragment.get('error_description'));
      turnsAway(answer);
    },
  },
];

type Redeem = (type: string) => Promise<Answer>;

/** Every type but those that fit. */
const otherTypes = (...fits: string[]): string[] =>
  ['signup', 'invite', 'magiclink', 'recovery', 'email_change', 'email'].filter((one) => !fits.includes(one));

async function requireRefused(types: readonly string[], redeem: Redeem): Promise<void> {
  for (const type of types) refuses(await redeem(type), '403 otp_expired');
}

const purposeLaws = given({ under: 'confirm', needs: ['read mail'] }, [
  {
    name: 'A-31 the mail of a sign-up recovers no password and changes no address',
    async holds(api, bench) {
      const address = newAddress();
      await api.signUp({ email: address, password: 'correct horse 9 battery' });
      const { code, link } = await bench.mailTo(address);
      const hash = new URL(link ?? '').searchParams.get('token');
      for (const type of ['recovery', 'email_change']) {
        refuses(await api.verify({ type, email: address, token: code }), '403 otp_expired');
        refuses(await api.verify({ type, token_hash: hash }), '403 otp_expired');
      }
      sessionOf(await api.verify({ type: 'signup', token_hash: hash }));
    },
  },
  ...(['recovery', 'magiclink'] as const).map((kind): Law => ({
    name: `A-31 a link for ${kind === 'recovery' ? 'a new password' : 'signing in'} is good for that alone`,
    async holds(api, bench) {
      const { email: address } = await newMember(api, bench);
      await api.post(kind === 'recovery' ? '/recover' : '/otp', { email: address });
      const link = await linkTo(bench, address);
      const hash = new URL(link).searchParams.get('token');
      const wrong = kind === 'recovery' ? otherTypes('recovery') : otherTypes('magiclink', 'email');
      await requireRefused(wrong, (type) => api.verify({ type, token_hash: hash }));
      sessionOf(await api.verify({ type: kind, token_hash: hash }));
    },
  })),
]);

export const verifyRefusalsConformance: Conformance = {
  feature: 'links and codes that open nothing',
  laws: [...postLaws, ...linkLaws, ...purposeLaws],
};
