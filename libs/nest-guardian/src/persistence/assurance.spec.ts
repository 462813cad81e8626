import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newSession, newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { NewSession } from '../core/ports/stores.js';

onBothDatabases('the assurance of a session', (open) => {
  const later = new Date('2026-08-20T11:00:00.456Z');
  const rows = async (table: string, column: string, value: string): Promise<Record<string, unknown>[]> => {
    const sql = `SELECT to_jsonb(t) AS row FROM auth.${table} t WHERE ${column} = $1 ORDER BY t.created_at, t.id`;
    const found: { row: Record<string, unknown> }[] = await open().dataSource.query(sql, [value]);
    return found.map(({ row }) => row);
  };
  const signedIn = async (change: Partial<NewSession> = {}): Promise<NewSession> => {
    const user = newUser();
    const session = newSession(user.id, change);
    await inUnit(open(), async ({ users, sessions }) => {
      await users.insert(user);
      await sessions.open(session);
    });
    return session;
  };
  const proof = (
    sessionId: string,
    change: { at?: Date; factorId?: string; refreshToken?: string } = {},
  ) => ({
    sessionId,
    factorId: randomUUID(),
    method: 'totp',
    at: later,
    ...change,
  });
  const turn = (sessionId: string, counter: number) => ({
    sessionId,
    counter,
    at: later,
    userAgent: null,
    ip: null,
  });

  it('is raised as GoTrue does: the row, the counter, a further method', async () => {
    const { id, userId, at } = await signedIn();
    await inUnit(open(), ({ sessions }) => sessions.rotate(turn(id, 0)));
    const [before] = await rows('sessions', 'id', id);
    const factorId = randomUUID();
    const raised = await inUnit(open(), ({ sessions }) => sessions.raise(proof(id, { factorId })));
    const written = '2026-08-20T11:00:00.456+00:00';
    expect(await rows('sessions', 'id', id)).toEqual([
      { ...before, aal: 'aal2', factor_id: factorId, refresh_token_counter: 3, updated_at: written },
    ]);
    expect(await rows('mfa_amr_claims', 'session_id', id)).toEqual([
      expect.objectContaining({ authentication_method: 'password' }),
      {
        id: expect.any(String),
        session_id: id,
        created_at: written,
        updated_at: written,
        authentication_method: 'totp',
      },
    ]);
    expect(raised).toMatchObject({
      user: { id: userId },
      session: {
        aal: 'aal2',
        factorId,
        refreshTokenCounter: 3,
        refreshTokenHmacKey: 'a2V5',
        amr: [
          { method: 'totp', at: later },
          { method: 'password', at },
        ],
      },
    });
    const found = await open().persistence.begin().sessions.findWithUser(id, false);
    expect(found).toEqual(raised);
  });

  it('is raised again with one entry for the method, and with the newer time', async () => {
    const { id } = await signedIn();
    await inUnit(open(), ({ sessions }) => sessions.raise(proof(id)));
    const at = new Date(later.getTime() + 1000);
    const raised = await inUnit(open(), ({ sessions }) => sessions.raise(proof(id, { at })));
    expect(raised?.session.amr).toMatchObject([{ method: 'totp', at }, { method: 'password' }]);
    expect(await open().persistence.begin().sessions.findWithUser(id, false)).toEqual(raised);
  });

  it('M-02 is raised for no refresh token from before', async () => {
    const { id } = await signedIn();
    await inUnit(open(), ({ sessions }) => sessions.raise(proof(id)));
    expect(await inUnit(open(), ({ sessions }) => sessions.rotate(turn(id, 0)))).toBeNull();
    expect(await inUnit(open(), ({ sessions }) => sessions.rotate(turn(id, 2)))).toMatchObject({
      session: { aal: 'aal2', refreshTokenCounter: 3 },
    });
  });

  it('M-02 is raised with a new stored refresh token, and those from before are revoked', async () => {
    const { id, at } = await signedIn({ refreshTokenHmacKey: null, refreshToken: `${randomUUID()}-1` });
    const [first] = await rows('refresh_tokens', 'session_id', id);
    const refreshToken = `${randomUUID()}-2`;
    const raised = await inUnit(open(), ({ sessions }) => sessions.raise(proof(id, { refreshToken })));
    expect(raised?.session).toMatchObject({ refreshTokenCounter: null, refreshTokenHmacKey: null });
    expect(await rows('refresh_tokens', 'session_id', id)).toEqual([
      { ...first, revoked: true, updated_at: at.toISOString().replace('Z', '+00:00') },
      {
        ...first,
        id: expect.any(Number),
        token: refreshToken,
        parent: first?.token,
        revoked: false,
        created_at: '2026-08-20T11:00:00.456+00:00',
        updated_at: '2026-08-20T11:00:00.456+00:00',
      },
    ]);
  });

  it('M-02 leaves no stored refresh token alive that was traded at the same moment', async () => {
    const {
      id,
      userId,
      refreshToken: first = '',
    } = await signedIn({
      refreshTokenHmacKey: null,
      refreshToken: randomUUID(),
    });
    const [traded, given] = [randomUUID(), randomUUID()];
    const trading = open().persistence.begin();
    await trading.sessions.lockByRefreshToken(first);
    await trading.sessions.exchange({ ...turn(id, 0), spent: first, successor: { refreshToken: traded } });
    const raising = inUnit(open(), ({ sessions }) => sessions.raise(proof(id, { refreshToken: given })));
    // Long enough for the other to have come as far as the lock.
    for (let round = 0; round < 50; round++) await trading.sessions.findAll(userId);
    await trading.commit();
    await raising;
    const alive = (await rows('refresh_tokens', 'session_id', id)).filter(({ revoked }) => !revoked);
    expect(alive.map(({ token }) => token)).toEqual([given]);
  });

  it('keeps no stored refresh token where the session has those of version 2', async () => {
    const { id } = await signedIn();
    await inUnit(open(), ({ sessions }) => sessions.raise(proof(id, { refreshToken: randomUUID() })));
    expect(await rows('refresh_tokens', 'session_id', id)).toEqual([]);
  });

  it('is raised for no session that is gone', async () => {
    expect(await inUnit(open(), ({ sessions }) => sessions.raise(proof(randomUUID())))).toBeNull();
  });

  it('M-02 falls back with the factor that raised it, and with no other', async () => {
    const { id, userId } = await signedIn();
    const [other, stranger] = [newSession(userId), await signedIn()];
    const [factorId, otherFactor] = [randomUUID(), randomUUID()];
    await inUnit(open(), async ({ sessions }) => {
      await sessions.open(other);
      await sessions.raise(proof(id, { factorId }));
      await sessions.raise(proof(other.id, { factorId: otherFactor }));
      await sessions.raise(proof(stranger.id, { factorId }));
      await sessions.lower({ id: factorId, userId }, 'totp');
    });
    const { sessions } = open().persistence.begin();
    const found = async (sessionId: string) => (await sessions.findWithUser(sessionId, false))?.session;
    expect(await found(id)).toMatchObject({ aal: 'aal1', factorId: null, amr: [{ method: 'password' }] });
    expect((await found(id))?.amr).toHaveLength(1);
    expect(await found(other.id)).toMatchObject({ aal: 'aal2', factorId: otherFactor });
    expect(await found(stranger.id)).toMatchObject({ aal: 'aal2', factorId });
  });
});
