import assert from 'node:assert/strict';
import { type Answer, type Api, type Person, refuses, sessionOf } from '../../testing/api.js';
import type { Bench, Conformance, Law } from '../../testing/conformance.js';
import { claimsOf } from '../../testing/tokens.js';
import { totpAt } from '../../tokens/totp.js';
import type { SessionBody } from '../../wire/session.js';

interface Enrolled {
  readonly id: string;
  readonly secret: string;
}

const strange = '00000000-0000-4000-8000-000000000003';

const enroll = (api: Api, bearer: string, body: object = {}): Promise<Answer> =>
  api.ask('POST', '/factors', { bearer, body: { factor_type: 'totp', ...body } });

const challenge = (api: Api, bearer: string, id: string): Promise<Answer> =>
  api.ask('POST', `/factors/${id}/challenge`, { bearer, body: {} });

async function enrolled(api: Api, bearer: string): Promise<Enrolled> {
  const { status, body, text } = await enroll(api, bearer);
  assert.equal(status, 200, text);
  return { id: body.id as string, secret: (body.totp as { secret: string }).secret };
}

async function answer(api: Api, bearer: string, { id, code }: { id: string; code: string }): Promise<Answer> {
  const { body, text } = await challenge(api, bearer, id);
  assert.equal(typeof body.id, 'string', text);
  return api.ask('POST', `/factors/${id}/verify`, { bearer, body: { challenge_id: body.id, code } });
}

/** A code that is not good at this moment, nor a moment before or after. */
function wrongCode({ secret }: Enrolled, bench: Bench): string {
  const near = [-30, 0, 30].map((seconds) =>
    totpAt(secret, new Date(bench.now().getTime() + seconds * 1000)),
  );
  return ['000000', '111111', '222222', '333333'].find((code) => !near.includes(code)) ?? '';
}

interface Protected {
  readonly person: Person;
  readonly factor: Enrolled;
  /** Of before. */
  readonly low: SessionBody;
  readonly high: SessionBody;
}

async function protectedPerson(api: Api, bench: Bench): Promise<Protected> {
  const person = await api.newPerson();
  const low = person.session;
  const factor = await enrolled(api, low.access_token);
  const code = totpAt(factor.secret, bench.now());
  const high = sessionOf(await answer(api, low.access_token, { id: factor.id, code }));
  return { person, factor, low, high };
}

