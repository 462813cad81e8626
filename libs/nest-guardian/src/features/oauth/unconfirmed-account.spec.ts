import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { inUnit } from '../../../../../test/support/in-unit.js';
import { newSession } from '../../../../../test/support/people.js';
import {
  AccountBench,
  newAddress,
  password,
  somebody,
  type Told,
} from '../../../../../test/support/account-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { AuthError } from '../../core/auth-error.js';
import { systemCaller } from '../../core/caller.js';
import { signInAnonymously } from '../anonymous/anonymous.contract.js';
import { invite } from '../invite/invite.contract.js';
import { sendOtp } from '../otp/otp.contract.js';
import { signUp } from '../password/password.contract.js';
import { callback } from './callback.contract.js';
import { authorize } from './oauth.contract.js';

onBothDatabases('an account that nobody has confirmed', (open) => {
  let strict: AccountBench;
  let gotrue: AccountBench;
  const benchOf = (mode: string) => (mode === 'strict' ? strict : gotrue);
  beforeAll(async () => {
    strict = await AccountBench.open(open());
    gotrue = await AccountBench.open(open(), { compatibility: 'gotrue', mail: { smtpTls: false } });
  });

  /** All that somebody could have left in an account with another person's address. */
  async function prepare(bench: AccountBench, email: string): Promise<string> {
    await bench.sending.ask(signUp, { email, password, data: { role: 'thief' } });
    const [row] = await bench.query('SELECT id FROM auth.users WHERE email = $1', [email]);
    const id = row?.id as string;
    await inUnit(open(), ({ sessions }) => sessions.open(newSession(id)));
    await bench.query(
      `INSERT INTO auth.identities (provider_id, user_id, provider, identity_data, created_at, updated_at)
       VALUES ($1, $2, 'other', '{"email_verified": false}', now(), now())`,
      [randomUUID(), id],
    );
    await bench.query(
      `INSERT INTO auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
       VALUES (gen_random_uuid(), $1, 'theirs', 'totp', 'verified', 's', now(), now())`,
      [id],
    );
    await bench.query(
      `INSERT INTO auth.webauthn_credentials (id, user_id, credential_id, public_key)
       VALUES (gen_random_uuid(), $1, convert_to($2, 'UTF8'), 'k')`,
      [id, id],
    );
    await bench.query(
      `UPDATE auth.users SET phone = $2, phone_confirmed_at = now(), email_change = 'thief@example.com' WHERE id = $1`,
      [id, String(Math.floor(Math.random() * 1e12))],
    );
    return id;
  }

  const leftOf = async (bench: AccountBench, id: string) => {
    const tables = [
      'sessions',
      'mfa_factors',
      'webauthn_credentials',
      'guardian_one_time_secrets',
      'one_time_tokens',
    ];
    const counts = tables.map(
      (table) => `(SELECT count(*)::int FROM auth.${table} WHERE user_id = $1) AS ${table}`,
    );
    return (await bench.query(`SELECT ${counts.join(', ')}`, [id]))[0];
  };

  describe.each(['strict', 'gotrue'])('%s', (mode) => {
    it('P-01 P-02 P-05 is whoever’s first shows that the address is theirs, and nothing is left in it', async () => {
      const bench = benchOf(mode);
      const email = newAddress();
      const id = await prepare(bench, email);
      const thief = (await bench.query('SELECT id FROM auth.sessions WHERE user_id = $1', [id]))[0];
      const victim = somebody({ email });
      const { user } = await bench.open(victim);
      expect(user).toMatchObject({
        id,
        email,
        phone: '',
        app_metadata: { provider: 'acme', providers: ['acme'] },
      });
      expect(user.user_metadata).not.toHaveProperty('role');
      expect(user.identities?.map(({ provider }) => provider)).toEqual(['acme']);
      expect(user).not.toHaveProperty('new_email');
      expect(await leftOf(bench, id)).toEqual({
        sessions: 1,
        mfa_factors: 0,
        webauthn_credentials: 0,
        guardian_one_time_secrets: 0,
        one_time_tokens: 0,
      });
      expect(await bench.query('SELECT id FROM auth.sessions WHERE id = $1', [thief?.id])).toEqual([]);
      expect(await bench.signIn(email)).toMatch(/^400 invalid_credentials/);
      expect(await bench.follow(email)).toMatch(/otp_expired/);
      expect(await bench.audit(id)).toEqual(
        expect.arrayContaining(['identity_linked acme', 'user_signedup acme']),
      );
    });

    it('P-05 is not joined by an unverified address, and stays as it was', async () => {
      const bench = benchOf(mode);
      const email = newAddress();
      const id = await prepare(bench, email);
      const before = await leftOf(bench, id);
      bench.sending.clock.advance('1m');
      expect(await bench.enter(somebody({ email, isVerified: false }))).toMatch(/^422 provider_email/);
      expect(await leftOf(bench, id)).toEqual(before);
    });

    it('is confirmed without the mail once the provider has verified the address', async () => {
      const bench = benchOf(mode);
      const ann = somebody({ isVerified: false });
      expect(await bench.enter(ann)).toMatch(/^422 provider_email/);
      const { user } = await bench.open({ ...ann, isVerified: true });
      expect(user.email_confirmed_at).toBeTruthy();
      expect(user.identities?.map(({ id }) => id)).toEqual([ann.subject]);
    });

    it('P-04 is confirmed for the address that was verified, and for no other that was asked for before', async () => {
      const bench = benchOf(mode);
      const victim = newAddress();
      const thief = somebody({ email: victim, isVerified: false });
      expect(await bench.enter(thief)).toMatch(/^422 provider_email/);
      const own = newAddress();
      expect((await bench.open({ ...thief, email: own, isVerified: true })).user.email).toBe(own);
      const { user } = await bench.open(somebody({ email: victim }), { provider: 'other' });
      expect(user.identities).toHaveLength(1);
      expect(await bench.countOf(victim)).toBe(1);
    });

    it('of somebody invited is theirs who hold the link and read the address elsewhere, too', async () => {
      const { sending } = benchOf(mode);
      const email = newAddress();
      const { id } = await sending.ask(invite, { email, data: { team: 'red' } }, systemCaller);
      const { TokenHash: invite_token } = sending.lastTo(email).variables as { TokenHash: string };
      const answer = async (told: Told): Promise<string> => {
        const begun = await sending.ask(authorize, { provider: 'acme', invite_token });
        const cookies = begun.cookies?.join(';');
        const state = new URL(begun.location).searchParams.get('state') as string;
        const asked = sending.ask(
          callback,
          { state, code: JSON.stringify(told) },
          { ...sending.caller, cookies },
        );
        return asked.then(
          (arrived) => ('location' in arrived ? arrived.location : ''),
          ({ sentOn }: AuthError) => sentOn?.location ?? '',
        );
      };
      const invited = somebody({ email, isVerified: false });
      expect(await answer(somebody())).toContain('Invited+email+does+not+match');
      expect(await answer(invited)).toContain('#access_token=');
      expect(await benchOf(mode).rowOf(invited)).toMatchObject({
        id,
        email,
        ways: ['acme'],
        raw_user_meta_data: { team: 'red', full_name: 'Ann Example', email_verified: true },
      });
      expect(await benchOf(mode).audit(id)).toContain('invite_accepted acme');
      await expect(sending.ask(authorize, { provider: 'acme', invite_token })).rejects.toMatchObject({
        code: 'user_not_found',
      });
    });

    it('of an anonymous person is no longer anonymous once the mail of a linked address was followed', async () => {
      const bench = benchOf(mode);
      const vague = somebody({ isVerified: false });
      const { access_token: bearer } = await bench.sending.ask(signInAnonymously, {});
      expect(await bench.enter(vague, { link_identity: true }, bearer)).toMatch(/^422 email_not_confirmed/);
      expect(await bench.rowOf(vague)).toMatchObject({ is_anonymous: true, email_confirmed_at: null });
      await bench.follow(vague.email ?? '');
      const row = await bench.rowOf(vague);
      expect(row).toMatchObject({ is_anonymous: false, raw_app_meta_data: { providers: ['acme'] } });
    });
  });

  it('P-01 is left to whoever signs up there with a password, not to whoever told an unverified address', async () => {
    const thief = somebody({ isVerified: false });
    await strict.enter(thief);
    strict.sending.clock.advance('2m');
    await strict.member(thief.email ?? '');
    expect(await strict.rowOf(thief)).toBeUndefined();
  });

  it('P-01 is left to whoever follows a magic link', async () => {
    const thief = somebody({ isVerified: false });
    await strict.enter(thief);
    await strict.sending.ask(sendOtp, { email: thief.email ?? '' });
    await strict.follow(thief.email ?? '', 'magiclink');
    expect(await strict.rowOf(thief)).toBeUndefined();
  });
});
