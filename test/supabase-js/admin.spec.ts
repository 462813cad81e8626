import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { gotrue } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { WebSocket } from 'ws';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import { type RunningApplication, startApplication } from '../support/start-application.js';

const password = 'a quiet harbour 7';
const secret = 'supabase-js administers with this secret of ours';

describe.each(['local', 'gotrue'] as const)('auth.admin of supabase-js, %s', (name) => {
  const clock = new MovableClock();
  const running: RunningApplication[] = [];
  beforeAll(async () => {
    const own = local({ database: ':memory:', tokens: { secret }, password: { autoconfirm: true } });
    running.push(await startApplication({ provider: own, clock, adapter: 'Express' }));
    if (name === 'local') return;
    const provider = gotrue({ url: running[0]?.base as string, jwtSecret: secret });
    running.push(await startApplication({ provider, clock, adapter: 'Fastify' }));
  });
  afterAll(async () => {
    for (const application of running.toReversed()) await application.close();
  });

  const client = (key = 'any-key'): SupabaseClient =>
    createClient(new URL(running.at(-1)?.base as string).origin, key, {
      auth: { persistSession: false, autoRefreshToken: false },
      // Node 20 has no WebSocket of its own.
      realtime: { transport: WebSocket as never },
    });
  const admin = () => {
    const iat = Math.floor(clock.now().getTime() / 1000);
    return client(forge({ role: 'service_role', iat, exp: iat + 600 }, secret)).auth.admin;
  };
  const newAddress = (): string => `${randomUUID()}@example.com`;
  const create = async (more: object = {}) => {
    const { data, error } = await admin().createUser({
      email: newAddress(),
      password,
      email_confirm: true,
      ...more,
    });
    expect(error).toBeNull();
    return data.user as { id: string; email: string };
  };

  it('createUser makes somebody who signs in', async () => {
    const { email } = await create({ user_metadata: { name: 'Ann' }, app_metadata: { plan: 'pro' } });
    const { data, error } = await client().auth.signInWithPassword({ email, password });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ user_metadata: { name: 'Ann' }, app_metadata: { plan: 'pro' } });
    expect((await admin().createUser({ email })).error).toMatchObject({ code: 'email_exists', status: 422 });
  });

  it('listUsers pages, and reads where the next page is', async () => {
    const made = [await create(), await create(), await create()];
    const { data, error } = await admin().listUsers({ page: 1, perPage: 2 });
    expect(error).toBeNull();
    expect(data).toMatchObject({ aud: 'authenticated', nextPage: 2 });
    expect(data.users).toHaveLength(2);
    const all = (await admin().listUsers()).data.users.map(({ id }) => id);
    expect(all).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
  });

  it('getUserById finds who is there, and nobody else', async () => {
    const { id, email } = await create();
    expect((await admin().getUserById(id)).data.user).toMatchObject({ id, email });
    expect((await admin().getUserById(randomUUID())).error).toMatchObject({ code: 'user_not_found' });
  });

  it('updateUserById changes, bans and lifts the ban', async () => {
    const { id, email } = await create();
    const { data } = await admin().updateUserById(id, { role: 'editor', user_metadata: { a: 1 } });
    expect(data.user).toMatchObject({ role: 'editor', user_metadata: { a: 1, email_verified: true } });
    await admin().updateUserById(id, { ban_duration: '24h' });
    const banned = await client().auth.signInWithPassword({ email, password });
    expect(banned.error?.code).toBe('user_banned');
    await admin().updateUserById(id, { ban_duration: 'none', password: 'another harbour 7' });
    const back = await client().auth.signInWithPassword({ email, password: 'another harbour 7' });
    expect(back.error).toBeNull();
  });

  it('deleteUser deletes, softly or not', async () => {
    const [one, other] = [await create(), await create()];
    expect((await admin().deleteUser(one.id, true)).error).toBeNull();
    expect((await admin().getUserById(one.id)).data.user?.email).not.toBe(one.email);
    expect((await admin().deleteUser(other.id)).error).toBeNull();
    expect((await admin().getUserById(other.id)).error?.code).toBe('user_not_found');
  });

  it('mfa.listFactors and mfa.deleteFactor see to the factors of somebody', async () => {
    const { id: userId, email } = await create();
    const supabase = client();
    await supabase.auth.signInWithPassword({ email, password });
    const enrolled = await supabase.auth.mfa.enroll({ factorType: 'totp', friendlyName: 'mine' });
    const factorId = enrolled.data?.id as string;
    const totp = (enrolled.data as { totp: { secret: string } }).totp;
    await supabase.auth.mfa.challengeAndVerify({ factorId, code: totpAt(totp.secret, clock.now()) });
    const { data } = await admin().mfa.listFactors({ userId });
    expect(data?.factors).toEqual([
      expect.objectContaining({ id: factorId, status: 'verified', friendly_name: 'mine' }),
    ]);
    // auth-js hands on what it asked for inside another `data`.
    expect(await admin().mfa.deleteFactor({ id: factorId, userId })).toMatchObject({
      data: { data: { id: factorId } },
      error: null,
    });
    expect((await admin().mfa.listFactors({ userId })).data?.factors).toEqual([]);
  });

  it('signOut ends the session of a token', async () => {
    const { email } = await create();
    const { data } = await client().auth.signInWithPassword({ email, password });
    const jwt = data.session?.access_token as string;
    expect((await admin().signOut(jwt)).error).toBeNull();
    expect((await client().auth.getUser(jwt)).error?.name).toBe('AuthSessionMissingError');
  });

  it('is refused to everybody else', async () => {
    const { email, id } = await create();
    const { data } = await client().auth.signInWithPassword({ email, password });
    const person = client(data.session?.access_token as string).auth.admin;
    expect((await person.listUsers()).error?.code).toBe('not_admin');
    expect((await person.deleteUser(id)).error?.code).toBe('not_admin');
    expect((await client().auth.admin.listUsers()).error).not.toBeNull();
  });
});
