import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import { SendingBench } from '../../../../../test/support/sending-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { systemCaller } from '../../core/caller.js';
import { signInWithPassword } from '../password/password.contract.js';
import { createUser, type CreateUserInput } from './admin-users.contract.js';

const password = 'correct horse 9 battery';
const newAddress = (): string => `${randomUUID()}@example.com`;
const newNumber = (): string => `1555${String(Math.random()).slice(2, 12).padEnd(10, '7')}`;

onBothDatabases('an account that an administrator makes', (open) => {
  const benchWith = (options: LocalOptions = {}) => SendingBench.open(open(), options);
  const makerOn = (bench: SendingBench) => async (input: CreateUserInput) =>
    (await bench.answerOf(createUser, input, systemCaller)) as Record<string, unknown>;

  it('is what they say, is confirmed where they say so, and nothing is sent', async () => {
    const bench = await benchWith();
    const [email, phone] = [newAddress(), newNumber()];
    const made = await makerOn(bench)({
      email: email.toUpperCase(),
      phone: `+${phone}`,
      password,
      email_confirm: true,
      role: 'editor',
      user_metadata: { a: 1 },
      app_metadata: { plan: 'pro', gone: null },
    });
    const at = bench.clock.now().toISOString();
    expect(made).toMatchObject({
      email,
      phone,
      role: 'editor',
      aud: 'authenticated',
      email_confirmed_at: at,
      user_metadata: { a: 1, email_verified: true },
      is_anonymous: false,
    });
    expect(made.app_metadata).toEqual({ provider: 'email', providers: ['email', 'phone'], plan: 'pro' });
    expect(made.phone_confirmed_at).toBeUndefined();
    expect(made.identities).toHaveLength(2);
    expect(made.identities).toContainEqual(
      expect.objectContaining({
        provider: 'phone',
        identity_data: { sub: made.id, phone, email_verified: false, phone_verified: false },
      }),
    );
    expect([...bench.sentTo(email), ...bench.sentTo(phone)]).toEqual([]);
    expect(await bench.answerOf(signInWithPassword, { email, password })).toHaveProperty('access_token');
  });

  it('is noted under the name of the key, or of the person whose token it was', async () => {
    const bench = await benchWith();
    const make = makerOn(bench);
    const { id } = await make({ email: newAddress() });
    const [row] = await bench.query(
      "SELECT payload FROM auth.audit_log_entries WHERE payload->'traits'->>'user_id' = $1",
      [id],
    );
    expect(row?.payload).toMatchObject({
      action: 'user_signedup',
      log_type: 'team',
      actor_id: '00000000-0000-0000-0000-000000000000',
      actor_username: 'service_role',
    });
    const [email, boss] = [newAddress(), newAddress()];
    await make({ email: boss, password, email_confirm: true, role: 'service_role' });
    const { access_token: bearer } = await bench.ask(signInWithPassword, { email: boss, password });
    const by = (await bench.ask(createUser, { email }, { ...bench.caller, bearer })).id;
    const [line] = await bench.query(
      "SELECT payload FROM auth.audit_log_entries WHERE payload->'traits'->>'user_id' = $1",
      [by],
    );
    expect(line?.payload).toMatchObject({ actor_username: boss });
  });

  it('has nothing that an administrator may not say either', async () => {
    const bench = await benchWith();
    const forged = { email_confirmed_at: '2020-01-01', is_super_admin: true, confirmation_token: 'x' };
    const made = await makerOn(bench)({ email: newAddress(), ...forged } as CreateUserInput);
    const [row] = await bench.query('SELECT * FROM auth.users WHERE id = $1', [made.id]);
    expect(row).toMatchObject({
      email_confirmed_at: null,
      is_super_admin: null,
      confirmation_token: '',
      encrypted_password: '',
    });
  });

  it('brings a hash of another server along, and no other text', async () => {
    const bench = await benchWith();
    const make = makerOn(bench);
    const email = newAddress();
    expect(await make({ email, password_hash: `plain:${password}`, email_confirm: true })).toMatchObject({
      email,
    });
    expect(await bench.answerOf(signInWithPassword, { email, password })).toHaveProperty('access_token');
    expect(await make({ email: newAddress(), password_hash: 'banana' })).toMatch(/^400 validation_failed/);
    expect(await make({ email: newAddress(), password, password_hash: `plain:${password}` })).toBe(
      '400 validation_failed: Only a password or a password hash should be provided',
    );
  });

  it('has an id of their choice, which is nobody else’s', async () => {
    const make = makerOn(await benchWith());
    const id = randomUUID();
    expect(await make({ id: id.toUpperCase(), email: newAddress() })).toMatchObject({
      id,
      identities: [{ id }],
    });
    expect(await make({ id, email: newAddress() })).toMatch(/^409 conflict/);
    expect(await make({ id: 'banana', email: newAddress() })).toBe(
      '400 validation_failed: ID must conform to the uuid v4 format',
    );
    expect(await make({ id: id.replaceAll(/[\da-f]/g, '0'), email: newAddress() })).toBe(
      '400 validation_failed: ID cannot be a nil uuid',
    );
  });

  it.each([
    ['24h', 24 * 3600],
    ['876000h', 876_000 * 3600],
    ['1h30m', 5400],
    ['1.5h', 5400],
  ])('is banned for %s from the start', async (ban_duration, seconds) => {
    const bench = await benchWith();
    const made = await makerOn(bench)({ email: newAddress(), ban_duration });
    const until = new Date(bench.clock.now().getTime() + seconds * 1000);
    expect(made.banned_until).toBe(until.toISOString());
  });

  it('is banned for no time that Go cannot read', async () => {
    const make = makerOn(await benchWith());
    for (const ban_duration of ['none', '0', '0s', '']) {
      expect(await make({ email: newAddress(), ban_duration })).not.toHaveProperty('banned_until');
    }
    for (const ban_duration of ['forever', '30d', '24', '-1h', '9999999h', '1h'.repeat(100_000) + 'x']) {
      expect(await make({ email: newAddress(), ban_duration })).toMatch(
        /^400 validation_failed: invalid format for ban duration: time: invalid duration "/,
      );
    }
  });

  it('needs an address or a number that nobody has', async () => {
    const make = makerOn(await benchWith());
    const [email, phone] = [newAddress(), newNumber()];
    await make({ email, phone });
    expect(await make({})).toBe(
      '400 validation_failed: Cannot create a user without either an email or phone',
    );
    expect(await make({ email: 'x' })).toMatch(/^400 validation_failed/);
    expect(await make({ phone: 'x' })).toMatch(/^400 validation_failed/);
    expect(await make({ email: email.toUpperCase() })).toBe(
      '422 email_exists: A user with this email address has already been registered',
    );
    expect(await make({ phone })).toBe('422 phone_exists: Phone number already registered by another user');
    expect(await make({ email, aud: 'elsewhere' })).toMatch(/^422 email_exists/);
  });

  it('of ten who make the same one at once, one does', async () => {
    const make = makerOn(await benchWith());
    const email = newAddress();
    const made = await Promise.all(Array.from({ length: 10 }, () => make({ email })));
    expect(made.filter((answer) => typeof answer === 'object')).toHaveLength(1);
    expect(made.filter((answer) => String(answer).startsWith('422 email_exists'))).toHaveLength(9);
  });

  it('A-21 has no password that would be cut short, and any other', async () => {
    const make = makerOn(await benchWith({ compatibility: 'gotrue' }));
    expect(await make({ email: newAddress(), password: 'a'.repeat(73) })).toMatch(/^400 validation_failed/);
    expect(await make({ email: newAddress(), password: 'abc\0def' })).toMatch(/^400 validation_failed/);
    expect(await make({ email: newAddress(), password: 'abc' })).toHaveProperty('id');
    expect(await make({ email: newAddress(), user_metadata: { a: 'x'.repeat(5000) } })).toMatch(
      /^422 validation_failed/,
    );
  });
});
