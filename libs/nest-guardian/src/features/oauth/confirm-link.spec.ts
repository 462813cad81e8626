import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MovableClock } from 'nest-guardian/testing';
import { type Answer, ask } from '../../../../../test/support/ask.js';
import { fragmentOf, newNumber, RedeemBench } from '../../../../../test/support/redeem-bench.js';
import { profileOf, ScriptedIdp } from '../../../../../test/support/scripted-idp.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { User } from '../../core/records.js';
import { AccessTokens } from '../../tokens/access-tokens.js';

const verifier = randomBytes(32).toString('base64url');
const challenge = {
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 's256',
};
const secret = 'this secret is long enough for the specs of links';

/** A browser that left without its cookie, and came back with a code of whoever is signed in there. */
interface Return {
  readonly user: User;
  readonly path: string;
}

onBothDatabases('somebody who links in a browser without the cookie', (open) => {
  const idp = new ScriptedIdp('one');
  let bench: RedeemBench;
  let compatible: RedeemBench;
  let subject: string;
  beforeAll(async () => {
    const options = { oauth: { idps: { one: idp.choice } }, identities: { manualLinking: true } };
    bench = await RedeemBench.open(open(), options);
    compatible = await RedeemBench.open(open(), { ...options, compatibility: 'gotrue' });
  });
  afterAll(() => Promise.all([bench.close(), compatible.close()]));
  beforeEach(() => {
    subject = randomUUID();
    idp.answer = async () => profileOf(subject);
  });

  async function comesBack(
    user: User,
    { at = bench, query = {}, brings = { code: 'c&<d' } as Record<string, string> } = {},
  ): Promise<Return> {
    const members = new URLSearchParams({ provider: 'one', skip_http_redirect: 'true', ...query });
    const { body } = await ask(`${at.base}/user/identities/authorize?${members}`, {
      bearer: bearerOf(user, at.clock),
    });
    const state = new URL(body.url).searchParams.get('state') ?? '';
    return { user, path: `${at.base}/callback?${new URLSearchParams({ state, ...brings })}` };
  }
  const bearerOf = ({ id }: User, clock: MovableClock): string => {
    const iat = Math.floor(clock.now().getTime() / 1000);
    const claims = { sub: id, role: 'authenticated', aud: 'authenticated', iat, exp: iat + 60, aal: 'aal1' };
    return AccessTokens.from({ secret }, [], clock).sign(claims);
  };
  const cookieOf = ({ headers }: Answer): string =>
    headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  const memberOf = ({ body }: Answer): string => /name="confirmed" value="([\w-]+)"/.exec(body)?.[1] ?? '';
  const press = (path: string, confirmed: string, cookie = ''): Promise<Answer> =>
    ask(path, {
      body: String(new URLSearchParams({ confirmed })),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...(cookie && { cookie }) },
    });
  const waysOf = async ({ id }: User): Promise<string[]> =>
    (await bench.find({ id })).identities.map(({ provider }) => provider).toSorted();

  it('is asked on a page that tells provider, account and site, and nothing has happened by that', async () => {
    const { user, path } = await comesBack(await bench.person());
    const asked = idp.returned.length;
    for (let i = 0; i < 3; i++) {
      const { status, headers, body } = await ask(path);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      for (const told of ['one', user.email, 'app.example']) expect(body).toContain(told);
      expect(body).toContain('<form method="post">');
    }
    expect(idp.returned).toHaveLength(asked);
    expect(await waysOf(user)).toEqual(['email']);
    expect(fragmentOf(await pressed(path))).toHaveProperty('access_token');
  });

  async function pressed(path: string): Promise<Answer> {
    const page = await ask(path);
    return press(path, memberOf(page), cookieOf(page));
  }

  it('has one more way in after pressing the button, once, and the cookie is taken back', async () => {
    const { user, path } = await comesBack(await bench.person());
    const answer = await pressed(path);
    expect(answer.headers.get('location')).toMatch(/^https:\/\/app\.example#access_token=/);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')]);
    expect(await waysOf(user)).toEqual(['email', 'one']);
    expect(idp.returned.at(-1)?.answer).toEqual({ state: expect.any(String), code: 'c&<d' });
    expect((await ask(path)).headers.get('location')).toContain('error_code=bad_oauth_state');
  });

  it('gets the code that belongs to the verifier, after pressing the button', async () => {
    const { user, path } = await comesBack(await bench.person(), { query: challenge });
    const code = new URL((await pressed(path)).headers.get('location') ?? '').searchParams.get('code');
    expect((await bench.exchange(code ?? '', verifier)).body.user.id).toBe(user.id);
  });

  it('O-02 O-10 is asked by the page alone: no other page can press its button', async () => {
    const { user, path } = await comesBack(await bench.person());
    const [page, ofAnother] = [await ask(path), await ask(path)];
    const asked = idp.returned.length;
    for (const [confirmed, cookie] of [
      // Another page sends no cookie, whatever it has seen in a browser of its own.
      ['yes', ''],
      [memberOf(ofAnother), ''],
      // Nor can it read what the page in this browser holds.
      ['yes', cookieOf(page)],
      ['', cookieOf(page).replace(/=.*/, '=')],
      [memberOf(ofAnother), cookieOf(page)],
      [memberOf(page), cookieOf(page).replace(/[0-9a-f]{8}=/, '00000000=')],
    ] as const) {
      const answer = await press(path, confirmed, cookie);
      expect(answer.status).toBe(303);
      const location = new URL(answer.headers.get('location') ?? '');
      expect([location.pathname, location.searchParams.has('confirmed')]).toEqual([
        '/auth/v1/callback',
        false,
      ]);
      const led = await ask(`${path}&confirmed=${confirmed}`, { headers: cookie ? { cookie } : {} });
      expect([led.status, led.headers.get('location')]).toEqual([200, null]);
    }
    expect(idp.returned).toHaveLength(asked);
    expect(await waysOf(user)).toEqual(['email']);
    expect(fragmentOf(await press(path, memberOf(page), cookieOf(page)))).toHaveProperty('access_token');
  });

  it('O-10 gets no session by a button where they only sign in', async () => {
    const started = await ask(`${bench.base}/authorize?provider=one`);
    const state = new URL(started.headers.get('location') ?? '').searchParams.get('state') ?? '';
    const path = `${bench.base}/callback?${new URLSearchParams({ state, code: 'c' })}`;
    const cookie = `guardian-state-${state.slice(0, 8)}=chosen`;
    for (const answer of [await ask(path), await press(path, 'chosen', cookie)]) {
      expect(answer.headers.get('location')).toMatch(/^https:\/\/app\.example\?error=.*bad_oauth_state/);
    }
  });

  it('O-02 hears the whole address, none that nobody has proved, and nothing that is not escaped', async () => {
    const textFor = async (user: User): Promise<string> => (await ask((await comesBack(user)).path)).body;
    const odd = await bench.person({ email: `"<b>&'"@${randomUUID()}.example` });
    expect(await textFor(odd)).toContain('&quot;&lt;b&gt;&amp;&#39;&quot;@');
    const unproved = await bench.person({ emailConfirmedAt: null });
    const nobody = 'an account without a confirmed address';
    expect(await textFor(unproved)).toContain(nobody);
    expect(await textFor(unproved)).not.toContain(unproved.email);
    expect(await textFor(await bench.person({ email: null, isAnonymous: true }))).toContain(nobody);
    const phone = newNumber();
    const caller = await bench.person({ email: null, phone, phoneConfirmedAt: bench.clock.now() });
    expect(await textFor(caller)).toContain(`+${phone}`);
  });

  it('sees a page that loads nothing, runs nothing, stands in no other page and is kept nowhere', async () => {
    const { headers, body } = await ask((await comesBack(await bench.person())).path);
    expect(body).not.toMatch(/<script|src=|href=|autofocus/);
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^guardian-state-[0-9a-f]{8}=[\w-]{24}; .*Max-Age=300; HttpOnly; SameSite=Lax$/),
    ]);
  });

  it('is told at once what went wrong elsewhere, and asked nothing', async () => {
    for (const [brings, code] of [
      [{ error: 'access_denied', code: 'c' }, 'error=access_denied'],
      [{}, 'error_code=bad_oauth_callback'],
    ] as const) {
      const { path } = await comesBack(await bench.person(), { brings: brings as Record<string, string> });
      const { status, headers } = await ask(path);
      expect([status, headers.get('location')]).toEqual([302, expect.stringContaining(code)]);
    }
  });

  it('can be too late to press the button', async () => {
    const { user, path } = await comesBack(await bench.person());
    const page = await ask(path);
    bench.clock.advance('6m');
    const late = await press(path, memberOf(page), cookieOf(page));
    expect(late.headers.get('location')).toContain('error_code=bad_oauth_state');
    expect(await waysOf(user)).toEqual(['email']);
  });

  describe('as in GoTrue', () => {
    it('is asked nothing', async () => {
      const { user, path } = await comesBack(await bench.person(), { at: compatible });
      expect(fragmentOf(await ask(path))).toHaveProperty('access_token');
      expect(await waysOf(user)).toEqual(['email', 'one']);
    });
  });
});
