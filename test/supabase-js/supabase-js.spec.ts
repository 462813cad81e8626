import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Session, type SupabaseClient } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import { type Sample, type SampleEnvironment, startSample } from '../support/start-sample.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';

const password = 'a quiet harbour 7';

/** What `@supabase/supabase-js`, unchanged, does against the sample application. */
function laws(start: () => Promise<Pick<Sample, 'url' | 'stop'>>): void {
  let sample: Pick<Sample, 'url' | 'stop'>;
  beforeAll(async () => {
    sample = await start();
  });
  afterAll(() => sample.stop());

  const client = (): SupabaseClient =>
    createClient(sample.url, 'any-key', {
      auth: { persistSession: false, autoRefreshToken: false },
      // Node 20 has no WebSocket of its own.
      realtime: { transport: WebSocket as never },
    });

  interface Person {
    readonly email: string;
    readonly supabase: SupabaseClient;
    readonly session: Session;
  }

  const person = async (): Promise<Person> => {
    const supabase = client();
    const email = `${randomUUID()}@example.com`;
    const { data, error } = await supabase.auth.signUp({ email, password });
    expect(error).toBeNull();
    return { email, supabase, session: data.session as Session };
  };

  /** The same person on another device. */
  const elsewhere = async (email: string, secret = password): Promise<SupabaseClient> => {
    const supabase = client();
    const { error } = await supabase.auth.signInWithPassword({ email, password: secret });
    expect(error).toBeNull();
    return supabase;
  };

  const isSignedIn = async (supabase: SupabaseClient): Promise<boolean> =>
    (await supabase.auth.getUser()).error === null;

  it('signs a person up and gives a session', async () => {
    const { email, supabase, session } = await person();
    expect(session).toMatchObject({ token_type: 'bearer', user: { email, aud: 'authenticated' } });
    expect(session.expires_in).toBeGreaterThan(0);
    expect(session.expires_at).toBeGreaterThan(Date.now() / 1000);
    expect((await supabase.auth.getSession()).data.session?.access_token).toBe(session.access_token);
  });

  it('refuses the same address a second time', async () => {
    const { email } = await person();
    const { data, error } = await client().auth.signUp({ email, password });
    expect(error).toMatchObject({ name: 'AuthApiError', status: 422, code: 'user_already_exists' });
    expect(data.session).toBeNull();
  });

  it('refuses a weak password and says so', async () => {
    const { error } = await client().auth.signUp({ email: `${randomUUID()}@example.com`, password: 'short' });
    expect(error).toMatchObject({ name: 'AuthWeakPasswordError', status: 422, code: 'weak_password' });
  });

  it('signs in with the right password only', async () => {
    const { email } = await person();
    const { data, error } = await client().auth.signInWithPassword({ email, password });
    expect(error).toBeNull();
    expect(data.user?.email).toBe(email);
    const wrong = await client().auth.signInWithPassword({ email, password: 'another harbour 8' });
    expect(wrong.error).toMatchObject({ name: 'AuthApiError', status: 400, code: 'invalid_credentials' });
  });

  it('gets the user whose session it is', async () => {
    const { email, supabase, session } = await person();
    const { data, error } = await supabase.auth.getUser();
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ id: session.user.id, email });
    expect(data.user?.identities).toHaveLength(1);
    const stranger = await client().auth.getUser('not.a.token');
    expect(stranger.error).toMatchObject({ status: 403, code: 'bad_jwt' });
  });

  it('gets the claims of the token', async () => {
    const { email, supabase, session } = await person();
    const { data, error } = await supabase.auth.getClaims();
    expect(error).toBeNull();
    expect(data?.claims).toMatchObject({ sub: session.user.id, email, role: 'authenticated', aal: 'aal1' });
  });

  it('changes metadata, keeping what was not named', async () => {
    const { supabase } = await person();
    await supabase.auth.updateUser({ data: { name: 'Ann', likes: 'tea' } });
    const { data, error } = await supabase.auth.updateUser({ data: { likes: 'coffee' } });
    expect(error).toBeNull();
    expect(data.user?.user_metadata).toMatchObject({ name: 'Ann', likes: 'coffee' });
  });

  it('changes the password; the old one is good no longer', async () => {
    const { email, supabase } = await person();
    const { error } = await supabase.auth.updateUser({ password: 'another harbour 8' });
    expect(error).toBeNull();
    const old = await client().auth.signInWithPassword({ email, password });
    expect(old.error).toMatchObject({ code: 'invalid_credentials' });
    expect(await isSignedIn(await elsewhere(email, 'another harbour 8'))).toBe(true);
    expect(await isSignedIn(supabase)).toBe(true);
  });

  it('refreshes the session', async () => {
    const { supabase, session } = await person();
    const { data, error } = await supabase.auth.refreshSession();
    expect(error).toBeNull();
    expect(data.session?.refresh_token).not.toBe(session.refresh_token);
    expect(data.user?.id).toBe(session.user.id);
    expect(await isSignedIn(supabase)).toBe(true);
    const unknown = await client().auth.refreshSession({ refresh_token: 'abcdefghijkl' });
    expect(unknown.error).toMatchObject({ name: 'AuthApiError', status: 400 });
  });

  describe('signing out', () => {
    const twoDevices = async () => {
      const { email, supabase: here } = await person();
      const there = await elsewhere(email);
      const { access_token } = (await here.auth.getSession()).data.session as Session;
      const isHere = async (): Promise<boolean> => (await client().auth.getUser(access_token)).error === null;
      return { here, there, isHere };
    };

    it('globally ends the sessions of every device', async () => {
      const { here, there, isHere } = await twoDevices();
      expect((await here.auth.signOut({ scope: 'global' })).error).toBeNull();
      expect(await isHere()).toBe(false);
      expect(await isSignedIn(there)).toBe(false);
      const { error } = await there.auth.refreshSession();
      expect(error).not.toBeNull();
    });

    it('locally ends this session and no other', async () => {
      const { here, there, isHere } = await twoDevices();
      expect((await here.auth.signOut({ scope: 'local' })).error).toBeNull();
      expect(await isHere()).toBe(false);
      expect(await isSignedIn(there)).toBe(true);
      expect((await there.auth.refreshSession()).error).toBeNull();
    });

    it('of others ends every session but this', async () => {
      const { here, there, isHere } = await twoDevices();
      expect((await here.auth.signOut({ scope: 'others' })).error).toBeNull();
      expect(await isHere()).toBe(true);
      expect(await isSignedIn(there)).toBe(false);
      expect((await here.auth.refreshSession()).error).toBeNull();
    });
  });
}

const onPostgresDatabase = async (environment: SampleEnvironment): Promise<Sample> => {
  const { url, drop } = await createPostgresDatabase();
  const sample = await startSample({ ...environment, DATABASE_URL: url });
  const stop = async (): Promise<void> => {
    await sample.stop();
    await drop();
  };
  return { ...sample, stop };
};

describe.each(['express', 'fastify'] as const)('supabase-js against the sample on %s', (adapter) => {
  describe('and the embedded database', () => {
    laws(() => startSample({ GUARDIAN_HTTP: adapter }));
  });
  onPostgres('and PostgreSQL', () => {
    laws(() => onPostgresDatabase({ GUARDIAN_HTTP: adapter }));
  });
});

describe('supabase-js against the sample that delegates to another sample', () => {
  laws(async () => {
    const behind = await startSample();
    const front = await startSample({
      GUARDIAN_PROVIDER: 'gotrue',
      GUARDIAN_GOTRUE_URL: `${behind.url}/auth/v1`,
    });
    const stop = async (): Promise<void> => {
      await front.stop();
      await behind.stop();
    };
    return { url: front.url, stop };
  });
});
