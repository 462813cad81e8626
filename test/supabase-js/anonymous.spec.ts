import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { SystemClock } from '../../libs/nest-guardian/src/core/ports/clock.js';
import { local } from 'nest-guardian/local';
import { WebSocket } from 'ws';
import { type RunningApplication, startApplication } from '../support/start-application.js';

describe('somebody without an address, through supabase-js', () => {
  let application: RunningApplication;
  let supabase: SupabaseClient;
  beforeAll(async () => {
    const provider = local({
      tokens: { secret: 'this secret is long enough for a client of strangers' },
      database: ':memory:',
      password: { autoconfirm: true },
      anonymous: { enabled: true },
    });
    application = await startApplication({ provider, clock: new SystemClock(), adapter: 'Fastify' });
    supabase = createClient(application.base.replace(/\/auth\/v1$/, ''), 'any-key', {
      auth: { persistSession: false, autoRefreshToken: false },
      // Node 20 has no WebSocket of its own.
      realtime: { transport: WebSocket as never },
    });
  });
  afterAll(() => application.close());

  it('signs in, names an address and a password, and signs in with them', async () => {
    const { data: anonymous, error } = await supabase.auth.signInAnonymously({
      options: { data: { theme: 'dark' } },
    });
    expect(error).toBeNull();
    expect(anonymous.user).toMatchObject({ is_anonymous: true, user_metadata: { theme: 'dark' } });
    const id = anonymous.user?.id;

    const email = `${randomUUID()}@example.com`;
    const changed = await supabase.auth.updateUser({ email, password: 'a quiet harbour 7' });
    expect(changed.error).toBeNull();
    expect(changed.data.user).toMatchObject({ id, email, is_anonymous: false });

    const refreshed = await supabase.auth.refreshSession();
    expect(refreshed.data.user).toMatchObject({ id, email, is_anonymous: false });
    await supabase.auth.signOut();
    const again = await supabase.auth.signInWithPassword({ email, password: 'a quiet harbour 7' });
    expect(again.data.user?.id).toBe(id);
  });
});
