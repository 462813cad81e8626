import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { local, type LocalOptions } from 'nest-guardian/local';
import { Api, codeIn, MemoryMailer, MovableClock } from 'nest-guardian/testing';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { type RunningApplication, startApplication } from '../support/start-application.js';
import { onBothDatabases } from '../support/test-databases.js';
import { maskRows } from './mask-rows.js';
import { readRecordedRows, readRows } from './stored-rows.js';

const recorded = readRecordedRows('rows.json');

const secret = 'this secret is long enough for the specs of rows';

onBothDatabases('the rows that a real GoTrue server wrote', (open) => {
  const running: RunningApplication[] = [];
  const headers = { 'user-agent': 'node' };
  const clock = new MovableClock();
  const mailer = new MemoryMailer();
  const serverWith = async (options: LocalOptions): Promise<Api> => {
    const provider = local({
      compatibility: 'gotrue',
      tokens: { secret },
      migrations: 'off',
      database: open().dataSource,
      ...options,
    });
    const application = await startApplication({ provider, clock, mailer, adapter: 'Express' });
    running.push(application);
    return new Api(application.base);
  };
  let api: Api;
  let v1: Api;
  let confirm: Api;
  beforeAll(async () => {
    const open = { password: { autoconfirm: true }, anonymous: { enabled: true } };
    api = await serverWith(open);
    v1 = await serverWith({ ...open, session: { refreshTokenVersion: 1 } });
    confirm = await serverWith({});
  });
  afterAll(() => Promise.all(running.map((application) => application.close())));

  /** Holds the rows of this person to the recorded ones, table by table. */
  const leaves = async (
    after: string,
    { id, email, as = '{{email:row}}' }: { id: string; email: string; as?: string },
  ): Promise<void> => {
    const expected = recorded(after).rows;
    const tables = Object.keys(expected);
    expect(tables.length).toBeGreaterThan(0);
    const actual = await readRows(open().dataSource, [id], tables);
    expect(maskRows(actual, email)).toEqual(maskRows(expected, as));
  };

  const signUp = async (server: Api, body: object) => {
    const answer = await server.ask('POST', '/signup', { body, headers });
    expect(answer.status).toBe(200);
    return answer.body as { user: { id: string }; refresh_token: string };
  };
  /** As whoever has the service-role key, at the server that confirms by mail. */
  const administer = async (method: string, path: string, body: object) => {
    const iat = Math.floor(clock.now().getTime() / 1000);
    const bearer = forge({ role: 'service_role', iat, exp: iat + 600 }, secret);
    expect((await confirm.ask(method, path, { bearer, body })).status).toBe(200);
  };
  const refresh = (server: Api, refresh_token: string) =>
    server.ask('POST', '/token?grant_type=refresh_token', { body: { refresh_token }, headers });

  it('after a sign-up with a password and data, after one refresh, and after a second factor', async () => {
    const email = 'row@example.com';
    const body = { email, password: 'correct horse 9 battery', data: { name: 'Row' } };
    const { user, refresh_token } = await signUp(api, body);
    const person = { id: user.id, email };
    await leaves('open: sign-up with a password and data', person);
    const refreshed = await refresh(api, refresh_token);
    expect(refreshed.status).toBe(200);
    await leaves('open: then one refresh', person);
    const ask = (path: string, body: object) =>
      api.ask('POST', `/factors${path}`, { bearer: refreshed.body.access_token as string, body, headers });
    const { body: factor } = await ask('', { factor_type: 'totp', friendly_name: 'app' });
    const { body: challenge } = await ask(`/${factor.id}/challenge`, {});
    await leaves('open: then a TOTP factor enrolled and challenged', person);
    const code = totpAt((factor.totp as { secret: string }).secret, clock.now());
    expect((await ask(`/${factor.id}/verify`, { challenge_id: challenge.id, code })).status).toBe(200);
    await leaves('open: then verified', person);
  });

  it('after a sign-up and one refresh, with refresh tokens of version 1', async () => {
    const email = 'row1@example.com';
    const { user, refresh_token } = await signUp(v1, { email, password: 'correct horse 9 battery' });
    expect((await refresh(v1, refresh_token)).status).toBe(200);
    await leaves('open-v1: sign-up and one refresh', { id: user.id, email });
  });

  it('after a sign-up that a verifier ends, and that is not confirmed yet', async () => {
    const email = 'row5@example.com';
    const challenge = { code_challenge: 'a'.repeat(43), code_challenge_method: 's256' };
    const { body } = await confirm.signUp({ email, password: 'correct horse 9 battery', ...challenge });
    const person = { id: body.id as string, email, as: '{{email:row0}}' };
    await leaves('confirm: sign-up with PKCE, not yet confirmed', person);
  });

  it('after a sign-up, its confirmation, what else goes through the mailbox, a ban and a soft deletion', async () => {
    const email = 'row6@example.com';
    const { body } = await confirm.signUp({ email, password: 'correct horse 9 battery' });
    const person = { id: body.id as string, email };
    await leaves('confirm: sign-up, not yet confirmed', person);
    const token = codeIn(await mailer.next(email));
    const { access_token } = (await confirm.verify({ type: 'signup', email, token })).body;
    await leaves('confirm: then confirmed by code', person);
    clock.advance('61s');
    expect((await confirm.post('/recover', { email })).status).toBe(200);
    await leaves('confirm: then recovery asked for', person);
    const change = { email: 'row7@example.com' };
    expect((await confirm.update(access_token as string, change)).status).toBe(200);
    await leaves('confirm: then a change of address asked for', person);
    const path = `/admin/users/${person.id}`;
    await administer('PUT', path, { ban_duration: '24h' });
    await administer('DELETE', path, { should_soft_delete: true });
    await leaves('confirm: banned, then soft deleted', person);
  });

  it('after an anonymous sign-in', async () => {
    const { user } = await signUp(v1, { data: { theme: 'dark' } });
    await leaves('open-v1: anonymous sign-in', { id: user.id, email: '' });
  });
});
