import { afterEach, expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import {
  AdminBench,
  adminPassword as password,
  newAddress,
  newNumber,
} from '../../../../../test/support/admin-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { UserBody } from '../../wire/user.js';
import { signInWithPassword } from '../password/password.contract.js';
import { recover } from '../recovery/recovery.contract.js';
import { createUser, deleteUser, getUserById, updateUserById } from './admin-users.contract.js';

const nobody = '00000000-0000-4000-8000-000000000009';

onBothDatabases('an account under administration', (open) => {
  const benches: AdminBench[] = [];
  const benchWith = async (options?: LocalOptions): Promise<AdminBench> => {
    const bench = await AdminBench.open(open(), options);
    benches.push(bench);
    return bench;
  };
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });
  const update = (bench: AdminBench, { id: user_id }: Pick<UserBody, 'id'>, changes: object) =>
    bench.ask(updateUserById, { user_id, ...changes });
  const make = (bench: AdminBench, more: object = {}): Promise<UserBody> =>
    bench.ask(createUser, { email: newAddress(), password, email_confirm: true, ...more });
  const signsIn = async (bench: AdminBench, email: string, secret = password) =>
    typeof (await bench.ask(signInWithPassword, { email, password: secret })) === 'object';

  it('is found by its id, in any case, and by nothing that is no id', async () => {
    const bench = await benchWith();
    const { id, email } = await make(bench);
    expect(await bench.ask(getUserById, { user_id: id.toUpperCase() })).toMatchObject({ id, email });
    for (const operation of [getUserById, updateUserById, deleteUser]) {
      expect(await bench.ask(operation, { user_id: nobody })).toBe('404 user_not_found: User not found');
      for (const user_id of ['banana', `${id}'`, `{${id}}`, '', '\0', '%']) {
        expect(await bench.ask(operation, { user_id })).toBe(
          '404 validation_failed: user_id must be an UUID',
        );
      }
    }
  });

  it('is changed in what is said, and in nothing else', async () => {
    const bench = await benchWith();
    const before = await make(bench, {
      user_metadata: { a: 1, b: 2 },
      app_metadata: { plan: 'pro', seat: 1 },
    });
    bench.clock.advance('1m');
    const after = await update(bench, before, {
      role: 'editor',
      user_metadata: { a: null, c: 3 },
      app_metadata: { plan: null, seat: 2 },
    });
    expect(after).toEqual({
      ...before,
      role: 'editor',
      user_metadata: { b: 2, c: 3, email_verified: true },
      app_metadata: { provider: 'email', providers: ['email'], seat: 2 },
      updated_at: bench.clock.now().toISOString(),
    });
    expect(await bench.ask(getUserById, { user_id: before.id })).toEqual(after);
    const untouched = await update(bench, before, {});
    expect(untouched).toEqual(after);
    const [, line] = await bench.trailOf(before.id);
    expect(line).toEqual({
      action: 'user_modified',
      log_type: 'user',
      actor_id: '00000000-0000-0000-0000-000000000000',
      actor_username: 'service_role',
      actor_via_sso: false,
      traits: { user_id: before.id, user_email: before.email, user_phone: '' },
    });
  });

  it('has a new address and a number at once, with an identity of each', async () => {
    const bench = await benchWith();
    const made = await make(bench);
    const [email, phone] = [newAddress(), newNumber()];
    const moved = await update(bench, made, { email: email.toUpperCase(), phone: `+${phone}` });
    expect(moved).toMatchObject({ email, phone, email_confirmed_at: made.email_confirmed_at });
    expect(moved).not.toHaveProperty('phone_confirmed_at');
    const identity = (provider: string, data: object) =>
      expect.objectContaining({
        provider,
        identity_data: expect.objectContaining({ sub: made.id, ...data }),
      });
    expect(moved.identities).toHaveLength(2);
    expect(moved.identities).toContainEqual(identity('email', { email, email_verified: false }));
    expect(moved.identities).toContainEqual(identity('phone', { phone, phone_verified: false }));
    const confirmed = await update(bench, made, { email, phone, email_confirm: true, phone_confirm: true });
    expect(confirmed.identities).toContainEqual(identity('email', { email, email_verified: true }));
    expect(confirmed.identities).toContainEqual(identity('phone', { phone, phone_verified: true }));
    expect(confirmed).toHaveProperty('phone_confirmed_at');
    expect(await signsIn(bench, email)).toBe(true);
    expect(await signsIn(bench, made.email)).toBe(false);
  });

  it('is confirmed where it has something to confirm, and never unconfirmed', async () => {
    const bench = await benchWith();
    const made = await make(bench, { email_confirm: false });
    expect(await signsIn(bench, made.email)).toBe(false);
    const flags = { email_confirm: true, phone_confirm: true };
    const confirmed = await update(bench, made, flags);
    expect(confirmed).toMatchObject({
      email_confirmed_at: bench.clock.now().toISOString(),
      user_metadata: { email_verified: true },
    });
    expect(confirmed).not.toHaveProperty('phone_confirmed_at');
    expect(await update(bench, made, { email_confirm: false })).toHaveProperty('email_confirmed_at');
    expect(await signsIn(bench, made.email)).toBe(true);
  });

  it('has nobody else’s address or number, also when two would at once', async () => {
    const bench = await benchWith();
    const [ann, ben] = [await make(bench), await make(bench, { phone: newNumber() })];
    expect(await update(bench, ann, { email: ben.email.toUpperCase() })).toBe(
      '422 email_exists: A user with this email address has already been registered',
    );
    expect(await update(bench, ann, { phone: ben.phone })).toBe(
      '422 phone_exists: Phone number already registered by another user',
    );
    expect(await update(bench, ben, { email: ben.email, phone: ben.phone })).toHaveProperty('id');
    for (const taken of [{ email: newAddress() }, { phone: newNumber() }]) {
      const answers = await Promise.all([ann, ben].map((user) => update(bench, user, taken)));
      expect(answers.filter((answer) => typeof answer === 'object')).toHaveLength(1);
      expect(String(answers.find((answer) => typeof answer === 'string'))).toMatch(
        /^422 (email|phone)_exists/,
      );
    }
  });

  it('refuses what it cannot read, and is as it was', async () => {
    const bench = await benchWith();
    const made = await make(bench);
    const before = await bench.row(made.id);
    const refusals: [object, RegExp][] = [
      [{ email: 'x', role: 'editor' }, /^400 validation_failed: Unable to validate email address/],
      [{ phone: 'x', role: 'editor' }, /^400 validation_failed: Invalid phone number format/],
      [
        { ban_duration: 'forever', role: 'editor' },
        /^400 validation_failed: invalid format for ban duration/,
      ],
      [{ password: '1', role: 'editor' }, /^422 weak_password/],
      [{ password: '', role: 'editor' }, /^422 weak_password/],
      [{ user_metadata: { a: 'x'.repeat(5000) }, role: 'editor' }, /^422 validation_failed/],
      [{ role: 'a\0b' }, /^400 validation_failed/],
      [{ app_metadata: { a: '\0' }, role: 'editor' }, /^400 validation_failed/],
    ];
    for (const [changes, refusal] of refusals) {
      expect(await update(bench, made, changes)).toMatch(refusal);
    }
    expect(await bench.row(made.id)).toEqual(before);
    expect(await bench.trailOf(made.id)).toHaveLength(1);
  });

  it('Z-02 never has what nobody may set', async () => {
    const bench = await benchWith();
    const made = await make(bench);
    const before = await bench.row(made.id);
    await update(bench, made, {
      id: nobody,
      aud: 'elsewhere',
      is_super_admin: true,
      instance_id: nobody,
      is_sso_user: true,
      is_anonymous: true,
      email_confirmed_at: '2020-01-01',
      banned_until: '2030-01-01',
      encrypted_password: 'x',
      password_hash: 'plain:x',
      confirmation_token: 'x',
      identities: [],
      factors: [],
      created_at: '2020-01-01',
      deleted_at: '2020-01-01',
    });
    expect(await bench.row(made.id)).toEqual(before);
  });

  it('ten changes of its metadata at once are all there afterwards', async () => {
    const bench = await benchWith();
    const made = await make(bench);
    const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);
    await Promise.all(
      keys.map((key) => update(bench, made, { app_metadata: { [key]: 1 }, user_metadata: { [key]: 1 } })),
    );
    const { app_metadata, user_metadata } = await bench.ask(getUserById, { user_id: made.id });
    for (const metadata of [app_metadata, user_metadata]) {
      expect(Object.keys(metadata)).toEqual(expect.arrayContaining(keys));
    }
  });

  it('with a new password ends every session, and what was sent opens nothing', async () => {
    const bench = await benchWith();
    const session = await bench.bench.signUp();
    await bench.ask(recover, { email: session.user.email });
    expect(await bench.countSecrets(session.user.id)).toBe(1);
    await update(bench, session.user, { password: 'another horse 9 battery' });
    expect(await bench.bench.isOpen(session)).toBe(false);
    expect(await bench.bench.refusalOf(session.refresh_token)).toMatch(/refresh_token_not_found/);
    expect(await bench.countSecrets(session.user.id)).toBe(0);
    expect(await signsIn(bench, session.user.email)).toBe(false);
    expect(await signsIn(bench, session.user.email, 'another horse 9 battery')).toBe(true);
  });

  it('A-34 with another address or number leaves nothing that was sent before', async () => {
    const bench = await benchWith();
    for (const change of [{ email: newAddress() }, { phone: newNumber() }, { email_confirm: true }]) {
      const session = await bench.bench.signUp();
      await bench.ask(recover, { email: session.user.email });
      await update(bench, session.user, change);
      expect(await bench.countSecrets(session.user.id)).toBe(0);
      expect(await bench.bench.isOpen(session)).toBe(true);
    }
  });

  it.each([
    ['24h', 24 * 3600],
    ['1h30m', 5400],
  ])('banned for %s is out at once and comes back with a new sign-in', async (ban_duration, seconds) => {
    const bench = await benchWith();
    const session = await bench.bench.signUp();
    const { email } = session.user;
    const { banned_until } = await update(bench, session.user, { ban_duration });
    expect(banned_until).toBe(new Date(bench.clock.now().getTime() + seconds * 1000).toISOString());
    expect(await bench.bench.isOpen(session)).toBe(false);
    expect(await signsIn(bench, email)).toBe(false);
    bench.clock.advance(`${seconds + 1}s`);
    expect(await signsIn(bench, email)).toBe(true);
    expect(await bench.bench.refusalOf(session.refresh_token)).toMatch(/^400 refresh_token_not_found/);
  });

  it('is banned and unbanned by what Go reads, and by nothing else that is said', async () => {
    const bench = await benchWith();
    const made = await make(bench, { ban_duration: '1h' });
    expect(await update(bench, made, { role: 'editor' })).toHaveProperty('banned_until');
    expect(await update(bench, made, { ban_duration: '' })).toHaveProperty('banned_until');
    for (const lifted of ['none', '0', '0s']) {
      await update(bench, made, { ban_duration: '1h' });
      expect(await update(bench, made, { ban_duration: lifted })).not.toHaveProperty('banned_until');
    }
  });

  it('as in GoTrue keeps its sessions through a ban, if the options say so', async () => {
    const bench = await benchWith({ compatibility: 'gotrue', password: { autoconfirm: true } });
    const session = await bench.bench.signUp();
    await update(bench, session.user, { ban_duration: '1h' });
    expect(await bench.bench.isOpen(session)).toBe(false);
    expect(await bench.bench.refusalOf(session.refresh_token)).toMatch(/^400 user_banned/);
    await update(bench, session.user, { ban_duration: 'none' });
    expect(await bench.bench.isOpen(session)).toBe(true);
    expect(await bench.bench.refusalOf(session.refresh_token)).toBe('it was accepted');
  });

  it('is gone with all that hung on it, and its address is free', async () => {
    const bench = await benchWith();
    const session = await bench.bench.signUp();
    const { id, email } = session.user;
    expect(await bench.ask(deleteUser, { user_id: id })).toEqual({});
    expect(await bench.row(id)).toBeUndefined();
    for (const table of ['identities', 'sessions', 'guardian_one_time_secrets']) {
      expect(await bench.bench.query(`SELECT 1 FROM auth.${table} WHERE user_id = $1`, [id])).toEqual([]);
    }
    expect(await bench.bench.isOpen(session)).toBe(false);
    expect(await bench.ask(deleteUser, { user_id: id })).toBe('404 user_not_found: User not found');
    expect(await bench.ask(createUser, { email })).toHaveProperty('id');
    expect((await bench.trailOf(id)).at(-1)).toMatchObject({
      action: 'user_deleted',
      log_type: 'team',
      traits: { user_id: id, user_email: email, user_phone: '' },
    });
  });

  it('of ten who delete it at once is deleted by one', async () => {
    const bench = await benchWith();
    const { id: user_id } = await make(bench);
    const answers = await Promise.all(Array.from({ length: 10 }, () => bench.ask(deleteUser, { user_id })));
    expect(answers.filter((answer) => typeof answer === 'object')).toHaveLength(1);
    expect(answers.filter((answer) => String(answer).startsWith('404'))).toHaveLength(9);
    expect((await bench.trailOf(user_id)).filter(({ action }) => action === 'user_deleted')).toHaveLength(1);
  });

  it('deleted softly stays without anything that says who it was, and opens nothing', async () => {
    const bench = await benchWith();
    const session = await bench.bench.signUp();
    const { id, email } = session.user;
    const softly = { user_id: id, should_soft_delete: true };
    expect(await bench.ask(deleteUser, softly)).toEqual({});
    const left = await bench.ask(getUserById, { user_id: id });
    expect(JSON.stringify(left)).not.toContain(email);
    expect(left).toMatchObject({ id, app_metadata: {}, user_metadata: {} });
    expect(left.identities).toEqual([expect.not.objectContaining({ identity_data: expect.anything() })]);
    expect(await bench.bench.isOpen(session)).toBe(false);
    expect(await signsIn(bench, email)).toBe(false);
    const before = await bench.row(id);
    bench.clock.advance('1m');
    expect(await bench.ask(deleteUser, softly)).toEqual({});
    expect(await bench.row(id)).toEqual(before);
    expect(await bench.ask(createUser, { email })).toHaveProperty('id');
  });
});