const mfaLaws: readonly Law[] = [
  {
    name: 'an authenticator application is set up with a seed, an address and a picture of it',
    async holds(api) {
      const { email, session } = await api.newPerson();
      const { body, text } = await enroll(api, session.access_token, { friendly_name: 'phone' });
      assert.deepEqual([body.type, body.friendly_name], ['totp', 'phone'], text);
      const totp = body.totp as { secret: string; uri: string; qr_code: string };
      assert.match(totp.secret, /^[A-Z2-7]{32}$/);
      const { protocol, pathname, searchParams } = new URL(totp.uri);
      assert.equal(protocol, 'otpauth:');
      assert.ok(decodeURIComponent(pathname).endsWith(`:${email}`), totp.uri);
      assert.equal(searchParams.get('secret'), totp.secret);
      assert.match(totp.qr_code, /<svg[\s\S]*<\/svg>/);
    },
  },
  {
    name: 'two factors have two names',
    async holds(api) {
      const { access_token: bearer } = (await api.newPerson()).session;
      for (const body of [{}, { friendly_name: 'phone' }]) {
        assert.equal((await enroll(api, bearer, body)).status, 200);
        refuses(await enroll(api, bearer, body), '422 mfa_factor_name_conflict');
      }
      refuses(await enroll(api, bearer, { factor_type: 'banana' }), '400 validation_failed');
    },
  },
  {
    name: 'a right code raises the session, and a refresh keeps it raised',
    async holds(api, bench) {
      const { factor, low, high } = await protectedPerson(api, bench);
      const claims = claimsOf(high.access_token);
      assert.equal(claims.aal, 'aal2');
      assert.equal(claims.session_id, claimsOf(low.access_token).session_id);
      assert.deepEqual((claims.amr as { method: string }[]).map(({ method }) => method).toSorted(), [
        'password',
        'totp',
      ]);
      assert.equal(high.user.factors?.[0]?.id, factor.id);
      assert.equal(high.user.factors?.[0]?.status, 'verified');
      const refreshed = sessionOf(await api.refresh(high.refresh_token));
      assert.equal(claimsOf(refreshed.access_token).aal, 'aal2');
    },
  },
  {
    name: 'M-07 sessions that have not shown the factor end when it is shown',
    async holds(api, bench) {
      const person = await api.newPerson();
      const other = await api.newSession(person);
      const { access_token: bearer } = person.session;
      const factor = await enrolled(api, bearer);
      const code = totpAt(factor.secret, bench.now());
      sessionOf(await answer(api, bearer, { id: factor.id, code }));
      refuses(await api.user(other.access_token), '403 session_not_found');
    },
  },
  {
    name: 'a wrong code, an unknown challenge and one that was used raise nothing',
    async holds(api, bench) {
      const { factor, high } = await protectedPerson(api, bench);
      const { access_token: bearer } = high;
      const wrong = await answer(api, bearer, { id: factor.id, code: wrongCode(factor, bench) });
      refuses(wrong, '422 mfa_verification_failed', 'Invalid TOTP code entered');
      const path = `/factors/${factor.id}/verify`;
      const unknown = { challenge_id: strange, code: '000000' };
      refuses(await api.ask('POST', path, { bearer, body: unknown }), '422 mfa_factor_not_found');
      refuses(
        await api.ask('POST', path, { bearer, body: { challenge_id: strange } }),
        '400 validation_failed',
      );
    },
  },
  {
    name: 'M-01 at aal1 a verified factor is not given up, none is added, and the password stays',
    async holds(api, bench) {
      const { person, factor } = await protectedPerson(api, bench);
      const { access_token: bearer } = await api.newSession(person);
      assert.equal(claimsOf(bearer).aal, 'aal1');
      refuses(await api.ask('DELETE', `/factors/${factor.id}`, { bearer }), '422 insufficient_aal');
      refuses(await enroll(api, bearer, { friendly_name: 'another' }), '403 insufficient_aal');
      refuses(await api.update(bearer, { password: 'another harbour 8' }), '401 insufficient_aal');
    },
  },
  {
    name: 'M-02 a factor that is given up is gone, and the session falls back at its next refresh',
    async holds(api, bench) {
      const { factor, high } = await protectedPerson(api, bench);
      const { access_token: bearer } = high;
      const gone = await api.ask('DELETE', `/factors/${factor.id}`, { bearer });
      assert.deepEqual(gone.body, { id: factor.id }, gone.text);
      assert.equal((await api.user(bearer)).body.factors, undefined);
      const refreshed = sessionOf(await api.refresh(high.refresh_token));
      assert.equal(claimsOf(refreshed.access_token).aal, 'aal1');
    },
  },
  {
    name: 'M-08 a factor of somebody else is not there, and neither is what is no id',
    async holds(api) {
      const factor = await enrolled(api, (await api.newPerson()).session.access_token);
      const { access_token: bearer } = (await api.newPerson()).session;
      for (const id of [factor.id, strange]) {
        refuses(await challenge(api, bearer, id), '404 mfa_factor_not_found');
        refuses(await api.ask('DELETE', `/factors/${id}`, { bearer }), '404 mfa_factor_not_found');
      }
      for (const id of ['x', '..%2fadmin', '%20']) {
        refuses(await challenge(api, bearer, id), '404 validation_failed');
      }
    },
  },
  {
    name: 'M-03 a code is accepted once',
    async holds(api, bench) {
      const { person, factor } = await protectedPerson(api, bench);
      const { access_token: bearer } = await api.newSession(person);
      const code = totpAt(factor.secret, bench.now());
      refuses(await answer(api, bearer, { id: factor.id, code }), '422 mfa_verification_failed');
    },
  },
  {
    name: 'M-04 the sixth wrong code in a row is not looked at, and neither is a right one then',
    needs: ['move the clock'],
    async holds(api, bench) {
      const { factor, high } = await protectedPerson(api, bench);
      const { access_token: bearer } = high;
      bench.advance('30s');
      for (let i = 0; i < 5; i++) {
        const code = wrongCode(factor, bench);
        refuses(await answer(api, bearer, { id: factor.id, code }), '422 mfa_verification_failed');
      }
      const code = totpAt(factor.secret, bench.now());
      refuses(await answer(api, bearer, { id: factor.id, code }), '429 over_request_rate_limit');
      bench.advance('5m');
      sessionOf(await answer(api, bearer, { id: factor.id, code: totpAt(factor.secret, bench.now()) }));
    },
  },
  {
    name: 'M-10 a recovery code stands in for a factor once',
    async holds(api, bench) {
      const { person, high } = await protectedPerson(api, bench);
      const made = await api.ask('POST', '/factors/recovery-codes', { bearer: high.access_token });
      assert.equal(made.status, 200, made.text);
      const [code] = made.body.codes as string[];
      const { access_token: bearer } = await api.newSession(person);
      refuses(await api.ask('POST', '/factors/recovery-codes', { bearer }), '403 insufficient_aal');
      const path = '/factors/recovery-codes/verify';
      const raised = sessionOf(await api.ask('POST', path, { bearer, body: { code } }));
      assert.equal(claimsOf(raised.access_token).aal, 'aal2');
      const question = { bearer: raised.access_token };
      const { body } = await api.ask('GET', '/factors/recovery-codes', question);
      assert.deepEqual(body, { remaining: 9 });
      refuses(await api.ask('POST', path, { ...question, body: { code } }), '422 mfa_verification_failed');
    },
  },
];

export const mfaConformance: Conformance = { feature: 'mfa', laws: mfaLaws };
