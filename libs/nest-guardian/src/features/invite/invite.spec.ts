import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import { SendingBench } from '../../../../../test/support/sending-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { systemCaller } from '../../core/caller.js';
import type { SessionBody } from '../../wire/session.js';
import { generateLink, type GenerateLinkInput } from '../admin-links/admin-links.contract.js';
import { signInWithPassword, signUp } from '../password/password.contract.js';
import { verify } from '../verify/verify.contract.js';
import { invite, type InviteInput } from './invite.contract.js';

const [theirs, ours] = ['the horse of somebody else 9', 'correct horse 9 battery'];
const newAddress = (): string => `${randomUUID()}@example.com`;

onBothDatabases('an account that an administrator’s link opens', (open) => {
  const benchWith = (options: LocalOptions = {}) => SendingBench.open(open(), options);
  const inviting = (bench: SendingBench, input: InviteInput) =>
    bench.answerOf(invite, input, systemCaller) as Promise<Record<string, unknown>>;
  const linking = (bench: SendingBench, input: GenerateLinkInput) =>
    bench.answerOf(generateLink, input, systemCaller) as Promise<Record<string, unknown>>;
  /** Somebody has signed up with an address that is not theirs. */
  const prepare = async (bench: SendingBench) => {
    const email = newAddress();
    const { id } = (await bench.ask(signUp, { email, password: theirs, data: { role: 'theirs' } })) as {
      id: string;
    };
    return { email, id };
  };
  const confirm = async (bench: SendingBench, type: string, token_hash: unknown) =>
    ((await bench.ask(verify, { type, token_hash: String(token_hash) })) as SessionBody).user;
  const signsIn = async (bench: SendingBench, email: string, password: string): Promise<boolean> =>
    typeof (await bench.answerOf(signInWithPassword, { email, password })) === 'object';

  it('A-36 P-01 keeps nothing of whoever signed up with the address before it was invited', async () => {
    const bench = await benchWith();
    const { email, id } = await prepare(bench);
    const before = bench.lastTo(email).variables;
    expect(await inviting(bench, { email, data: { team: 'blue' } })).toMatchObject({
      email,
      user_metadata: { team: 'blue' },
      app_metadata: { provider: 'email', providers: ['email'] },
      identities: [{ provider: 'email', identity_data: { email, email_verified: false } }],
    });
    expect(await bench.answerOf(verify, { type: 'signup', token_hash: String(before.TokenHash) })).toMatch(
      /^403 otp_expired/,
    );
    const user = await confirm(bench, 'invite', bench.lastTo(email).variables.TokenHash);
    expect(user.user_metadata).toEqual({ team: 'blue', email_verified: true });
    expect(user.user_metadata).not.toHaveProperty('role');
    expect(await signsIn(bench, email, theirs)).toBe(false);
    expect(user.id).toBe(id);
  });

  it('A-36 P-01 has the password that the administrator gave, not the one from before', async () => {
    const bench = await benchWith();
    const { email } = await prepare(bench);
    const { hashed_token } = await linking(bench, { type: 'signup', email, password: ours });
    await confirm(bench, 'signup', hashed_token);
    expect([await signsIn(bench, email, theirs), await signsIn(bench, email, ours)]).toEqual([false, true]);
  });

  it('keeps what is there where everything is as with GoTrue', async () => {
    const bench = await benchWith({ compatibility: 'gotrue' });
    const { email, id } = await prepare(bench);
    expect(await inviting(bench, { email, data: { team: 'blue' } })).toMatchObject({
      id,
      user_metadata: { role: 'theirs' },
    });
    const link = await linking(bench, { type: 'signup', email, data: { team: 'blue' } });
    expect(link.user_metadata).toMatchObject({ role: 'theirs', team: 'blue' });
    await confirm(bench, 'signup', link.hashed_token);
    expect(await signsIn(bench, email, theirs)).toBe(true);
  });

  it('A-36 is not taken back from whoever confirms it while it is invited', async () => {
    const bench = await benchWith();
    const { email } = await prepare(bench);
    const { TokenHash } = bench.lastTo(email).variables;
    const [invited, confirmed] = await Promise.all([
      inviting(bench, { email }),
      bench.answerOf(verify, { type: 'signup', token_hash: String(TokenHash) }),
    ]);
    const [row] = await bench.query('SELECT * FROM auth.users WHERE email = $1', [email]);
    const isConfirmed = typeof confirmed === 'object';
    expect(typeof invited === 'object').toBe(!isConfirmed);
    expect(row?.email_confirmed_at !== null).toBe(isConfirmed);
    expect(row?.encrypted_password === '').toBe(!isConfirmed);
  });

  it('of ten invitations of one address at once, one makes the account and no answer is a failure of ours', async () => {
    const bench = await benchWith();
    const email = newAddress();
    const answers = await Promise.all(Array.from({ length: 10 }, () => inviting(bench, { email })));
    const ids = new Set(answers.map((answer) => (typeof answer === 'object' ? answer.id : null)));
    expect([...ids].filter(Boolean)).toHaveLength(1);
    for (const answer of answers) {
      if (typeof answer === 'string') expect(answer).toMatch(/^422 email_exists/);
    }
  });

  it('is invited in the name of whoever did it, and the row says when', async () => {
    const bench = await benchWith();
    const email = newAddress();
    const { id, invited_at, confirmation_sent_at } = await inviting(bench, { email });
    const at = bench.clock.now().toISOString();
    expect([invited_at, confirmation_sent_at]).toEqual([at, at]);
    const [row] = await bench.query(
      "SELECT payload FROM auth.audit_log_entries WHERE payload->'traits'->>'user_id' = $1",
      [id],
    );
    expect(row?.payload).toEqual({
      action: 'user_invited',
      traits: { user_id: id, user_email: email },
      actor_id: '00000000-0000-0000-0000-000000000000',
      log_type: 'team',
      actor_via_sso: false,
      actor_username: 'service_role',
    });
    expect(bench.lastTo(email).kind).toBe('invite');
  });

  it('is led to where the body says, else the query, and mails nothing', async () => {
    const bench = await benchWith({
      site: {
        url: 'http://127.0.0.1:3000',
        allowedRedirects: ['https://a.example/**', 'https://b.example/**'],
      },
    });
    const email = newAddress();
    const caller = { ...systemCaller, redirectTo: 'https://b.example/query' };
    const ask = (redirect_to?: string) =>
      bench.answerOf(generateLink, { type: 'magiclink', email, redirect_to }, caller);
    expect(await ask('https://a.example/body')).toMatchObject({ redirect_to: 'https://a.example/body' });
    expect(await ask('https://evil.example/')).toMatchObject({ redirect_to: 'https://b.example/query' });
    expect(await ask()).toMatchObject({ redirect_to: 'https://b.example/query' });
    expect(bench.sentTo(email)).toEqual([]);
  });

  it('A-38 is generated for the address that the token stands for, in the form of GoTrue too', async () => {
    const bench = await benchWith({ compatibility: 'gotrue' });
    const [email, new_email] = [newAddress(), newAddress()];
    await linking(bench, { type: 'signup', email, password: ours });
    const made = await linking(bench, { type: 'email_change_new', email, new_email });
    expect(made).toMatchObject({ new_email, verification_type: 'email_change_new' });
    const rows = await bench.query(
      'SELECT token_type, token_hash, relates_to FROM auth.one_time_tokens WHERE user_id = $1 ORDER BY token_type',
      [made.id],
    );
    expect(rows).toContainEqual({
      token_type: 'email_change_token_new',
      token_hash: made.hashed_token,
      relates_to: new_email,
    });
    expect(String(made.action_link)).toContain(`token=${String(made.hashed_token)}&type=email_change&`);
  });

  it('is not linked for the current address where only the new one is asked', async () => {
    const bench = await benchWith({ mail: { secureEmailChange: false } });
    const email = newAddress();
    await linking(bench, { type: 'signup', email, password: ours });
    const order = { type: 'email_change_current', email, new_email: newAddress() };
    expect(await linking(bench, order)).toBe(
      '400 validation_failed: Enable secure email change to generate link for current email',
    );
  });
});
