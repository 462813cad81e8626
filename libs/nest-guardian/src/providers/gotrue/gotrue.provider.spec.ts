import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type Caller, systemCaller } from '../../core/caller.js';
import { common } from '../../core/conditions.js';
import { linkIdentity } from '../../features/identities/identities.contract.js';
import { invite } from '../../features/invite/invite.contract.js';
import { callback, callbackByForm } from '../../features/oauth/callback.contract.js';
import { authorize } from '../../features/oauth/oauth.contract.js';
import { signInWithPassword, signUp } from '../../features/password/password.contract.js';
import { recover } from '../../features/recovery/recovery.contract.js';
import { signOut } from '../../features/session/session.contract.js';
import { getUser, updateUser } from '../../features/user/user.contract.js';
import { json, person, session } from '../../../../../test/support/fake-gotrue.js';
import { GoTrueBench, jwtSecret, refused, sessionId } from '../../../../../test/support/gotrue-bench.js';
import { gotrue } from './gotrue.js';
import type { GoTrueOptions } from './gotrue.options.js';

const bench = new GoTrueBench();

const anyone: Caller = {
  address: '203.0.113.7',
  userAgent: 'Browser/1.0',
  bearer: null,
  redirectTo: null,
  redirectHeader: null,
  referrer: null,
  audience: null,
  isSystem: false,
};
describe('confirmSession', () => {
  it('asks the server whether the session is still open', async () => {
    const subject = await bench.provider({ verification: 'secret', jwtSecret });
    const bearer = bench.hs256();
    const principal = await subject.verify(bearer);
    await subject.confirmSession(principal);
    expect(bench.fake.last).toMatchObject({ path: '/user', headers: { authorization: `Bearer ${bearer}` } });
    bench.reply = (response) =>
      json(response, 403, { code: 'session_not_found', message: common.sessionNotFound.message });
    expect(await refused(() => subject.confirmSession(principal))).toMatchObject({
      condition: common.sessionNotFound,
    });
    bench.reply = (response) => response.socket?.destroy();
    expect(await refused(() => subject.confirmSession(principal))).toMatchObject({ status: 503 });
  });

  it('refuses a principal that this provider did not make', async () => {
    const subject = await bench.provider({ verification: 'secret', jwtSecret });
    const principal = await subject.verify(bench.hs256());
    expect(await refused(() => subject.confirmSession({ ...principal }))).toMatchObject({
      code: 'session_not_found',
    });
    expect(bench.fake.heard).toHaveLength(0);
  });

  it('asks nobody about a key that names no person', async () => {
    const subject = await bench.provider({ verification: 'secret', jwtSecret });
    const key = await subject.verify(
      bench.hs256({ sub: undefined, role: 'service_role', exp: 4_000_000_000 }),
    );
    await expect(subject.confirmSession(key)).resolves.toBeUndefined();
    expect(bench.fake.heard).toHaveLength(0);
  });
});

