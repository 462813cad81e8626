import { createHash, randomBytes, randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { gotrue } from 'nest-guardian';
import { github, keycloak, local } from 'nest-guardian/local';
import { WebSocket } from 'ws';
import { SystemClock } from '../../libs/nest-guardian/src/core/ports/clock.js';
import { type Answer, ask } from '../support/ask.js';
import { FakeIdp, type FakePerson, githubClient, keycloakClient } from '../support/fake-idp.js';
import { type AdapterName, type RunningApplication, startApplication } from '../support/start-application.js';

const password = 'a quiet harbour 7';
const secret = 'supabase-js signs people in elsewhere with this secret of ours';
const site = 'http://localhost:5000';
const redirectTo = `${site}/welcome`;

const subjects: readonly (readonly [string, readonly AdapterName[]])[] = [
  ['local() on Express', ['Express']],
  ['local() on Fastify', ['Fastify']],
  ['gotrue() before local()', ['Express', 'Fastify']],
];

describe.each(subjects)('supabase-js and identity providers, %s', (_, adapters) => {
  const clock = new SystemClock();
  const running: RunningApplication[] = [];
  let idp: FakeIdp;
  let base: string;
  beforeAll(async () => {
    idp = await FakeIdp.start();
    for (const adapter of adapters) {
      const behind = running.at(-1);
      const provider = behind ? gotrue({ url: behind.base, jwtSecret: secret }) : ownProvider();
      running.push(await startApplication({ provider, clock, adapter }));
    }
    base = running.at(-1)?.base as string;
  }, 60_000);
  afterAll(async () => {
    for (const application of running.toReversed()) await application.close();
    await idp?.close();
  });
  const ownProvider = () =>
    local({
      database: ':memory:',
      tokens: { secret },
      site: { url: site, allowedRedirects: [redirectTo] },
      password: { autoconfirm: true },
      anonymous: { enabled: true },
      identities: { manualLinking: true },
      oauth: {
        idps: {
          keycloak: keycloak({ ...keycloakClient, url: idp.realm }),
          github: github({ ...githubClient, url: idp.origin }),
        },
      },
    });

  type FlowType = 'implicit' | 'pkce';
  const client = (flowType: FlowType = 'implicit'): SupabaseClient =>
    createClient(new URL(base).origin, 'any-key', {
      auth: { autoRefreshToken: false, detectSessionInUrl: false, flowType, storage: memory() },
      // Node 20 has no WebSocket of its own.
      realtime: { transport: WebSocket as never },
    });

  /** Somebody known at both identity providers, by a verified address. */
  const stranger = () => {
    const id = randomInt(1, 2 ** 40);
    const email = `person-${id}@example.com`;
    const emails = [{ email, primary: true, verified: true }];
    return { sub: `sub-${id}`, id, email, email_verified: true, emails, name: 'Ann Example' };
  };

  /** A browser that goes where it is sent, signs this person in there, and presses what it is asked to press. */
  async function travel(url: string, person: FakePerson): Promise<URL> {
    let cookie = '';
    const open = async (path: string, form?: URLSearchParams): Promise<Answer> => {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const headers = { ...(form && type), ...(cookie && { cookie }) };
      const answer = await ask(base + path, { body: form?.toString(), headers });
      const given = answer.headers.getSetCookie().map((line) => line.split(';')[0]);
      if (given.length > 0) cookie = given.join('; ');
      return answer;
    };
    const there = url.startsWith(base) ? locationOf(await open(url.slice(base.length))) : url;
    idp.admit(person);
    const back = `/callback${new URL(await idp.visit(there)).search}`;
    const answer = await open(back);
    if (answer.status !== 200) return new URL(locationOf(answer));
    const members = [...(answer.body as string).matchAll(/name="([^"]+)" value="([^"]*)"/g)];
    const form = new URLSearchParams(
      members.map(([, name = '', value = '']): [string, string] => [name, value]),
    );
    return new URL(locationOf(await open(back, form)));
  }
  const locationOf = ({ headers }: Answer): string => headers.get('location') ?? '';

  /** Takes what the browser brings to the application. */
  async function land(supabase: SupabaseClient, { hash, searchParams }: URL) {
    const code = searchParams.get('code');
    const fragment = new URLSearchParams(hash.slice(1));
    const session = {
      access_token: fragment.get('access_token') ?? '',
      refresh_token: fragment.get('refresh_token') ?? '',
    };
    const { data, error } = code
      ? await supabase.auth.exchangeCodeForSession(code)
      : await supabase.auth.setSession(session);
    expect(error).toBeNull();
    return data.session;
  }

  async function signIn(supabase: SupabaseClient, person: FakePerson, provider: 'keycloak' | 'github') {
    const { data, error } = await supabase.auth.signInWithOAuth({ provider, options: { redirectTo } });
    expect(error).toBeNull();
    const landed = await travel(data.url ?? '', person);
    expect(landed.origin + landed.pathname).toBe(redirectTo);
    return { landed, session: await land(supabase, landed) };
  }

  const waysOf = async (supabase: SupabaseClient): Promise<string[]> => {
    const { data, error } = await supabase.auth.getUserIdentities();
    expect(error).toBeNull();
    return (data?.identities ?? []).map(({ provider }) => provider).toSorted();
  };

  const member = async (email: string): Promise<SupabaseClient> => {
    const supabase = client();
    expect((await supabase.auth.signUp({ email, password })).error).toBeNull();
    return supabase;
  };

  it.each(['keycloak', 'github'] as const)(
    'signInWithOAuth signs in with %s, implicitly',
    async (provider) => {
      const [supabase, person] = [client(), stranger()];
      const { landed } = await signIn(supabase, person, provider);
      expect(landed.search).toBe('');
      const fragment = new URLSearchParams(landed.hash.slice(1));
      expect(fragment.get('provider_token')).toMatch(/^token-/);
      const { data } = await supabase.auth.getUser();
      expect(data.user).toMatchObject({
        email: person.email,
        app_metadata: { provider },
        user_metadata: { full_name: 'Ann Example' },
      });
      expect((await supabase.auth.refreshSession()).error).toBeNull();
    },
  );

  it('signInWithOAuth signs in with PKCE, and exchangeCodeForSession brings the tokens of the provider', async () => {
    const [supabase, person] = [client('pkce'), stranger()];
    const { landed, session } = await signIn(supabase, person, 'keycloak');
    expect(landed.hash).toBe('');
    expect(session).toMatchObject({
      user: { email: person.email },
      provider_token: expect.stringMatching(/^token-/),
      provider_refresh_token: expect.stringMatching(/^renewal-/),
    });
    const code = landed.searchParams.get('code') ?? '';
    expect((await supabase.auth.exchangeCodeForSession(code)).error).not.toBeNull();
  });

  it('exchangeCodeForSession gives nothing to whoever has another verifier', async () => {
    const [supabase, thief] = [client('pkce'), client('pkce')];
    const { data } = await supabase.auth.signInWithOAuth({ provider: 'keycloak', options: { redirectTo } });
    await thief.auth.signInWithOAuth({ provider: 'keycloak', options: { redirectTo } });
    const landed = await travel(data.url ?? '', stranger());
    const stolen = await thief.auth.exchangeCodeForSession(landed.searchParams.get('code') ?? '');
    expect(stolen.error?.code).toBe('bad_code_verifier');
    expect((await land(supabase, landed))?.access_token).toBeTruthy();
  });

  it('signInWithOAuth brings back what the provider refused', async () => {
    const { data } = await client().auth.signInWithOAuth({ provider: 'github', options: { redirectTo } });
    const landed = await travel(data.url ?? '', { error: 'access_denied', error_description: 'Not today' });
    expect(landed.searchParams.get('error_description')).toBe('Not today');
    expect(landed.hash).not.toContain('access_token');
  });

  it('signInWithIdToken signs in with the token that another library got, for its nonce only', async () => {
    const person = stranger();
    const nonce = randomBytes(16).toString('hex');
    const hashed = createHash('sha256').update(nonce).digest('hex');
    const token = idp.idToken(person, { nonce: hashed });
    const credentials = { provider: 'keycloak', token } as const;
    const refused = await client().auth.signInWithIdToken({ ...credentials, nonce: 'another' });
    expect(refused.error).toMatchObject({ status: 400, message: 'Nonces mismatch' });
    const supabase = client();
    const { data, error } = await supabase.auth.signInWithIdToken({ ...credentials, nonce });
    expect(error).toBeNull();
    expect(data.user?.email).toBe(person.email);
    expect(await waysOf(supabase)).toEqual(['keycloak']);
  });

  it.each(['implicit', 'pkce'] as const)('linkIdentity adds a way in, %s', async (flowType) => {
    const person = stranger();
    const email = `home-${person.email}`;
    await member(email);
    const supabase = client(flowType);
    await supabase.auth.signInWithPassword({ email, password });
    const { data, error } = await supabase.auth.linkIdentity({ provider: 'github', options: { redirectTo } });
    expect(error).toBeNull();
    await land(supabase, await travel(data.url ?? '', person));
    expect(await waysOf(supabase)).toEqual(['email', 'github']);
    const { session } = await signIn(client(), person, 'github');
    expect(session?.user.email).toBe(email);
  });

  it('linkIdentity takes an ID token as well', async () => {
    const person = stranger();
    const supabase = await member(`home-${person.email}`);
    const token = idp.idToken(person);
    const { error } = await supabase.auth.linkIdentity({ provider: 'keycloak', token });
    expect(error).toBeNull();
    expect(await waysOf(supabase)).toEqual(['email', 'keycloak']);
  });

  it('linkIdentity makes somebody without an address a member who keeps their id', async () => {
    const [supabase, person] = [client(), stranger()];
    const { data: anonymous } = await supabase.auth.signInAnonymously();
    const { data } = await supabase.auth.linkIdentity({ provider: 'keycloak', options: { redirectTo } });
    const session = await land(supabase, await travel(data?.url ?? '', person));
    expect(session?.user).toMatchObject({
      id: anonymous.user?.id,
      email: person.email,
      is_anonymous: false,
    });
  });

  it('linkIdentity leaves others what is theirs', async () => {
    const [owner, person] = [client(), stranger()];
    await signIn(owner, person, 'github');
    const supabase = await member(`home-${person.email}`);
    const { data } = await supabase.auth.linkIdentity({ provider: 'github', options: { redirectTo } });
    const landed = await travel(data?.url ?? '', person);
    expect(landed.searchParams.get('error_code')).toBe('identity_already_exists');
    expect(await waysOf(supabase)).toEqual(['email']);
  });

  it('unlinkIdentity takes a way in away, but never the last', async () => {
    const supabase = client();
    const person = stranger();
    await signIn(supabase, person, 'keycloak');
    await signIn(supabase, person, 'github');
    expect(await waysOf(supabase)).toEqual(['github', 'keycloak']);
    const { data } = await supabase.auth.getUserIdentities();
    const [first, last] = data?.identities ?? [];
    expect((await supabase.auth.unlinkIdentity(first!)).error).toBeNull();
    expect(await waysOf(supabase)).toEqual([last?.provider]);
    const refused = await supabase.auth.unlinkIdentity(last!);
    expect(refused.error).toMatchObject({ code: 'single_identity_not_deletable', status: 422 });
  });
});

function memory() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}
