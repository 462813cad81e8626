import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, ask } from '../../../../../test/support/ask.js';
import { fragmentOf, RedeemBench, said } from '../../../../../test/support/redeem-bench.js';
import { profileOf, ScriptedIdp } from '../../../../../test/support/scripted-idp.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { AuthError } from '../../core/auth-error.js';
import { oauthConditions } from './oauth.contract.js';

const verifier = randomBytes(32).toString('base64url');
const challenge = {
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 's256',
};
const versioned = { 'x-supabase-api-version': '2024-01-01' };
const lost = (code: string) =>
  expect.stringMatching(new RegExp(`^303 https://app\\.example\\?error=invalid_request&error_code=${code}&`));
const told = ({ status, headers }: Answer): string => `${status} ${headers.get('location')}`;

onBothDatabases('the way back from an identity provider', (open) => {
  const [one, other] = [new ScriptedIdp('one'), new ScriptedIdp('other')];
  const idps = { one: one.choice, other: other.choice };
  let strict: RedeemBench;
  let gotrue: RedeemBench;
  const benchOf = (mode: string) => (mode === 'strict' ? strict : gotrue);
  beforeAll(async () => {
    const identities = { manualLinking: true };
    strict = await RedeemBench.open(open(), { oauth: { idps }, identities });
    gotrue = await RedeemBench.open(open(), { compatibility: 'gotrue', oauth: { idps }, identities });
  });
  afterAll(() => Promise.all([strict.close(), gotrue.close()]));
  beforeEach(() => {
    const subject = randomUUID();
    one.answer = other.answer = async () => profileOf(subject);
  });

  interface Way {
    readonly state: string;
    readonly cookie: string;
  }
  /** A browser that leaves for the provider. */
  async function leave(bench: RedeemBench, query: Record<string, string> = {}): Promise<Way> {
    const members = new URLSearchParams({ provider: 'one', ...query });
    const answer = await ask(`${bench.base}/authorize?${members}`, { headers: versioned });
    expect(answer.status).toBe(302);
    return wayOf(answer, answer.headers.get('location') ?? '');
  }
  const wayOf = ({ headers }: Answer, url: string): Way => ({
    state: new URL(url).searchParams.get('state') ?? '',
    cookie: headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; '),
  });
  const comeBack = (bench: RedeemBench, way: Way, query: Record<string, string> = { code: 'c' }) =>
    ask(`${bench.base}/callback?${new URLSearchParams({ state: way.state, ...query })}`, {
      headers: { ...versioned, ...(way.cookie && { cookie: way.cookie }) },
    });
  const codeOf = (answer: Answer): string =>
    new URL(answer.headers.get('location') ?? '').searchParams.get('code') ?? '';
  async function leaveToLink(bench: RedeemBench, query: Record<string, string> = {}) {
    const session = await signedIn(bench);
    const members = new URLSearchParams({ provider: 'one', skip_http_redirect: 'true', ...query });
    const answer = await ask(`${bench.base}/user/identities/authorize?${members}`, {
      bearer: session.access_token,
      headers: versioned,
    });
    expect(answer.status).toBe(200);
    return { ...wayOf(answer, answer.body.url), userId: session.user.id };
  }
  /** A session of somebody new. */
  async function signedIn(bench: RedeemBench) {
    const way = await leave(bench, { provider: 'other', ...challenge });
    other.answer = async () => profileOf(randomUUID());
    return (await bench.exchange(codeOf(await comeBack(bench, way)), verifier)).body;
  }
  const sessionsOf = async (bench: RedeemBench, subject: string) =>
    (
      await bench.query(
        'SELECT s.id FROM auth.sessions s JOIN auth.identities i USING (user_id) WHERE i.provider_id = $1',
        [subject],
      )
    ).length;

  describe.each(['strict', 'gotrue'])('%s', (mode) => {
    it('brings a session and, once, the tokens of the provider', async () => {
      const bench = benchOf(mode);
      const answer = await comeBack(bench, await leave(bench));
      expect(told(answer)).toMatch(/^302 https:\/\/app\.example#access_token=/);
      const { access_token: access = '', ...fragment } = fragmentOf(answer);
      expect(fragment).toMatchObject({ provider_token: 'at-secret', provider_refresh_token: 'rt-secret' });
      expect(fragment).not.toHaveProperty('type');
      const claims = JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString());
      expect(claims.amr).toMatchObject([{ method: 'oauth' }]);
    });

    it('brings a code that is traded for the session and the tokens of the provider, once', async () => {
      const bench = benchOf(mode);
      const code = codeOf(await comeBack(bench, await leave(bench, challenge)));
      expect(said(await bench.exchange(code, 'x'.repeat(43)))).toBe('400 bad_code_verifier');
      const answer = await bench.exchange(code, verifier);
      expect(answer.body).toMatchObject({
        provider_token: 'at-secret',
        provider_refresh_token: 'rt-secret',
      });
      expect(said(await bench.exchange(code, verifier))).toBe('404 flow_state_not_found');
    });

    it('answers an invitation, whose token is in no row to be read but where a GoTrue server is to read it', async () => {
      const bench = benchOf(mode);
      const user = await bench.person({ emailConfirmedAt: null });
      const { linkToken } = await bench.send(user, 'invite');
      const way = await leave(bench, { invite_token: linkToken });
      const rows = await bench.query('SELECT invite_token FROM auth.flow_state WHERE id = $1', [way.state]);
      expect(JSON.stringify(rows).includes(linkToken)).toBe(mode === 'gotrue');
      one.answer = async () => profileOf(randomUUID(), user.email ?? '');
      expect(told(await comeBack(bench, way))).toContain('#access_token=');
    });

    it('P-02 ends with all sessions of the person: neither a link nor a code that is under way outlives them', async () => {
      const bench = benchOf(mode);
      const session = await signedIn(bench);
      const members = new URLSearchParams({ provider: 'one', skip_http_redirect: 'true', ...challenge });
      const asked = await ask(`${bench.base}/user/identities/authorize?${members}`, {
        bearer: session.access_token,
        headers: versioned,
      });
      const link = wayOf(asked, asked.body.url);
      other.answer = async () => profileOf(session.user.identities[0].id);
      const code = codeOf(await comeBack(bench, await leave(bench, { provider: 'other', ...challenge })));
      const out = await ask(`${bench.base}/logout?scope=global`, {
        method: 'POST',
        bearer: session.access_token,
      });
      expect(out.status).toBe(204);
      expect(said(await bench.exchange(code, verifier))).toBe('404 flow_state_not_found');
      expect(told(await comeBack(bench, link))).toEqual(lost('bad_oauth_state'));
      expect(one.returned).not.toContainEqual(expect.objectContaining({ state: link.state }));
    });

    it('O-09 has a code that is good for five minutes', async () => {
      const bench = benchOf(mode);
      const code = codeOf(await comeBack(bench, await leave(bench, challenge)));
      bench.clock.advance('6m');
      expect(said(await bench.exchange(code, verifier))).toBe('422 flow_state_expired');
    });

    it.each([
      ['a callback without a state', {}, 'bad_oauth_callback'],
      ['a state of another form', { state: 'banana' }, 'bad_oauth_state'],
      ['a state that nobody was given', { state: randomUUID() }, 'bad_oauth_state'],
    ])('O-01 is closed to %s, and the body says so too', async (_, query, code) => {
      const answer = await ask(
        `${benchOf(mode).base}/callback?${new URLSearchParams({ code: 'c', ...query })}`,
        { headers: versioned },
      );
      expect(told(answer)).toEqual(lost(code));
      expect(answer.body).toMatch(
        new RegExp(`See Other</a>\\.\n\n\\{"code":"${code}","message":"[^"]+"\\}$`),
      );
    });

    it('O-01 is closed after five minutes', async () => {
      const bench = benchOf(mode);
      const way = await leave(bench);
      bench.clock.advance('6m');
      expect(told(await comeBack(bench, way))).toEqual(lost('bad_oauth_state'));
    });

    it('O-05 leads to the provider that the browser was sent to, whichever sends it back', async () => {
      const bench = benchOf(mode);
      const way = await leave(bench, { provider: 'other' });
      const [before, beforeOther] = [one.returned.length, other.returned.length];
      await comeBack(bench, way, { code: 'c', provider: 'one', iss: 'https://one.example' });
      expect([one.returned.length - before, other.returned.length - beforeOther]).toEqual([0, 1]);
      // RFC 9207: what it is compared with only the provider knows.
      expect(other.returned.at(-1)?.answer).toMatchObject({ iss: 'https://one.example' });
    });

    it.each([
      ['a session', {}],
      ['a code', challenge],
    ])('O-08 of 50 at once, one gets %s', async (_, query) => {
      const bench = benchOf(mode);
      const subject = randomUUID();
      one.answer = async () => profileOf(subject);
      const way = await leave(bench, query);
      const answers = await Promise.all(Array.from({ length: 50 }, () => comeBack(bench, way)));
      const good = answers.filter(({ headers }) =>
        /access_token=|[?&]code=/.test(headers.get('location') ?? ''),
      );
      expect(good).toHaveLength(1);
      expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
      expect(await sessionsOf(bench, subject)).toBe('code_challenge' in query ? 0 : 1);
    });

    it('O-11 hands on what the provider says, encoded and no longer than it needs to be', async () => {
      const bench = benchOf(mode);
      const description = `<script>alert(1)</script>\r\nSet-Cookie: a=b&error_code=x${'y'.repeat(2_000)}`;
      const answer = await comeBack(bench, await leave(bench), {
        error: 'access_denied',
        error_description: description,
      });
      const location = answer.headers.get('location') ?? '';
      const { searchParams, hash } = new URL(location);
      expect([...searchParams.keys()].toSorted()).toEqual(['error', 'error_description']);
      expect(searchParams.get('error_description')).toBe(description.slice(0, 500));
      expect(new URLSearchParams(hash.slice(1)).get('error_description')).toBe(description.slice(0, 500));
      expect(location).not.toMatch(/[<>\r\n]/);
      expect(answer.headers.getSetCookie().join()).not.toContain('a=b');
      expect(answer.body).not.toContain('<script');
    });

    it('O-14 is refused where a member comes twice, and nothing is spent', async () => {
      const bench = benchOf(mode);
      const way = await leave(bench);
      const headers = { ...versioned, cookie: way.cookie };
      const query = `code=c&state=${way.state}`;
      for (const twice of [`${query}&code=d`, `${query}&state=${randomUUID()}`]) {
        const answer = await ask(`${bench.base}/callback?${twice}`, { headers });
        expect(said(answer)).toBe('400 validation_failed');
      }
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      for (const [search, body, refusal] of [
        ['', `${query}&code=d`, '400 bad_json'],
        ['?code=d', query, '400 validation_failed'],
      ] as const) {
        const answer = await ask(`${bench.base}/callback${search}`, { body, headers: form });
        expect(said(answer)).toBe(refusal);
      }
      expect(fragmentOf(await comeBack(bench, way))).toHaveProperty('access_token');
    });

    it('is no sign-in where it was begun to link, nor the other way round', async () => {
      const bench = benchOf(mode);
      const way = await leaveToLink(bench);
      const subject = randomUUID();
      one.answer = async () => profileOf(subject);
      await comeBack(bench, way);
      const [identity] = await bench.query('SELECT user_id FROM auth.identities WHERE provider_id = $1', [
        subject,
      ]);
      expect(identity).toEqual({ user_id: way.userId });
    });
  });

  describe('in strict mode', () => {
    it('O-10 needs the browser that left, unless a verifier tells who it is', async () => {
      const way = await leave(strict);
      const mine = await leave(strict);
      for (const cookie of ['', mine.cookie, way.cookie.replace(/=.*/, '=x'), `${way.cookie}x`]) {
        expect(told(await comeBack(strict, { ...way, cookie }))).toEqual(lost('bad_oauth_state'));
      }
      expect(fragmentOf(await comeBack(strict, way))).toHaveProperty('access_token');
      const withVerifier = await leave(strict, challenge);
      expect(withVerifier.cookie).toBe('');
      expect(codeOf(await comeBack(strict, withVerifier))).not.toBe('');
    });

    it('O-01 spends the state whatever comes of it, before the provider is asked', async () => {
      const way = await leave(strict);
      await comeBack(strict, way, { error: 'access_denied' });
      expect(told(await comeBack(strict, way))).toEqual(lost('flow_state_already_used'));
      const failing = await leave(strict);
      one.answer = async () => {
        expect(told(await comeBack(strict, failing))).toEqual(lost('flow_state_already_used'));
        throw new AuthError(oauthConditions.idpAnswerRefused, { value: 'No' });
      };
      expect(told(await comeBack(strict, failing))).toBe(
        '302 https://app.example?error=invalid_request&error_code=unexpected_failure&error_description=No' +
          '#error=invalid_request&error_code=unexpected_failure&error_description=No&sb=',
      );
      expect(told(await comeBack(strict, failing))).toEqual(lost('flow_state_already_used'));
    });

    it('binds the provider’s answer to the way by what only the state and our key make', async () => {
      await comeBack(strict, await leave(strict));
      const [started, returned] = [one.started.at(-1), one.returned.at(-1)];
      expect(started?.verifier).toMatch(/^[\w-]{43}$/);
      expect(started?.nonce).toMatch(/^[\w-]{43}$/);
      expect(started?.nonce).not.toBe(started?.verifier);
      expect(returned).toMatchObject({ verifier: started?.verifier, nonce: started?.nonce });
      await leave(strict);
      expect(one.started.at(-1)?.verifier).not.toBe(started?.verifier);
    });

    it('keeps the tokens of the provider where nobody can read them, until the code is traded', async () => {
      const way = await leave(strict, challenge);
      const code = codeOf(await comeBack(strict, way));
      const [row] = await strict.query('SELECT * FROM auth.flow_state WHERE id = $1', [way.state]);
      expect(JSON.stringify(row)).not.toMatch(/at-secret|rt-secret/);
      await strict.exchange(code, verifier);
      expect(await strict.query('SELECT FROM auth.flow_state WHERE id = $1', [way.state])).toEqual([]);
    });

    it('sends who comes back by a form round once more, with their cookie', async () => {
      const way = await leave(strict);
      const answer = await ask(`${strict.base}/callback`, {
        body: String(new URLSearchParams({ code: 'c', state: way.state, user: '{"name":"Ann"}' })),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      const { search } = new URL(answer.headers.get('location') ?? '');
      expect([answer.status, answer.headers.get('location')]).toEqual([
        303,
        `${strict.base.replace('127.0.0.1', 'localhost')}/callback${search}`,
      ]);
      const again = await ask(`${strict.base}/callback${search}`, { headers: { cookie: way.cookie } });
      expect(fragmentOf(again)).toHaveProperty('access_token');
      expect(one.returned.at(-1)?.answer).toMatchObject({ user: '{"name":"Ann"}' });
      expect(again.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')]);
    });

    it('tells a provider that does not answer from one that refuses', async () => {
      one.answer = async () => {
        throw new AuthError(oauthConditions.idpUnavailable, { value: 'Gone' });
      };
      expect(told(await comeBack(strict, await leave(strict)))).toContain(
        '?error=temporarily_unavailable&error_code=unexpected_failure&error_description=Gone#',
      );
      expect(told(await comeBack(gotrue, await leave(gotrue)))).toContain(
        '?error=server_error&error_code=unexpected_failure&error_description=Gone#',
      );
    });

    it('O-13 hands on nothing that would change what is asked, nor what is ours', async () => {
      const reserved = 'client_id Client_Secret redirect_uri response_type state code_verifier scope nonce';
      const unwanted = `${reserved} response_mode request request_uri skip_http_redirect Provider`.split(' ');
      await leave(strict, {
        prompt: 'login',
        login_hint: 'ann',
        workos_provider: 'x',
        scopes: 'a,b c',
        redirect_to: 'https://app.example/in',
        ...Object.fromEntries(unwanted.map((name) => [name, 'evil'])),
      });
      expect(one.started.at(-1)).toMatchObject({
        parameters: { prompt: 'login', login_hint: 'ann', provider: 'x' },
        scopes: ['a', 'b', 'c'],
      });
      expect(Object.keys(one.started.at(-1)?.parameters ?? {})).toHaveLength(3);
    });
  });

  describe('as in GoTrue', () => {
    it('needs no cookie, and asks the provider for neither PKCE nor a nonce', async () => {
      const way = await leave(gotrue);
      expect(way.cookie).toBe('');
      expect(one.started.at(-1)).toMatchObject({ verifier: null, nonce: null });
      expect(fragmentOf(await comeBack(gotrue, way))).toHaveProperty('access_token');
    });

    it('leaves the state as it was where nothing came of it', async () => {
      const way = await leave(gotrue);
      await comeBack(gotrue, way, { error: 'access_denied' });
      expect(told(await comeBack(gotrue, way, {}))).toContain('error_code=bad_oauth_callback');
      expect(fragmentOf(await comeBack(gotrue, way))).toHaveProperty('access_token');
    });

    it('O-13 hands on everything but what names client, state and way back', async () => {
      await leave(gotrue, { scope: 'e', nonce: 'n', client_id: 'e', Client_Id: 'e', redirect_to: 'r' });
      expect(one.started.at(-1)?.parameters).toEqual({ scope: 'e', nonce: 'n', redirect_to: 'r' });
    });
  });

  it('O-03 is begun with a whole challenge or none', async () => {
    const whole = challenge.code_challenge;
    for (const query of [
      { code_challenge: whole },
      { code_challenge_method: 's256' },
      { code_challenge: 'short', code_challenge_method: 's256' },
      { code_challenge: `${whole}!`, code_challenge_method: 's256' },
      { code_challenge: whole, code_challenge_method: 'plain' },
    ]) {
      const members = new URLSearchParams({ provider: 'one', ...(query as Record<string, string>) });
      const answer = await ask(`${strict.base}/authorize?${members}`, { headers: versioned });
      expect(said(answer)).toBe('400 validation_failed');
    }
  });
});