describe('execute', () => {
  it('passes on who asks: address, agent, audience, redirect and token', async () => {
    bench.reply = (response) => json(response, 200, {});
    const subject = await bench.provider();
    const redirectTo = 'https://app.example/welcome';
    await subject.execute(
      recover,
      { email: 'a@b.c' },
      { ...anyone, redirectTo, audience: 'mobile', bearer: 'token' },
    );
    expect(bench.fake.last).toMatchObject({
      path: '/recover',
      query: { redirect_to: redirectTo },
      body: { email: 'a@b.c' },
      headers: {
        'x-forwarded-for': '203.0.113.7',
        'sb-forwarded-for': '203.0.113.7',
        'user-agent': 'Browser/1.0',
        'x-jwt-aud': 'mobile',
        authorization: 'Bearer token',
      },
    });
  });

  it('keeps the address to itself when told so, and says nothing of what it does not know', async () => {
    bench.reply = (response) => json(response, 200, session);
    const subject = await bench.provider({ forwardAddress: false });
    await subject.execute(signInWithPassword, {}, anyone);
    expect(bench.fake.last.headers).not.toHaveProperty('x-forwarded-for');
    expect(bench.fake.last.headers).not.toHaveProperty('sb-forwarded-for');
    await (await bench.provider()).execute(signInWithPassword, {}, systemCaller);
    expect(bench.fake.last.headers).not.toHaveProperty('x-forwarded-for');
    expect(bench.fake.last.headers).not.toHaveProperty('x-jwt-aud');
  });

  it('leaves out a header that could not be sent, and what was smuggled in it', async () => {
    bench.reply = (response) => json(response, 200, session);
    await (
      await bench.provider()
    ).execute(signInWithPassword, {}, { ...anyone, userAgent: 'a\r\napikey: evil' });
    expect(bench.fake.last.headers.apikey).toBeUndefined();
  });

  it('returns a redirect as the server gave it, and of its cookies those that mark who was sent away', async () => {
    const location = 'https://idp.example/authorize?state=1#x';
    const mark = 'guardian-state-0a1b2c3d=x; Path=/; Max-Age=300; HttpOnly; SameSite=Lax';
    const cookies = [mark, 'sid=1; Path=/', `${mark}; Domain=example`];
    bench.reply = (response) => response.writeHead(302, { location, 'set-cookie': cookies }).end();
    const subject = await bench.provider();
    await expect(subject.execute(authorize, { provider: 'github', prompt: 'x' }, anyone)).resolves.toEqual({
      location,
      status: 302,
      cookies: [mark],
    });
    expect(bench.fake.last.query).toEqual({ provider: 'github', prompt: 'x' });
  });

  it('returns a page as the server gave it, with the cookie by which its button is known, and presses it', async () => {
    const mark = 'guardian-state-0a1b2c3d=x; Path=/; Max-Age=300; HttpOnly; SameSite=Lax';
    const headers = { 'content-type': 'text/html; charset=utf-8', 'set-cookie': [mark, 'sid=1'] };
    bench.reply = (response) => response.writeHead(200, headers).end('<p>Sure?</p>');
    const subject = await bench.provider();
    const input = { state: '0a1b2c3d', code: 'c' };
    await expect(subject.execute(callback, input, anyone)).resolves.toEqual({
      html: '<p>Sure?</p>',
      cookies: [mark],
    });
    const caller = { ...anyone, cookies: 'guardian-state-0a1b2c3d=x' };
    await subject.execute(callbackByForm, { ...input, confirmed: 'x' }, caller);
    expect(bench.fake.last).toMatchObject({
      method: 'POST',
      path: '/callback',
      query: { ...input, confirmed: 'x' },
      headers: { cookie: caller.cookies },
    });
  });

  it('asks where to go next, and tells the server by what it knows the browser', async () => {
    const mark = 'guardian-state-0a1b2c3d=x; Path=/; HttpOnly';
    bench.reply = (response) => {
      response.setHeader('set-cookie', [mark, 'sid=1']);
      json(response, 200, { url: 'https://idp.example/', more: 1 });
    };
    const subject = await bench.provider();
    const caller = { ...anyone, bearer: bench.hs256(), cookies: 'guardian-state-99999999=y' };
    await expect(subject.execute(linkIdentity, { provider: 'github' }, caller)).resolves.toEqual({
      url: 'https://idp.example/',
      cookies: [mark],
    });
    expect(bench.fake.last).toMatchObject({
      path: '/user/identities/authorize',
      query: { provider: 'github', skip_http_redirect: 'true' },
      headers: { cookie: caller.cookies },
    });
    bench.reply = (response) => json(response, 200, {});
    expect(await refused(() => subject.execute(linkIdentity, {}, caller))).toMatchObject({ status: 503 });
  });

  it('sends a write once, though the server hangs up', async () => {
    bench.reply = (response) => response.socket?.destroy();
    const subject = await bench.provider({ retries: 3 });
    expect(await refused(() => subject.execute(signUp, { email: 'a@b.c' }, anyone))).toMatchObject({
      status: 503,
    });
    expect(bench.fake.heard).toHaveLength(1);
  });

  it.each([
    ['a person without a token', getUser, anyone],
    ['an administrator without a token', invite, anyone],
    ['the application, for what only a person may ask', getUser, systemCaller],
  ])('refuses %s without asking, whatever keys there are', async (_, operation, caller) => {
    const subject = await bench.provider({ serviceRoleKey: 'service-key' });
    expect(await refused(() => subject.execute(operation, {}, caller))).toMatchObject({
      condition: common.noAuthorization,
    });
    expect(bench.fake.heard).toHaveLength(0);
  });

  it('gives the service-role key to the application alone', async () => {
    const subject = await bench.provider({ serviceRoleKey: 'service-key' });
    await subject.execute(invite, { email: 'a@b.c' }, systemCaller);
    expect(bench.fake.last.headers.authorization).toBe('Bearer service-key');
    await subject.execute(invite, { email: 'a@b.c' }, { ...anyone, bearer: 'a-person' });
    expect(bench.fake.last.headers.authorization).toBe('Bearer a-person');
    bench.reply = (response) => json(response, 200, session);
    await subject.execute(signInWithPassword, {}, systemCaller);
    expect(bench.fake.last.headers.authorization).toBeUndefined();
  });

  it('refuses the application, for an administrator’s work, when it has no service-role key', async () => {
    const error = await refused(async () => (await bench.provider()).execute(invite, {}, systemCaller));
    expect(error).toMatchObject({ condition: common.noAuthorization });
    expect(inspect(error)).toContain('serviceRoleKey');
  });
});

