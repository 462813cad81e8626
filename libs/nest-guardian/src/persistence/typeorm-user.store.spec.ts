import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { newSession, newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { UnitOfWork } from '../core/ports/persistence.js';

onBothDatabases('the user store', (open) => {
  const later = new Date('2026-08-20T11:00:00.456Z');
  const inUnit = async <T>(work: (unit: UnitOfWork) => Promise<T>): Promise<T> => {
    const unit = open().persistence.begin();
    try {
      const result = await work(unit);
      await unit.commit();
      return result;
    } finally {
      await unit.rollback();
    }
  };
  const row = async (table: string, column: string, value: string): Promise<unknown> =>
    (
      await open().dataSource.query(`SELECT to_jsonb(t) AS row FROM auth.${table} t WHERE ${column} = $1`, [
        value,
      ])
    )[0]?.row;

  it('writes a user and an identity as GoTrue does', async () => {
    const user = newUser({ emailConfirmedAt: new Date('2026-08-20T10:00:00.123Z') });
    const { id, email } = user;
    const identityData = { sub: id, email: 'Ann@Example.com', email_verified: false, phone_verified: false };
    await inUnit(async ({ users }) => {
      await users.insert(user);
      await users.insertIdentity({
        userId: id,
        provider: 'email',
        providerId: id,
        identityData,
        at: user.at,
      });
    });
    const at = '2026-08-20T10:00:00.123+00:00';
    expect(await row('users', 'id', id)).toEqual({
      id,
      aud: 'authenticated',
      role: 'authenticated',
      email,
      phone: null,
      encrypted_password: '$argon2id$v=19$x',
      created_at: at,
      updated_at: at,
      email_confirmed_at: at,
      confirmed_at: at,
      last_sign_in_at: null,
      deleted_at: null,
      invited_at: null,
      banned_until: null,
      phone_confirmed_at: null,
      instance_id: '00000000-0000-0000-0000-000000000000',
      is_sso_user: false,
      is_anonymous: false,
      email_change: '',
      phone_change: '',
      is_super_admin: null,
      recovery_token: '',
      confirmation_token: '',
      phone_change_token: '',
      email_change_token_new: '',
      email_change_token_current: '',
      reauthentication_token: '',
      email_change_confirm_status: 0,
      recovery_sent_at: null,
      confirmation_sent_at: null,
      email_change_sent_at: null,
      phone_change_sent_at: null,
      reauthentication_sent_at: null,
      raw_user_meta_data: { name: 'Row' },
      raw_app_meta_data: { provider: 'email', providers: ['email'] },
    });
    expect(await row('identities', 'user_id', id)).toEqual({
      id: expect.any(String),
      user_id: id,
      provider: 'email',
      provider_id: id,
      identity_data: identityData,
      email: 'ann@example.com',
      created_at: at,
      updated_at: at,
      last_sign_in_at: at,
    });
  });

  it('writes an empty hash for a user without a password, and reads it as none', async () => {
    const user = newUser({ email: null, passwordHash: null, isAnonymous: true });
    expect(await inUnit(({ users }) => users.insert(user))).toMatchObject({
      passwordHash: null,
      email: null,
    });
    expect(await row('users', 'id', user.id)).toMatchObject({ encrypted_password: '', email: null });
  });

  it('finds with identities in their order and factors without their secrets', async () => {
    const user = newUser();
    await inUnit(async ({ users }) => {
      await users.insert(user);
      for (const [provider, at] of [
        ['github', later],
        ['email', user.at],
      ] as const) {
        await users.insertIdentity({ userId: user.id, provider, providerId: user.id, identityData: {}, at });
      }
    });
    await open().dataSource.query(
      `INSERT INTO auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
       VALUES (gen_random_uuid(), $1, 'app', 'totp', 'verified', now(), now(), 'JBSWY3DP')`,
      [user.id],
    );
    const found = await open().persistence.begin().users.findById(user.id);
    expect(found?.identities.map(({ provider, createdAt }) => [provider, createdAt])).toEqual([
      ['email', user.at],
      ['github', later],
    ]);
    expect(found?.factors).toMatchObject([
      { friendlyName: 'app', factorType: 'totp', status: 'verified', phone: null },
    ]);
    expect(JSON.stringify(found)).not.toContain('JBSWY3DP');
  });

  it('finds nobody for an id, an address or a number that nobody has', async () => {
    const { users } = open().persistence.begin();
    expect(await users.findById(randomUUID())).toBeNull();
    expect(await users.findByEmail('nobody@example.com', 'authenticated')).toBeNull();
    expect(await users.findByPhone('999', 'authenticated')).toBeNull();
    expect(await users.findWithSession(randomUUID(), null)).toBeNull();
  });

  it('finds by address and number within the audience, but neither the deleted nor single sign-on users', async () => {
    const user = newUser({ phone: '4400000001' });
    await inUnit(({ users }) => users.insert(user));
    const { users } = open().persistence.begin();
    const byBoth = async (audience = 'authenticated'): Promise<(string | undefined)[]> => [
      (await users.findByEmail(user.email as string, audience))?.id,
      (await users.findByPhone('4400000001', audience))?.id,
    ];
    expect(await byBoth()).toEqual([user.id, user.id]);
    expect(await byBoth('other')).toEqual([undefined, undefined]);
    for (const [set, unset] of [
      ['deleted_at = now()', 'deleted_at = null'],
      ['is_sso_user = true', 'is_sso_user = false'],
    ]) {
      await open().dataSource.query(`UPDATE auth.users SET ${set} WHERE id = $1`, [user.id]);
      expect(await byBoth()).toEqual([undefined, undefined]);
      expect((await users.findById(user.id))?.id).toBe(user.id);
      await open().dataSource.query(`UPDATE auth.users SET ${unset} WHERE id = $1`, [user.id]);
    }
  });

  it('gives a session only with the user whose it is', async () => {
    const [ann, ben] = [newUser(), newUser()];
    const session = newSession(ann.id);
    await inUnit(async ({ users, sessions }) => {
      await users.insert(ann);
      await users.insert(ben);
      await sessions.open(session);
    });
    const { users } = open().persistence.begin();
    expect(await users.findWithSession(ann.id, session.id)).toMatchObject({
      user: { id: ann.id },
      session: { id: session.id, amr: [{ method: 'password', at: session.at }] },
    });
    expect(await users.findWithSession(ann.id, null)).toMatchObject({ user: { id: ann.id }, session: null });
    expect(await users.findWithSession(ann.id, randomUUID())).toMatchObject({ session: null });
    expect(await users.findWithSession(ben.id, session.id)).toMatchObject({ session: null });
  });

  it('changes what is given and nothing else, and returns the user as it is now', async () => {
    const user = newUser();
    await inUnit(({ users }) => users.insert(user));
    const change = {
      email: `new-${user.email}`,
      phone: '4400000002',
      role: 'editor',
      passwordHash: 'other',
      emailConfirmedAt: later,
      phoneConfirmedAt: later,
      bannedUntil: later,
      appMetadata: { plan: 'a' },
      isAnonymous: true,
    };
    const changed = await inUnit(({ users }) => users.update(user.id, change, later));
    expect(changed).toMatchObject({ ...change, confirmedAt: later, updatedAt: later, createdAt: user.at });
    const again = await inUnit(({ users }) =>
      users.update(user.id, { role: undefined, bannedUntil: null }, later),
    );
    expect(again).toEqual({ ...changed, bannedUntil: null });
    expect(await inUnit(({ users }) => users.update(randomUUID(), { role: 'x' }, later))).toBeNull();
  });

  it('says null when an address or number is taken, and the unit of work goes on', async () => {
    const [ann, ben] = [newUser({ phone: '4400000003' }), newUser()];
    await inUnit(async ({ users }) => {
      await users.insert(ann);
      expect(await users.insert(newUser({ email: ann.email }))).toBeNull();
      expect(await users.insert(newUser({ phone: ann.phone }))).toBeNull();
      await users.insert(ben);
      expect(await users.update(ben.id, { email: ann.email }, later)).toBeNull();
      expect(await users.update(ben.id, { phone: ann.phone }, later)).toBeNull();
      expect(await users.update(ben.id, { role: 'kept' }, later)).not.toBeNull();
    });
    expect(await open().persistence.begin().users.findById(ben.id)).toMatchObject({
      email: ben.email,
      role: 'kept',
    });
  });

  it('of many who take one address at once lets one have it', async () => {
    const email = `${randomUUID()}@example.com`;
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => inUnit(({ users }) => users.insert(newUser({ email })))),
    );
    expect(outcomes.filter((user) => user !== null)).toHaveLength(1);
  });

  it('P-02 takes away also what is being put into an unproved account while it waits its turn', async () => {
    const user = newUser();
    await inUnit(({ users }) => users.insert(user));
    const unit = open().persistence.begin();
    const foreign = { provider: 'github', providerId: user.id, identityData: {} };
    await unit.users.insertIdentity({ userId: user.id, ...foreign, at: later });
    const clearing = inUnit(({ users }) => users.clearUnproved(user.id, { userMetadata: {}, at: later }));
    // By then the other has come as far as it gets.
    for (let count = 0; count < 20; count += 1) await unit.users.findById(user.id);
    await unit.commit();
    await clearing;
    expect(await open().persistence.begin().users.findById(user.id)).toMatchObject({ identities: [] });
  });

  it.each([
    ['a NUL in text', { role: 'a\u0000b' }],
    ['a NUL in metadata', { userMetadataMerge: { a: '\u0000' } }],
    ['half a character in metadata', { userMetadataMerge: { a: '\ud800' } }],
    ['a text that is too long', { email: `${'a'.repeat(300)}@example.com` }],
  ])('answers %s with badRequest, and nothing stays', async (_, change) => {
    const user = newUser();
    const unit = open().persistence.begin();
    await unit.users.insert(user);
    await expect(unit.users.update(user.id, change, later)).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await unit.rollback();
    expect(await open().persistence.begin().users.findById(user.id)).toBeNull();
  });
});
