import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { WebSocket } from 'ws';
import { SystemClock } from '../../libs/nest-guardian/src/core/ports/clock.js';
import { local } from 'nest-guardian/local';
import { MemorySmsSender } from 'nest-guardian/testing';
import { forge } from '../../libs/nest-guardian/src/testing/tokens.js';
import { type ReceivedMail, SmtpInbox } from '../support/smtp-inbox.js';
import { type AdapterName, type RunningApplication, startApplication } from '../support/start-application.js';

const password = 'a quiet harbour 7';
const secret = 'supabase-js asks for mail with this secret of ours';
const site = 'http://localhost:5000';

const linkIn = ({ text }: ReceivedMail): URL =>
  new URL((/https?:\/\/\S+\/verify\?[^\s"<>\])]+/.exec(text)?.[0] ?? '').replaceAll('&amp;', '&'));
const codeIn = ({ text }: ReceivedMail): string => /(?<![\w-])\d{6}(?![\w-])/.exec(text)?.[0] ?? '';

/** Where a browser ends that follows the link. */
async function follow(mail: ReceivedMail): Promise<URL> {
  const response = await fetch(linkIn(mail), { redirect: 'manual' });
  expect(response.status).toBe(303);
  return new URL(response.headers.get('location') ?? '');
}

const fragmentOf = ({ hash }: URL) => Object.fromEntries(new URLSearchParams(hash.slice(1)));

describe.each<AdapterName>(['Express', 'Fastify'])('supabase-js and a real SMTP server, on %s', (adapter) => {
  let inbox: SmtpInbox;
  let application: RunningApplication;
  const texts = new MemorySmsSender();
  beforeAll(async () => {
    inbox = await SmtpInbox.start();
    const provider = local({
      database: ':memory:',
      tokens: { secret },
      site: { url: site },
      mail: {
        smtpHost: '127.0.0.1',
        smtpPort: inbox.port,
        smtpTls: false,
        from: 'accounts@example.com',
        maxFrequency: '0s',
      },
      phone: { enabled: true },
    });
    application = await startApplication({ provider, clock: new SystemClock(), adapter, smsSender: texts });
  }, 30_000);
  afterAll(async () => {
    await application?.close();
    await inbox?.close();
  });

  const client = (flowType: 'implicit' | 'pkce' = 'implicit', key = 'any-key'): SupabaseClient =>
    createClient(new URL(application.base).origin, key, {
      auth: {
        persistSession: false,
        autoRefreshToken: false,
        detectSessionInUrl: false,
        flowType,
        storage: memory(),
      },
      // Node 20 has no WebSocket of its own.
      realtime: { transport: WebSocket as never },
    });
  const newAddress = (): string => `${randomUUID()}@example.com`;
  const admin = (): SupabaseClient => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    return client('implicit', forge({ role: 'service_role', iat: exp - 600, exp }, secret));
  };
  const isSignedIn = async (supabase: SupabaseClient): Promise<string | undefined> =>
    (await supabase.auth.getUser()).data.user?.email;

  /** Somebody whose address is confirmed, signed in. */
  const person = async () => {
    const [email, supabase] = [newAddress(), client()];
    await supabase.auth.signUp({ email, password });
    const token = codeIn(await inbox.next(email));
    const { error } = await supabase.auth.verifyOtp({ email, token, type: 'email' });
    expect(error).toBeNull();
    return { email, supabase };
  };

  it('signUp sends a link that confirms the address and signs in', async () => {
    const [email, supabase] = [newAddress(), client()];
    const { data, error } = await supabase.auth.signUp({ email, password });
    expect(error).toBeNull();
    expect(data).toMatchObject({ session: null, user: { email } });
    const early = await client().auth.signInWithPassword({ email, password });
    expect(early.error?.code).toBe('email_not_confirmed');
    const landed = await follow(await inbox.next(email));
    expect(landed.origin).toBe(site);
    const { access_token = '', refresh_token = '', type } = fragmentOf(landed);
    expect(type).toBe('signup');
    await supabase.auth.setSession({ access_token, refresh_token });
    expect(await isSignedIn(supabase)).toBe(email);
  });

  it('verifyOtp takes the code of that mail, once', async () => {
    const { email, supabase } = await person();
    expect(await isSignedIn(supabase)).toBe(email);
  });

  it('signInWithOtp signs in by code, by link and by token_hash', async () => {
    const { email } = await person();
    for (const how of ['code', 'link', 'hash']) {
      const supabase = client();
      expect((await supabase.auth.signInWithOtp({ email })).error).toBeNull();
      const mail = await inbox.next(email);
      if (how === 'code') await supabase.auth.verifyOtp({ email, token: codeIn(mail), type: 'email' });
      if (how === 'hash') {
        const token_hash = linkIn(mail).searchParams.get('token') ?? '';
        await supabase.auth.verifyOtp({ token_hash, type: 'email' });
      }
      if (how === 'link') {
        const { access_token = '', refresh_token = '' } = fragmentOf(await follow(mail));
        await supabase.auth.setSession({ access_token, refresh_token });
      }
      expect(await isSignedIn(supabase)).toBe(email);
    }
  });

  it('exchangeCodeForSession trades the code of a followed link, for the one who asked for it', async () => {
    const { email } = await person();
    const supabase = client('pkce');
    expect((await supabase.auth.signInWithOtp({ email })).error).toBeNull();
    const landed = await follow(await inbox.next(email));
    expect(landed.hash).toBe('');
    const code = landed.searchParams.get('code') ?? '';
    expect((await client('pkce').auth.exchangeCodeForSession(code)).error).not.toBeNull();
    expect((await supabase.auth.exchangeCodeForSession(code)).error).toBeNull();
    expect(await isSignedIn(supabase)).toBe(email);
  });

  it('signInWithOtp and verifyOtp work by telephone', async () => {
    const phone = `1555${String(Math.random()).slice(2, 9)}`;
    const supabase = client();
    expect((await supabase.auth.signInWithOtp({ phone: `+${phone}` })).error).toBeNull();
    const token = /\d{6}/.exec((await texts.next(phone)).text)?.[0] ?? '';
    const { data, error } = await supabase.auth.verifyOtp({ phone, token, type: 'sms' });
    expect(error).toBeNull();
    expect(data.user?.phone).toBe(phone);
  });

  it('resetPasswordForEmail lets a person in who then chooses another password', async () => {
    const { email } = await person();
    const supabase = client();
    const { error } = await supabase.auth.resetPasswordForEmail(email, {
      redirectTo: `${site}/new-password`,
    });
    expect(error).toBeNull();
    const landed = await follow(await inbox.next(email));
    expect(landed.pathname).toBe('/new-password');
    const { access_token = '', refresh_token = '', type } = fragmentOf(landed);
    expect(type).toBe('recovery');
    await supabase.auth.setSession({ access_token, refresh_token });
    expect((await supabase.auth.updateUser({ password: 'another harbour 8' })).error).toBeNull();
    const again = await client().auth.signInWithPassword({ email, password: 'another harbour 8' });
    expect(again.error).toBeNull();
  });

  it('resend sends the confirmation again, and the older mail opens nothing', async () => {
    const [email, supabase] = [newAddress(), client()];
    await supabase.auth.signUp({ email, password });
    const first = await inbox.next(email);
    expect((await supabase.auth.resend({ type: 'signup', email })).error).toBeNull();
    const second = await inbox.next(email);
    const old = await supabase.auth.verifyOtp({ email, token: codeIn(first), type: 'signup' });
    expect(old.error?.code).toBe('otp_expired');
    const { error } = await supabase.auth.verifyOtp({ email, token: codeIn(second), type: 'signup' });
    expect(error).toBeNull();
  });

  it('reauthenticate sends a nonce', async () => {
    const { email, supabase } = await person();
    expect((await supabase.auth.reauthenticate()).error).toBeNull();
    const nonce = codeIn(await inbox.next(email));
    expect(nonce).toMatch(/^\d{6}$/);
    const { error } = await supabase.auth.updateUser({ password: 'another harbour 8', nonce });
    expect(error).toBeNull();
  });

  it('updateUser changes the address once both mails are followed', async () => {
    const { email, supabase } = await person();
    const newEmail = newAddress();
    const { data, error } = await supabase.auth.updateUser({ email: newEmail });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email, new_email: newEmail });
    const half = await follow(await inbox.next(email));
    expect(fragmentOf(half).message).toMatch(/^Confirmation link accepted/);
    expect(await isSignedIn(supabase)).toBe(email);
    const { access_token = '', refresh_token = '' } = fragmentOf(await follow(await inbox.next(newEmail)));
    await supabase.auth.setSession({ access_token, refresh_token });
    expect(await isSignedIn(supabase)).toBe(newEmail);
  });

  it('auth.admin.inviteUserByEmail sends an invitation that signs in', async () => {
    const email = newAddress();
    const { data, error } = await admin().auth.admin.inviteUserByEmail(email, { data: { team: 'blue' } });
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email, user_metadata: { team: 'blue' } });
    const { type, access_token = '' } = fragmentOf(await follow(await inbox.next(email)));
    expect(type).toBe('invite');
    expect((await client().auth.getUser(access_token)).data.user?.email).toBe(email);
  });

  it('auth.admin.generateLink gives a link and sends nothing', async () => {
    const { email } = await person();
    const { data, error } = await admin().auth.admin.generateLink({ type: 'magiclink', email });
    expect(error).toBeNull();
    const { action_link, hashed_token, verification_type } = data.properties ?? {};
    expect(verification_type).toBe('magiclink');
    expect(new URL(action_link ?? '').searchParams.get('token')).toBe(hashed_token);
    const supabase = client();
    await supabase.auth.verifyOtp({ token_hash: hashed_token ?? '', type: 'magiclink' });
    expect(await isSignedIn(supabase)).toBe(email);
    // The one that confirmed the address.
    expect(inbox.received.filter(({ to }) => to.includes(email))).toHaveLength(1);
  });
});

/** A store of one client's own: by default all clients of a process share one. */
function memory() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}