describe('sessions that the server ended are told to our own process', () => {
  const others = { userId: person.id, sessionIds: 'all', except: sessionId };
  const all = { userId: person.id, sessionIds: 'all', except: undefined };
  const none = (response: ServerResponse) => response.writeHead(204).end();

  it.each([
    ['all', {}, all],
    ['all', { scope: 'global' }, all],
    ['this one', { scope: 'local' }, { userId: person.id, sessionIds: [sessionId] }],
    ['all the others', { scope: 'others' }, others],
  ])('%s, after a sign-out with %j', async (_, input, told) => {
    bench.reply = none;
    await (await bench.provider()).execute(signOut, input, { ...anyone, bearer: bench.hs256() });
    expect(bench.ended).toEqual([told]);
  });

  it('all, after any sign-out with a token that has no session', async () => {
    bench.reply = none;
    const bearer = bench.hs256({ session_id: undefined });
    for (const scope of ['global', 'local', 'others']) {
      bench.ended = [];
      await (await bench.provider()).execute(signOut, { scope }, { ...anyone, bearer });
      expect(bench.ended).toEqual([all]);
    }
  });

  it('all the others, after a new password, and none after any other change', async () => {
    const subject = await bench.provider();
    const caller = { ...anyone, bearer: bench.hs256() };
    await subject.execute(updateUser, { data: {} }, caller);
    expect(bench.ended).toEqual([]);
    await subject.execute(updateUser, { password: 'new' }, caller);
    expect(bench.ended).toEqual([others]);
  });

  it('none, when the server refused or failed', async () => {
    const subject = await bench.provider();
    const caller = { ...anyone, bearer: bench.hs256() };
    bench.reply = (response) => json(response, 403, { code: 'bad_jwt', message: 'no' });
    await refused(() => subject.execute(signOut, {}, caller));
    bench.reply = (response) => response.socket?.destroy();
    await refused(() => subject.execute(signOut, {}, caller));
    expect(bench.ended).toEqual([]);
  });
});

describe('options of gotrue()', () => {
  const paths = (options: object): string[] =>
    gotrue(options as GoTrueOptions).mistakes.map(({ path }) => path);

  it('are judged at once and quote no secret', () => {
    const options = {
      url: 'ftp://x',
      jwtSecret: 'canary',
      verification: 'guess',
      serviceRoleKey: 'can ary',
      oops: 1,
    };
    expect(paths(options).sort()).toEqual(
      [
        'provider.jwtSecret',
        'provider.oops',
        'provider.serviceRoleKey',
        'provider.url',
        'provider.verification',
      ].sort(),
    );
    expect(JSON.stringify(gotrue(options as never))).not.toMatch(/can ?ary/);
  });

  it('need a URL, and a secret where it is to verify', () => {
    expect(paths({})).toEqual(['provider.url']);
    expect(paths({ url: 'http://x', verification: 'secret' })).toEqual(['provider.jwtSecret']);
  });

  it('do not show in the provider', async () => {
    const subject = await bench.provider({ jwtSecret, serviceRoleKey: 'service-key', apiKey: 'anon-key' });
    const shown = inspect(subject, { depth: 9, showHidden: true }) + JSON.stringify(subject);
    expect(shown).not.toMatch(/a secret of|service-key|anon-key/);
  });
});
