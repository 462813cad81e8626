import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { local, type LocalOptions } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { type RunningApplication, startApplication } from '../../../../../test/support/start-application.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SessionBody } from '../../wire/session.js';
import type { UserBody } from '../../wire/user.js';
import { Api, goodPassword, newAddress, refuses, sessionOf } from '../../testing/api.js';
import { claimsOf } from '../../testing/tokens.js';

onBothDatabases('somebody without an address', (open) => {
  const running: RunningApplication[] = [];
  const serverWith = async (options: LocalOptions): Promise<Api> => {
    const tokens = { secret: 'this secret is long enough for the specs of strangers' };
    const provider = local({ tokens, migrations: 'off', database: open().dataSource, ...options });
    const application = await startApplication({ provider, clock: new MovableClock(), adapter: 'Express' });
    running.push(application);
    return new Api(application.base);
  };
  let api: Api;
  let byMail: Api;
  beforeAll(async () => {
    const anonymous = { enabled: true };
    api = await serverWith({ anonymous, password: { autoconfirm: true } });
    byMail = await serverWith({ anonymous });
  });
  afterAll(() => Promise.all(running.map((application) => application.close())));

  const stranger = async (data?: object): Promise<SessionBody> => sessionOf(await api.signUp({ data }));
  const query = (sql: string, id: string): Promise<Record<string, unknown>[]> =>
    open().dataSource.query(sql, [id]);
  const auditOf = async (id: string) =>
    (
      await query(
        "SELECT payload FROM auth.audit_log_entries WHERE payload ->> 'actor_id' = $1 ORDER BY ctid",
        id,
      )
    ).map(({ payload }) => payload as Record<string, unknown>);

  it('has a session, keeps it and signs out of it', async () => {
    const session = await stranger({ theme: 'dark' });
    expect(session.user).toMatchObject({
      email: '',
      phone: '',
      is_anonymous: true,
      identities: [],
      app_metadata: {},
      user_metadata: { theme: 'dark' },
    } as Partial<UserBody>);
    const claims = claimsOf(session.access_token);
    expect(claims).toMatchObject({ is_anonymous: true, aal: 'aal1', role: 'authenticated' });
    expect(claims.amr).toMatchObject([{ method: 'anonymous' }]);
    const next = sessionOf(await api.refresh(session.refresh_token));
    expect(next.user.id).toBe(session.user.id);
    expect((await api.signOut(next.access_token)).status).toBe(204);
    expect((await api.user(next.access_token)).status).toBe(403);
  });

  it('is let in only where the application says so, and nobody is where sign-up is off', async () => {
    const off = await serverWith({ password: { autoconfirm: true } });
    refuses(await off.signUp({}), '422 anonymous_provider_disabled', 'Anonymous sign-ins are disabled');
    const closed = await serverWith({ anonymous: { enabled: true }, password: { allowSignup: false } });
    refuses(await closed.signUp({}), '422 signup_disabled', 'Signups not allowed for this instance');
    const settings = async (server: Api) =>
      (await server.ask('GET', '/settings')).body.external as Record<string, unknown>;
    expect([(await settings(off)).anonymous_users, (await settings(api)).anonymous_users]).toEqual([
      false,
      true,
    ]);
  });

  it('cannot give themselves a role or an id', async () => {
    const id = '00000000-0000-4000-8000-000000000002';
    const answer = await api.signUp({
      id,
      role: 'service_role',
      app_metadata: { admin: true },
      password: '1',
    });
    const { user } = sessionOf(answer);
    expect(user).toMatchObject({ role: 'authenticated', app_metadata: {}, is_anonymous: true });
    expect(user.id).not.toBe(id);
  });

  it('becomes somebody at once by naming an address, and everything of theirs stays', async () => {
    const session = await stranger({ theme: 'dark' });
    const email = newAddress();
    const { status, body } = await api.update(session.access_token, { email: email.toUpperCase() });
    expect(status).toBe(200);
    const { id } = session.user;
    expect(body).toMatchObject({
      id,
      email,
      is_anonymous: false,
      user_metadata: { theme: 'dark', email_verified: true },
      identities: [{ provider: 'email', id, identity_data: { sub: id, email, email_verified: true } }],
    });
    expect(body.email_confirmed_at).toEqual(expect.any(String));
    expect((await api.user(session.access_token)).body).toEqual(body);
    const next = sessionOf(await api.refresh(session.refresh_token));
    expect(claimsOf(next.access_token)).toMatchObject({ is_anonymous: false, email });
    expect(await auditOf(id)).toMatchObject([
      { action: 'user_modified', actor_username: '' },
      { action: 'user_modified', actor_username: email },
      { action: 'token_refreshed', actor_username: email },
    ]);
  });

  it('may take a password together with the address, never without one', async () => {
    const session = await stranger();
    const email = newAddress();
    const alone = await api.update(session.access_token, { password: goodPassword });
    refuses(alone, '422 validation_failed');
    refuses(await api.update(session.access_token, { email, password: 'abc' }), '422 weak_password');
    const own = await api.update(session.access_token, { email, password: email });
    refuses(own, '422 weak_password');
    expect((await api.update(session.access_token, { email, password: goodPassword })).status).toBe(200);
    expect(sessionOf(await api.signIn(email, goodPassword)).user.id).toBe(session.user.id);
  });

  it('is refused an address that is somebody else’s, and stays who they are', async () => {
    const { email } = await api.newPerson();
    const session = await stranger();
    const words = 'A user with this email address has already been registered';
    refuses(
      await api.update(session.access_token, { email, password: goodPassword }),
      '422 email_exists',
      words,
    );
    expect((await api.user(session.access_token)).body).toMatchObject({ email: '', is_anonymous: true });
    expect(await query('SELECT id FROM auth.identities WHERE user_id = $1', session.user.id)).toEqual([]);
  });

  it('of two who name the same address at once, one gets it', async () => {
    const email = newAddress();
    const strangers = await Promise.all([stranger(), stranger()]);
    const answers = await Promise.all(
      strangers.map(({ access_token }) => api.update(access_token, { email })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    expect(answers.find(({ status }) => status === 422)?.body.code).toBe('email_exists');
  });

  it('who names an address several times at once gets one, and no answer is a failure of ours', async () => {
    const { access_token, user } = await stranger();
    const same = newAddress();
    const addresses = [same, same, newAddress(), newAddress(), newAddress()];
    const answers = await Promise.all(addresses.map((email) => api.update(access_token, { email })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(200);
    // Whoever comes after the first has an address already, and is mailed about another one, now and then.
    expect(statuses.filter((status) => ![200, 422, 429].includes(status))).toEqual([]);
    const [identity, ...others] = (await api.user(access_token)).body.identities as UserBody['identities'][];
    expect(identity).toMatchObject({ email: (await api.user(access_token)).body.email, user_id: user.id });
    expect(others).toEqual([]);
  });

  it('has to wait for a mail where addresses are confirmed by mail', async () => {
    const session = sessionOf(await byMail.signUp({}));
    const email = newAddress();
    const { status, body } = await byMail.update(session.access_token, { email });
    expect(status).toBe(200);
    expect(body).toMatchObject({ email: '', new_email: email, is_anonymous: true, identities: [] });
    expect((await byMail.user(session.access_token)).body).toEqual(body);
  });

  it('is not who already has an address: their change needs a mail in any case', async () => {
    const { email, session } = await api.newPerson();
    const newEmail = newAddress();
    const { body } = await api.update(session.access_token, { email: newEmail });
    expect(body).toMatchObject({ email, new_email: newEmail });
    expect((await api.update(session.access_token, { email: email.toUpperCase() })).status).toBe(200);
  });
});
