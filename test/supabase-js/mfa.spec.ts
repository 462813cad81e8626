import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { gotrue } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { WebSocket } from 'ws';
import { totpAt } from '../../libs/nest-guardian/src/tokens/totp.js';
import { type RunningApplication, startApplication } from '../support/start-application.js';

const password = 'a quiet harbour 7';
const secret = 'supabase-js shows second factors with this secret of ours';

interface Person {
  readonly supabase: SupabaseClient;
  readonly email: string;
}

describe.each(['local', 'gotrue'] as const)('auth.mfa of supabase-js, %s', (name) => {
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

  const client = (): SupabaseClient =>
    createClient(new URL(running.at(-1)?.base as string).origin, 'any-key', {
      auth: { persistSession: false, autoRefreshToken: false },
      // Node 20 has no WebSocket of its own.
      realtime: { transport: WebSocket as never },
    });

  const person = async (): Promise<Person> => {
    const [supabase, email] = [client(), `${randomUUID()}@example.com`];
    expect((await supabase.auth.signUp({ email, password })).error).toBeNull();
    return { supabase, email };
  };

  const enroll = async ({ auth: { mfa } }: SupabaseClient) => {
    const { data, error } = await mfa.enroll({ factorType: 'totp', friendlyName: 'phone' });
    expect(error).toBeNull();
    return {
      factorId: data?.id as string,
      totp: data?.totp as { secret: string; qr_code: string; uri: string },
    };
  };

  const protect = async (supabase: SupabaseClient) => {
    const { factorId, totp } = await enroll(supabase);
    const code = totpAt(totp.secret, clock.now());
    expect((await supabase.auth.mfa.challengeAndVerify({ factorId, code })).error).toBeNull();
    clock.advance('30s');
    return { factorId, totp };
  };

  const levels = async ({ auth }: SupabaseClient) => {
    const { data } = await auth.mfa.getAuthenticatorAssuranceLevel();
    return [data?.currentLevel, data?.nextLevel];
  };

  it('enroll gives a picture that a browser shows', async () => {
    const { supabase, email } = await person();
    const { totp } = await enroll(supabase);
    // What follows a # would be cut off.
    expect(totp.qr_code).not.toContain('#');
    expect(totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<svg /);
    expect(new URL(totp.uri).searchParams.get('secret')).toBe(totp.secret);
    expect(decodeURIComponent(totp.uri)).toContain(email);
  });

  it('challenge and verify raise the session', async () => {
    const { supabase } = await person();
    const { factorId, totp } = await enroll(supabase);
    expect(await levels(supabase)).toEqual(['aal1', 'aal1']);
    const challenge = await supabase.auth.mfa.challenge({ factorId });
    expect(challenge.data).toMatchObject({ type: 'totp', expires_at: expect.any(Number) });
    const challengeId = challenge.data?.id as string;
    const wrong = await supabase.auth.mfa.verify({ factorId, challengeId, code: '12345' });
    expect(wrong.error).toMatchObject({ status: 422, code: 'mfa_verification_failed' });
    const code = totpAt(totp.secret, clock.now());
    const { data, error } = await supabase.auth.mfa.verify({ factorId, challengeId, code });
    expect(error).toBeNull();
    expect(data?.access_token).toBe((await supabase.auth.getSession()).data.session?.access_token);
    expect(await levels(supabase)).toEqual(['aal2', 'aal2']);
    expect((await supabase.auth.refreshSession()).error).toBeNull();
    expect(await levels(supabase)).toEqual(['aal2', 'aal2']);
  });

  it('getAuthenticatorAssuranceLevel says what is to be shown after a sign-in', async () => {
    const { supabase, email } = await person();
    const { factorId, totp } = await protect(supabase);
    const other = client();
    expect((await other.auth.signInWithPassword({ email, password })).error).toBeNull();
    expect(await levels(other)).toEqual(['aal1', 'aal2']);
    const code = totpAt(totp.secret, clock.now());
    expect((await other.auth.mfa.challengeAndVerify({ factorId, code })).error).toBeNull();
    expect(await levels(other)).toEqual(['aal2', 'aal2']);
  });

  it('listFactors lists them, the verified ones by kind', async () => {
    const { supabase } = await person();
    const { factorId } = await protect(supabase);
    const { data, error } = await supabase.auth.mfa.listFactors();
    expect(error).toBeNull();
    expect(data?.totp).toMatchObject([{ id: factorId, friendly_name: 'phone', status: 'verified' }]);
    expect(data?.all).toHaveLength(1);
  });

  it('unenroll gives one up, at aal2 only', async () => {
    const { supabase, email } = await person();
    const { factorId } = await protect(supabase);
    const other = client();
    await other.auth.signInWithPassword({ email, password });
    const refused = await other.auth.mfa.unenroll({ factorId });
    expect(refused.error).toMatchObject({ status: 422, code: 'insufficient_aal' });
    const { data, error } = await supabase.auth.mfa.unenroll({ factorId });
    expect(error).toBeNull();
    expect(data).toEqual({ id: factorId });
    await supabase.auth.refreshSession();
    expect(await levels(supabase)).toEqual(['aal1', 'aal1']);
  });
});
