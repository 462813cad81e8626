import { createHash, randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newSession, newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { NewUser, UserStore } from '../core/ports/stores.js';

const hangingOn = [
  'identities',
  'sessions',
  'mfa_factors',
  'webauthn_credentials',
  'one_time_tokens',
  'flow_state',
  'guardian_one_time_secrets',
  'guardian_recovery_codes',
];

onBothDatabases('a user who is deleted', (open) => {
  const at = new Date('2026-08-20T11:00:00.456Z');
  const written = '2026-08-20T11:00:00.456+00:00';
  const query = (sql: string, values: unknown[]): Promise<Record<string, unknown>[]> =>
    open().dataSource.query(sql, values);
  const rowOf = async (table: string, id: string): Promise<Record<string, unknown>> =>
    (await query(`SELECT to_jsonb(t) AS row FROM auth.${table} t WHERE id = $1`, [id]))[0]?.row as Record<
      string,
      unknown
    >;
  const counts = async (userId: string): Promise<Record<string, number>> => {
    const found = hangingOn.map(async (table) => {
      const [row] = await query(`SELECT count(*)::int AS n FROM auth.${table} WHERE user_id = $1`, [userId]);
      return [table, row?.n];
    });
    return Object.fromEntries(await Promise.all(found));
  };
  const conceal = (text: string): string => createHash('sha256').update(text).digest('base64url');

  /** With one row in every table that refers to a user. */
  const person = async (change: Partial<NewUser> = {}): Promise<NewUser> => {
    const user = newUser(change);
    const { id: userId, at: then } = user;
    await inUnit(open(), async ({ users, sessions, secrets, gotrueSecrets, factors, flowStates }) => {
      await users.insert(user);
      const identityData = { sub: userId, email: user.email };
      await users.insertIdentity({ userId, provider: 'email', providerId: userId, identityData, at: then });
      await sessions.open(newSession(userId, { refreshTokenHmacKey: null, refreshToken: randomUUID() }));
      const hashes = { linkHash: randomUUID(), codeHash: 'hash', at: then };
      const secret = { userId, kind: 'recovery', address: `${userId}@example.com`, ...hashes } as const;
      await secrets.put({ ...secret, slot: 'recovery' });
      await gotrueSecrets.put({ ...secret, slot: 'recovery' });
      await gotrueSecrets.put({ ...secret, slot: 'reauthentication', linkHash: randomUUID() });
      const factor = { id: randomUUID(), userId, friendlyName: '', factorType: 'totp', at: then } as const;
      await factors.insert({ ...factor, secret: 'JBSWY3DP' });
      await factors.replaceRecoveryCodes(userId, ['code'], then);
      const flow = { userId, authenticationMethod: 'recovery', providerType: 'recovery', at: then };
      await flowStates.start({ ...flow, challenge: 'challenge', challengeMethod: 's256' });
    });
    await query(
      `INSERT INTO auth.webauthn_credentials (user_id, credential_id, public_key)
       VALUES ($1::uuid, decode(replace($1::text, '-', ''), 'hex'), '')`,
      [userId],
    );
    return user;
  };
  const softDelete = (user: NewUser): Promise<void> =>
    inUnit(open(), async ({ users }) => {
      const found = await users.findById(user.id);
      if (found) await users.softDelete(found, at);
    });

  it('leaves nothing behind', async () => {
    const { id } = await person();
    expect(Object.values(await counts(id)).every((count) => count > 0)).toBe(true);
    expect(await inUnit(open(), ({ users }) => users.delete(id))).toBe(true);
    expect(Object.values(await counts(id)).every((count) => count === 0)).toBe(true);
    expect(await rowOf('users', id)).toBeUndefined();
    expect(await inUnit(open(), ({ users }) => users.delete(id))).toBe(false);
  });

  it('takes nothing from anybody else', async () => {
    const [ann, ben] = [await person(), await person()];
    const before = [await rowOf('users', ben.id), await counts(ben.id)];
    await inUnit(open(), ({ users }) => users.delete(ann.id));
    await softDelete(await person());
    expect([await rowOf('users', ben.id), await counts(ben.id)]).toEqual(before);
  });

  it('softly is the row that GoTrue leaves', async () => {
    const user = await person();
    const { id, email } = user;
    await inUnit(open(), ({ users }) =>
      users.update(id, { newEmail: 'new@example.com', bannedUntil: at, userMetadataMerge: { a: 1 } }, at),
    );
    const before = await rowOf('users', id);
    const [{ id: identityId }] = (await query('SELECT id FROM auth.identities WHERE user_id = $1', [id])) as [
      { id: string },
    ];
    const identity = await rowOf('identities', identityId);
    await softDelete(user);
    expect(await rowOf('users', id)).toEqual({
      ...before,
      email: conceal(`${id}${email}`),
      phone: conceal(id).slice(0, 15),
      email_change: conceal(`${id}new@example.com`),
      phone_change: conceal(id).slice(0, 15),
      encrypted_password: null,
      recovery_token: '',
      reauthentication_token: '',
      raw_app_meta_data: {},
      raw_user_meta_data: {},
      deleted_at: written,
      updated_at: written,
    });
    expect(await rowOf('identities', identityId)).toEqual({
      ...identity,
      email: null,
      provider_id: conceal(`${id}email:${id}`),
      identity_data: {},
      updated_at: written,
    });
    expect(await counts(id)).toEqual({
      ...Object.fromEntries(hangingOn.map((table) => [table, 0])),
      identities: 1,
    });
  });

  it('softly is nowhere in what is kept, and makes room for others', async () => {
    const user = await person({ phone: '4400000900' });
    await softDelete(user);
    const kept = JSON.stringify([
      await rowOf('users', user.id),
      await query('SELECT to_jsonb(i) FROM auth.identities i WHERE user_id = $1', [user.id]),
    ]);
    expect(kept).not.toMatch(/@example\.com|4400000900|"Row"/);
    const { users } = open().persistence.begin();
    expect(await users.findByEmail(user.email as string, 'authenticated')).toBeNull();
    const next = newUser({ email: user.email, phone: user.phone });
    expect(await inUnit(open(), ({ users: store }) => store.insert(next))).not.toBeNull();
  });

  it('softly twice is concealed once', async () => {
    const user = await person();
    await Promise.all([softDelete(user), softDelete(user)]);
    const concealed = await rowOf('users', user.id);
    await softDelete(user);
    expect(await rowOf('users', user.id)).toEqual(concealed);
    expect(concealed.email).toBe(conceal(`${user.id}${user.email}`));
  });

  it('softly keeps nothing of an identity that is linked at the same moment', async () => {
    const user = await person();
    const { id: userId } = user;
    const identity = { userId, provider: 'github', providerId: randomUUID(), identityData: { a: 'Ann' }, at };
    const link = (users: UserStore) => users.insertIdentity(identity);
    const linking = open().persistence.begin();
    await link(linking.users);
    const deleting = softDelete(user);
    await linking.commit();
    await deleting;
    const kept = await query('SELECT identity_data, provider_id FROM auth.identities WHERE user_id = $1', [
      userId,
    ]);
    expect(kept.map(({ identity_data }) => identity_data)).toEqual([{}, {}]);
    expect(kept.map(({ provider_id }) => provider_id)).toContain(
      conceal(`${userId}github:${identity.providerId}`),
    );
  });
});
