import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { newSession, newUser } from '../../../../test/support/people.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { NewSession, NewUser } from '../core/ports/stores.js';
import type { UnitOfWork } from '../core/ports/persistence.js';

onBothDatabases('the session store', (open) => {
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
  const rows = async (table: string, column: string, value: string): Promise<unknown[]> =>
    (
      await open().dataSource.query(`SELECT to_jsonb(t) AS row FROM auth.${table} t WHERE ${column} = $1`, [
        value,
      ])
    ).map(({ row }: { row: unknown }) => row);
  const signedIn = async (
    user: NewUser = newUser(),
    change: Partial<NewSession> = {},
  ): Promise<NewSession> => {
    const session = newSession(user.id, change);
    await inUnit(async ({ users, sessions }) => {
      await users.insert(user);
      await sessions.open(session);
    });
    return session;
  };
  const turn = (sessionId: string, counter = 0) => ({
    sessionId,
    counter,
    at: later,
    userAgent: 'other',
    ip: '2001:db8::1',
  });

  it('writes a session and its first amr row as GoTrue does', async () => {
    const { id, userId } = await signedIn();
    const at = '2026-08-20T10:00:00.123+00:00';
    expect(await rows('sessions', 'id', id)).toEqual([
      {
        id,
        ip: '127.0.0.1',
        aal: 'aal1',
        tag: null,
        scopes: null,
        user_id: userId,
        factor_id: null,
        not_after: null,
        created_at: at,
        updated_at: at,
        user_agent: 'node',
        refreshed_at: null,
        oauth_client_id: null,
        refresh_token_counter: 0,
        refresh_token_hmac_key: 'a2V5',
      },
    ]);
    expect(await rows('mfa_amr_claims', 'session_id', id)).toEqual([
      {
        id: expect.any(String),
        session_id: id,
        created_at: at,
        updated_at: at,
        authentication_method: 'password',
      },
    ]);
  });

  it('returns what was written, and the user has signed in', async () => {
    const user = newUser();
    const session = newSession(user.id);
    const opened = await inUnit(async ({ users, sessions }) => {
      await users.insert(user);
      return sessions.open(session);
    });
    const found = await open().persistence.begin().sessions.findWithUser(session.id, false);
    expect(found).toMatchObject(opened as object);
    expect(opened).toMatchObject({
      user: { id: user.id, lastSignInAt: session.at, updatedAt: session.at },
      session: { refreshTokenCounter: 0, refreshedAt: null, aal: 'aal1', ip: '127.0.0.1' },
    });
  });

  it('opens nothing for a user who is gone', async () => {
    expect(await inUnit(({ sessions }) => sessions.open(newSession(randomUUID())))).toBeNull();
  });

  it('counts nothing in a session without a key, and leaves out an address that is none', async () => {
    const { id } = await signedIn(newUser(), { refreshTokenHmacKey: null, ip: 'unknown' });
    expect(await rows('sessions', 'id', id)).toMatchObject([{ refresh_token_counter: null, ip: null }]);
    expect(await inUnit(({ sessions }) => sessions.rotate(turn(id)))).toBeNull();
  });

  it('rotates the newest counter and no other, and says where and when', async () => {
    const { id, userId, at } = await signedIn();
    const rotated = await inUnit(({ sessions }) => sessions.rotate(turn(id)));
    expect(rotated).toMatchObject({
      user: { id: userId },
      session: {
        id,
        refreshTokenCounter: 1,
        refreshTokenHmacKey: 'a2V5',
        refreshedAt: later,
        updatedAt: later,
        createdAt: at,
        userAgent: 'other',
        ip: '2001:db8::1',
        amr: [{ method: 'password', at }],
      },
    });
    expect(await rows('sessions', 'id', id)).toMatchObject([{ refreshed_at: '2026-08-20T11:00:00.456' }]);
    expect(await inUnit(({ sessions }) => sessions.rotate(turn(id, 0)))).toBeNull();
    expect(await inUnit(({ sessions }) => sessions.rotate(turn(id, 2)))).toBeNull();
    expect(await inUnit(({ sessions }) => sessions.rotate(turn(id, 1)))).not.toBeNull();
    expect(await inUnit(({ sessions }) => sessions.rotate(turn(randomUUID())))).toBeNull();
  });

  it.each([
    ['address', newUser(), {}],
    ['number, if there is one', newUser({ phone: '4400000010' }), {}],
    ['name, if there is one', newUser({ userMetadata: { full_name: 'Ann' } }), { actor_name: 'Ann' }],
  ])('notes a rotation as GoTrue does, the actor by %s', async (_, user, more) => {
    const { id, userId } = await signedIn(user);
    await inUnit(({ sessions }) => sessions.rotate(turn(id)));
    expect(await rows('audit_log_entries', `payload->>'actor_id'`, userId)).toEqual([
      {
        id: expect.any(String),
        created_at: '2026-08-20T11:00:00.456+00:00',
        ip_address: '',
        instance_id: '00000000-0000-0000-0000-000000000000',
        payload: {
          action: 'token_refreshed',
          actor_id: userId,
          log_type: 'token',
          actor_via_sso: false,
          actor_username: user.phone ?? user.email,
          ...more,
        },
      },
    ]);
  });

  it('notes what else is recorded with the same payload', async () => {
    const user = newUser({ userMetadata: { full_name: 'Ann' } });
    await inUnit(async ({ users, audit }) => {
      const actor = await users.insert(user);
      if (actor === null) throw new Error('not inserted');
      await audit.record({
        actor,
        action: 'login',
        logType: 'account',
        traits: { provider: 'email' },
        at: later,
      });
      await audit.record({ actor, action: 'logout', logType: 'account', at: later });
    });
    const who = { actor_id: user.id, actor_via_sso: false, actor_username: user.email, actor_name: 'Ann' };
    const found = await rows('audit_log_entries', `payload->>'actor_id'`, user.id);
    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          payload: { ...who, action: 'login', log_type: 'account', traits: { provider: 'email' } },
          ip_address: '',
        }),
        expect.objectContaining({ payload: { ...who, action: 'logout', log_type: 'account' } }),
      ]),
    );
  });

  it('rotates one counter once, however many ask', async () => {
    const { id, userId } = await signedIn();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => inUnit(({ sessions }) => sessions.rotate(turn(id)))),
    );
    expect(outcomes.filter((outcome) => outcome !== null)).toHaveLength(1);
    expect(await rows('sessions', 'id', id)).toMatchObject([{ refresh_token_counter: 1 }]);
    expect(await rows('audit_log_entries', `payload->>'actor_id'`, userId)).toHaveLength(1);
  });

  it('undoes a rotation that is rolled back, audit row and all', async () => {
    const { id, userId } = await signedIn();
    const unit = open().persistence.begin();
    await unit.sessions.rotate(turn(id));
    await unit.rollback();
    expect(await rows('sessions', 'id', id)).toMatchObject([
      { refresh_token_counter: 0, refreshed_at: null },
    ]);
    expect(await rows('audit_log_entries', `payload->>'actor_id'`, userId)).toEqual([]);
  });

  it('ends a session with its tokens and methods, and says whether there was one', async () => {
    const { id } = await signedIn();
    await open().dataSource.query(
      `INSERT INTO auth.refresh_tokens (token, session_id) VALUES ($1::text, $1::uuid)`,
      [id],
    );
    expect(await inUnit(({ sessions }) => sessions.end(id))).toBe(true);
    expect(await rows('mfa_amr_claims', 'session_id', id)).toEqual([]);
    expect(await rows('refresh_tokens', 'session_id', id)).toEqual([]);
    expect(await inUnit(({ sessions }) => sessions.end(id))).toBe(false);
  });

  it("ends all sessions of one user, or all but one, and nobody else's", async () => {
    const user = newUser();
    const { id: first } = await signedIn(user);
    const [second, third] = [newSession(user.id), newSession(user.id)];
    const other = await signedIn();
    await inUnit(async ({ sessions }) => {
      await sessions.open(second);
      await sessions.open(third);
    });
    expect((await inUnit(({ sessions }) => sessions.endAll(user.id, first))).sort()).toEqual(
      [second.id, third.id].sort(),
    );
    expect(await inUnit(({ sessions }) => sessions.endAll(user.id))).toEqual([first]);
    expect(await rows('sessions', 'id', other.id)).toHaveLength(1);
  });
});
