import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { NewFactor } from '../core/ports/factors.js';
import type { Factor } from '../core/records.js';
import { ColumnEncryption } from '../tokens/column-encryption.js';
import { TypeormPersistence } from './typeorm-persistence.js';

const encryptionBy = (keyId: string): ColumnEncryption => {
  const keys = {
    k1: Buffer.alloc(32, 1).toString('base64url'),
    k2: Buffer.alloc(32, 2).toString('base64url'),
  };
  return ColumnEncryption.from({ keyId, keys }, { path: 'encryption', mistakes: [] });
};

onBothDatabases('the factor store', (open) => {
  const at = new Date('2026-08-20T10:00:00.123Z');
  const later = new Date('2026-08-20T11:00:00.456Z');
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  const newFactor = (userId: string, change: Partial<NewFactor> = {}): NewFactor => ({
    id: randomUUID(),
    userId,
    friendlyName: 'app',
    factorType: 'totp',
    secret,
    at,
    ...change,
  });
  const person = async (): Promise<string> => {
    const user = newUser();
    await inUnit(open(), ({ users }) => users.insert(user));
    return user.id;
  };
  const enrolled = async (change: Partial<NewFactor> = {}): Promise<Factor> => {
    const factor = newFactor(change.userId ?? (await person()), change);
    return (await inUnit(open(), ({ factors }) => factors.insert(factor))) as Factor;
  };
  const challenged = async (factorId: string, change: { ip?: string | null; createdAt?: Date } = {}) => {
    const challenge = { id: randomUUID(), factorId, createdAt: at, ip: '127.0.0.1', ...change };
    await inUnit(open(), ({ factors }) => factors.challenge(challenge));
    return challenge;
  };
  const row = async (table: string, id: string): Promise<Record<string, unknown>> => {
    const sql = `SELECT to_jsonb(t) AS row FROM auth.${table} t WHERE id = $1`;
    return (await open().dataSource.query(sql, [id]))[0]?.row;
  };
  const reading = () => open().persistence.begin().factors;

  it('writes a factor and a challenge as GoTrue does', async () => {
    const { id, userId } = await enrolled();
    const { id: challengeId } = await challenged(id);
    const written = '2026-08-20T10:00:00.123+00:00';
    const factor = await row('mfa_factors', id);
    expect(factor).toEqual({
      id,
      phone: null,
      secret,
      status: 'unverified',
      user_id: userId,
      created_at: written,
      updated_at: written,
      factor_type: 'totp',
      friendly_name: 'app',
      web_authn_aaguid: null,
      last_challenged_at: expect.stringMatching(/^2026-08-20T10:00:00\.123/),
      web_authn_credential: null,
      last_webauthn_challenge_data: null,
    });
    expect(await row('mfa_challenges', challengeId)).toEqual({
      id: challengeId,
      otp_code: '',
      factor_id: id,
      created_at: written,
      ip_address: '127.0.0.1',
      verified_at: null,
      web_authn_session_data: null,
    });
  });

  it('finds a factor with its secret, and only with its owner', async () => {
    const factor = await enrolled();
    expect(await reading().find(factor.userId, factor.id)).toEqual({ ...factor, secret });
    expect(await reading().find(await person(), factor.id)).toBeNull();
    expect(await reading().find(factor.userId, randomUUID())).toBeNull();
  });

  it('M-09 returns a secret from no method but the one that finds for proof', async () => {
    const factor = await enrolled();
    const { id, userId } = factor;
    const others = await inUnit(open(), async ({ factors, users }) => [
      factor,
      await factors.update(userId, id, { friendlyName: 'other', at }),
      await users.findById(userId),
      await factors.delete(userId, id),
    ]);
    expect(JSON.stringify(others)).not.toContain(secret);
  });

  it('encrypts a secret in its row, and brings it to the newest key when a code is accepted', async () => {
    const persistenceBy = (keyId: string) =>
      new TypeormPersistence(open().dataSource, async () => undefined, encryptionBy(keyId));
    const keyIdOf = async (id: string): Promise<string> =>
      (JSON.parse((await row('mfa_factors', id)).secret as string) as { key_id: string }).key_id;
    const userId = await person();
    const { id } = newFactor(userId);
    await inUnit({ ...open(), persistence: persistenceBy('k1') }, ({ factors }) =>
      factors.insert(newFactor(userId, { id })),
    );
    expect(await keyIdOf(id)).toBe('k1');
    const newer = persistenceBy('k2');
    expect(await newer.begin().factors.find(userId, id)).toMatchObject({ secret });
    await inUnit({ ...open(), persistence: newer }, ({ factors }) => factors.acceptStep(id, 1));
    expect(await keyIdOf(id)).toBe('k2');
    expect(await newer.begin().factors.find(userId, id)).toMatchObject({ secret });
    const plain = await enrolled();
    await inUnit({ ...open(), persistence: newer }, ({ factors }) => factors.acceptStep(plain.id, 1));
    expect(await keyIdOf(plain.id)).toBe('k2');
  });

  it.each(['app', ''])(
    'of many who enrol a factor named "%s" at once lets one have it',
    async (friendlyName) => {
      const userId = await person();
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () =>
          inUnit(open(), ({ factors }) => factors.insert(newFactor(userId, { friendlyName }))),
        ),
      );
      expect(outcomes.filter((factor) => factor !== null)).toHaveLength(1);
      expect(await enrolled({ friendlyName })).not.toBeNull();
    },
  );

  it('enrols nothing for a person who is gone', async () => {
    expect(await inUnit(open(), ({ factors }) => factors.insert(newFactor(randomUUID())))).toBeNull();
  });

  it('changes what is given, and says null for a name that is taken or a factor of somebody else', async () => {
    const { id, userId } = await enrolled();
    await enrolled({ userId, friendlyName: 'taken' });
    const update = (owner: string, change: { friendlyName?: string; phone?: string }) =>
      inUnit(open(), ({ factors }) => factors.update(owner, id, { ...change, at: later }));
    expect(await update(userId, { friendlyName: 'new' })).toMatchObject({
      friendlyName: 'new',
      phone: null,
      updatedAt: later,
      createdAt: at,
    });
    expect(await update(userId, { phone: '4400' })).toMatchObject({ friendlyName: 'new', phone: '4400' });
    expect(await update(userId, { friendlyName: 'taken' })).toBeNull();
    expect(await update(await person(), { friendlyName: 'mine' })).toBeNull();
    expect(await row('mfa_factors', id)).toMatchObject({ friendly_name: 'new', phone: '4400' });
  });

  it('purges unverified factors of everybody that are older and were never challenged', async () => {
    const [old, young, verified, inUse] = [
      await enrolled(),
      await enrolled({ at: later }),
      await enrolled(),
      await enrolled(),
    ];
    await inUnit(open(), ({ factors }) => factors.confirm(verified, at));
    await challenged(inUse.id);
    await inUnit(open(), ({ factors }) => factors.purgeUnverified(later));
    const left = await Promise.all([old, young, verified, inUse].map(({ id }) => row('mfa_factors', id)));
    expect(left.map((found) => found?.id)).toEqual([undefined, young.id, verified.id, inUse.id]);
  });

  it('verifies a factor and takes away the other unverified ones of its kind and person', async () => {
    const factor = await enrolled();
    const { userId } = factor;
    const [sibling, stranger] = [
      await enrolled({ userId, friendlyName: 'other' }),
      await enrolled({ friendlyName: 'other' }),
    ];
    const phone = randomUUID();
    await open().dataSource.query(
      `INSERT INTO auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at)
       VALUES ($1, $2, 'phone', 'phone', 'unverified', now(), now())`,
      [phone, userId],
    );
    await inUnit(open(), ({ factors }) => factors.confirm(factor, later));
    expect(await row('mfa_factors', factor.id)).toMatchObject({
      status: 'verified',
      updated_at: '2026-08-20T11:00:00.456+00:00',
    });
    expect(await row('mfa_factors', sibling.id)).toBeUndefined();
    expect(await row('mfa_factors', stranger.id)).toBeDefined();
    expect(await row('mfa_factors', phone)).toBeDefined();
  });

  it("M-08 deletes a factor once, and nobody else's", async () => {
    const factor = await enrolled();
    const { id } = await challenged(factor.id);
    const remove = (owner: string) => inUnit(open(), ({ factors }) => factors.delete(owner, factor.id));
    expect(await remove(await person())).toBeNull();
    expect(await remove(factor.userId)).toMatchObject({ id: factor.id, userId: factor.userId });
    expect(await row('mfa_challenges', id)).toBeUndefined();
    expect(await remove(factor.userId)).toBeNull();
  });

  it('challenges no factor that is gone', async () => {
    const challenge = { id: randomUUID(), factorId: randomUUID(), createdAt: at, ip: null };
    expect(await inUnit(open(), ({ factors }) => factors.challenge(challenge))).toBe(false);
    const { id: factorId } = await enrolled();
    const kept = { ...challenge, factorId };
    expect(await inUnit(open(), ({ factors }) => factors.challenge(kept))).toBe(true);
  });

  it('M-06 finds a challenge only with its factor, and without an address where none was known', async () => {
    const { id: factorId } = await enrolled();
    const challenge = await challenged(factorId, { ip: '2001:db8::1' });
    expect(await reading().findChallenge(factorId, challenge.id)).toEqual({ ...challenge, verifiedAt: null });
    expect(await reading().findChallenge((await enrolled()).id, challenge.id)).toBeNull();
    const unknown = await challenged(factorId, { ip: null });
    expect((await reading().findChallenge(factorId, unknown.id))?.ip).toBeNull();
  });

  it('lets many be challenged at the same moment', async () => {
    const many = await Promise.all(Array.from({ length: 60 }, () => enrolled()));
    const moment = new Date('2026-08-20T12:00:00.000Z');
    await Promise.all(many.map(({ id }) => challenged(id, { createdAt: moment })));
    const found = await Promise.all(many.map(({ userId, id }) => reading().find(userId, id)));
    expect(new Set(found.map((factor) => factor?.lastChallengedAt?.toISOString()))).toEqual(
      new Set([moment.toISOString()]),
    );
  });
});
