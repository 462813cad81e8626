import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { keycloak, local } from 'nest-guardian/local';
import { type Answer, Api, type IdpPerson, MemoryMailer, MovableClock } from 'nest-guardian/testing';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { FakeIdp, keycloakClient } from '../support/fake-idp.js';
import { type RunningApplication, startApplication } from '../support/start-application.js';
import { onBothDatabases } from '../support/test-databases.js';
import { maskRows } from './mask-rows.js';
import { type RecordedRows, readRecordedRows, readRows } from './stored-rows.js';

const secret = 'this secret is long enough for the specs of rows';
const password = 'correct horse 9 battery';
const headers = { 'user-agent': 'node' };
const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
const byVerifier = `&code_challenge=${challenge}&code_challenge_method=s256`;

onBothDatabases('the rows that a real GoTrue server wrote for people from elsewhere', (open) => {
  const clock = new MovableClock();
  let idp: FakeIdp;
  let running: RunningApplication;
  let api: Api;
  let recorded: (after: string) => RecordedRows;
  beforeAll(async () => {
    idp = await FakeIdp.start(() => clock.now());
    const here = { 'http://127.0.0.1:2590': idp.origin, '{{run}}': 'run', '{{challenge}}': challenge };
    recorded = readRecordedRows('rows-social.json', here);
    const provider = local({
      compatibility: 'gotrue',
      tokens: { secret },
      migrations: 'off',
      database: open().dataSource,
      site: { url: 'http://127.0.0.1:3000' },
      anonymous: { enabled: true },
      identities: { manualLinking: true },
      oauth: { idps: { keycloak: keycloak({ ...keycloakClient, url: idp.realm }) } },
    });
    running = await startApplication({ provider, clock, mailer: new MemoryMailer(), adapter: 'Express' });
    api = new Api(running.base);
  });
  afterAll(async () => {
    await running.close();
    await idp.close();
  });
  // Each begins with nobody there, as the recording did: its names are the same throughout.
  beforeEach(() =>
    open().dataSource.query('TRUNCATE auth.users, auth.flow_state, auth.audit_log_entries CASCADE'),
  );

  /** Holds the rows of this person, and of this way to the provider, to the recorded ones. */
  const leaves = async (after: string, ...ids: readonly string[]): Promise<void> => {
    const { rows } = recorded(after);
    const tables = Object.keys(rows);
    expect(tables.length).toBeGreaterThan(0);
    const actual = await readRows(open().dataSource, ids, tables);
    expect(maskRows(actual, 'row@example.com')).toEqual(maskRows(rows, '{{email:row}}'));
  };

  const row: IdpPerson = {
    sub: 'kc-row-run',
    email: 'row@example.com',
    email_verified: true,
    name: 'Ann Example',
    preferred_username: 'row',
  };
  const redirectOf = ({ headers: told, status, text }: Answer): URL => {
    const location = told.get('location');
    if (location === null) throw new Error(`No redirect, but ${status} ${text}`);
    return new URL(location);
  };
  const stateOf = (way: URL): string => way.searchParams.get('state') ?? '';
  // What came first is told by the time, and our clock stands.
  const authorize = async (query = ''): Promise<URL> => {
    clock.advance('1ms');
    return redirectOf(await api.ask('GET', `/authorize?provider=keycloak${query}`, { headers }));
  };
  const askToLink = async (bearer: string): Promise<URL> => {
    clock.advance('1ms');
    const path = '/user/identities/authorize?provider=keycloak&skip_http_redirect=true';
    const { body, text } = await api.ask('GET', path, { bearer, headers });
    if (typeof body.url !== 'string') throw new Error(text);
    return new URL(body.url);
  };
  const comeBack = async (way: URL, person: IdpPerson): Promise<URL> => {
    idp.admit(person);
    const { search } = new URL(await idp.visit(way.href));
    return redirectOf(await api.ask('GET', `/callback${search}`, { headers }));
  };
  const signIn = async (person: IdpPerson): Promise<URL> => comeBack(await authorize(), person);
  const exchange = (target: URL): Promise<Answer> => {
    const body = { auth_code: target.searchParams.get('code'), code_verifier: verifier };
    return api.ask('POST', '/token?grant_type=pkce', { body, headers });
  };
  const idOf = async (email = 'row@example.com'): Promise<string> => {
    const [found] = (await open().dataSource.query('SELECT id FROM auth.users WHERE email = $1', [
      email,
    ])) as {
      id: string;
    }[];
    if (found === undefined) throw new Error(`Nobody has ${email}`);
    return found.id;
  };
  /** Somebody who was there before, with a password, and is signed in. */
  const newMember = async (): Promise<{ id: string; bearer: string }> => {
    const iat = Math.floor(clock.now().getTime() / 1000);
    const bearer = forge({ role: 'service_role', iat, exp: iat + 600 }, secret);
    const email = 'row@example.com';
    const user_metadata = { city: 'Bern', name: 'Old' };
    const made = await api.post(
      '/admin/users',
      { email, password, email_confirm: true, user_metadata },
      bearer,
    );
    expect(made.status).toBe(200);
    await open().dataSource.query('TRUNCATE auth.audit_log_entries');
    const { body } = await api.ask('POST', '/token?grant_type=password', {
      body: { email, password },
      headers,
    });
    return { id: made.body.id as string, bearer: body.access_token as string };
  };

  it('before, after the first sign-in, and after one with another name', async () => {
    const way = await authorize('&redirect_to=http%3A%2F%2F127.0.0.1%3A3000%2Fin');
    await leaves('social: /authorize asked for', stateOf(way));
    await comeBack(way, row);
    const id = await idOf();
    await leaves('social: then the first sign-in completed', id);
    await signIn({ ...row, name: 'Anna Sample' });
    await leaves('social: then signed in again, the name changed at the provider', id);
  });

  it('before, while the code waits, and after its exchange', async () => {
    const way = await authorize(byVerifier);
    await leaves('social: /authorize asked for with PKCE', stateOf(way));
    const target = await comeBack(way, row);
    const id = await idOf();
    await leaves('social: then the callback, the code not yet exchanged', id);
    expect((await exchange(target)).status).toBe(200);
    await leaves('social: then the code exchanged', id);
  });

  it('after a callback that comes too late', async () => {
    const way = await authorize();
    clock.advance('301s');
    const location = await comeBack(way, row);
    const after = 'social: a callback whose state is 301 seconds old';
    expect(decodeURIComponent(location.href.replace('3000/?', '3000?'))).toBe(
      decodeURIComponent(String(recorded(after).answer?.location)),
    );
    await leaves(after, stateOf(way));
  });

  it('after an exchange that comes too late', async () => {
    const way = await authorize(byVerifier);
    const target = await comeBack(way, row);
    clock.advance('301s');
    const after = 'social: a PKCE code exchanged 301 seconds after /authorize';
    const { status, body } = await exchange(target);
    expect({ status, body }).toEqual(recorded(after).answer);
    await leaves(after, stateOf(way));
  });

  it('after the first sign-in with an address that nobody has verified', async () => {
    const way = await authorize();
    await comeBack(way, { ...row, email_verified: false });
    await leaves('social: first sign-in with an unverified address', await idOf(), stateOf(way));
  });

  it('after somebody with a password came with the same address', async () => {
    const { id } = await newMember();
    await signIn(row);
    await leaves(
      'social: a confirmed password user signs in with the same, verified address (linked automatically)',
      id,
    );
  });

  it('before, after somebody with a password has linked, and after they have unlinked', async () => {
    const { id, bearer } = await newMember();
    const way = await askToLink(bearer);
    await leaves('social: a password user asks to link an identity', stateOf(way));
    const work = { ...row, sub: 'kc-work-run', email: 'work@example.com', preferred_username: 'work' };
    await comeBack(way, work);
    await leaves('social: then the identity linked', id);
    const { body } = await api.user(bearer);
    const identities = body.identities as readonly { provider: string; identity_id: string }[];
    const linked = identities.find(({ provider }) => provider === 'keycloak');
    await api.ask('DELETE', `/user/identities/${linked?.identity_id}`, { bearer, headers });
    await leaves('social: then unlinked again', id);
  });

  it('after somebody nameless has linked', async () => {
    const { body } = await api.ask('POST', '/signup', { body: { data: { theme: 'dark' } }, headers });
    const { id } = body.user as { id: string };
    await open().dataSource.query('TRUNCATE auth.audit_log_entries');
    await comeBack(await askToLink(body.access_token as string), row);
    await leaves('social: an anonymous user made permanent by linking', id);
  });
});
