import { afterEach, expect, it } from '@jest/globals';
import { AdminBench } from '../../../../../test/support/admin-bench.js';
import { person } from '../../../../../test/support/factor-person.js';
import { claimsOf } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import {
  deleteUserFactor,
  listUserFactors,
  updateUserFactor,
} from '../admin-factors/admin-factors.contract.js';
import { endUserSession, endUserSessions, listUserSessions } from './admin-sessions.contract.js';

const nobody = '00000000-0000-4000-8000-000000000009';
const noUuid = '404 validation_failed: user_id must be an UUID';

onBothDatabases('sessions and factors under administration', (open) => {
  const benches: AdminBench[] = [];
  const newBench = async (): Promise<AdminBench> => {
    const bench = await AdminBench.open(open());
    benches.push(bench);
    return bench;
  };
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });

  it('sessions are shown, the newest first, and no secret with them', async () => {
    const admin = await newBench();
    const first = await admin.bench.signUp();
    admin.clock.advance('1m');
    const second = await admin.bench.signIn(first);
    const { sessions } = await admin.ask(listUserSessions, { user_id: first.user.id });
    expect(sessions.map(({ id }: { id: string }) => id)).toEqual([
      claimsOf(second).session_id,
      claimsOf(first).session_id,
    ]);
    expect(sessions[0]).toEqual({
      id: claimsOf(second).session_id,
      created_at: admin.clock.now().toISOString(),
      refreshed_at: null,
      last_used_at: admin.clock.now().toISOString(),
      user_agent: 'node',
      ip: '127.0.0.1',
      aal: 'aal1',
      amr: [{ method: 'password', timestamp: expect.any(Number) }],
    });
  });

  it('one session is ended, or all of them, and the trail tells who did it', async () => {
    const admin = await newBench();
    const first = await admin.bench.signUp();
    const second = await admin.bench.signIn(first);
    const user_id = first.user.id;
    const { session_id } = claimsOf(first);
    const ended = { user_id, session_id: session_id.toUpperCase() };
    expect(await admin.ask(endUserSession, ended)).toBe('done');
    expect(await admin.bench.isOpen(first)).toBe(false);
    expect(await admin.bench.isOpen(second)).toBe(true);
    expect(await admin.ask(endUserSessions, { user_id })).toBe('done');
    expect(await admin.bench.isOpen(second)).toBe(false);
    expect(await admin.ask(listUserSessions, { user_id })).toEqual({ sessions: [] });
    expect(await admin.trailOf(user_id)).toEqual([
      expect.objectContaining({ action: 'logout', actor_username: 'service_role' }),
      expect.objectContaining({ action: 'logout', traits: { user_id } }),
    ]);
  });

  it('A-09 a session of somebody else, one that is gone and no session at all are told alike', async () => {
    const admin = await newBench();
    const [ann, ben] = [await admin.bench.signUp(), await admin.bench.signUp()];
    const user_id = ann.user.id;
    for (const session_id of [claimsOf(ben).session_id, nobody, 'banana', '%']) {
      expect(await admin.ask(endUserSession, { user_id, session_id })).toBe(
        '404 session_not_found: The user has no session of this id',
      );
    }
    expect(await admin.bench.isOpen(ben)).toBe(true);
    expect(await admin.ask(endUserSessions, { user_id: 'banana' })).toBe(noUuid);
    expect(await admin.ask(listUserSessions, { user_id: nobody })).toBe('404 user_not_found: User not found');
  });

  it('factors are shown, renamed and taken away, and what they raised falls back', async () => {
    const admin = await newBench();
    const ann = await person(admin.bench);
    const user_id = ann.session.user.id;
    expect(await admin.ask(listUserFactors, { user_id })).toEqual([]);
    const factor = await ann.protect();
    const [shown] = await admin.ask(listUserFactors, { user_id });
    expect(shown).toMatchObject({ id: factor.id, status: 'verified', factor_type: 'totp', phone: '' });
    expect(JSON.stringify(shown)).not.toContain(factor.secret);
    const of = { user_id, factor_id: factor.id };
    expect(await admin.ask(updateUserFactor, { ...of, friendly_name: 'mine', phone: 'x' })).toMatchObject({
      id: factor.id,
      friendly_name: 'mine',
      phone: '',
    });
    expect(ann.claims.aal).toBe('aal2');
    expect(await admin.ask(deleteUserFactor, of)).toMatchObject({ id: factor.id });
    expect(await admin.ask(listUserFactors, { user_id })).toEqual([]);
    const refreshed = await admin.bench.refresh(ann.session.refresh_token);
    expect(claimsOf(refreshed)).toMatchObject({ aal: 'aal1' });
    expect(await admin.trailOf(user_id)).toEqual([
      expect.objectContaining({
        action: 'factor_updated',
        log_type: 'factor',
        actor_username: 'service_role',
        traits: { user_id, factor_id: factor.id, factor_type: 'totp' },
      }),
      expect.objectContaining({ action: 'factor_deleted', traits: { user_id, factor_id: factor.id } }),
    ]);
  });

  it('a factor has no name that another of the person has', async () => {
    const admin = await newBench();
    const ann = await person(admin.bench);
    const [one, other] = [await ann.enroll('one'), await ann.enroll('other')];
    const of = { user_id: ann.session.user.id, factor_id: one.id };
    expect(await admin.ask(updateUserFactor, { ...of, friendly_name: 'other' })).toMatch(
      /^422 mfa_factor_name_conflict/,
    );
    expect(await admin.ask(deleteUserFactor, { ...of, factor_id: other.id })).toHaveProperty('id');
    expect(await admin.ask(updateUserFactor, { ...of, friendly_name: 'other' })).toHaveProperty('id');
  });

  it('A-09 a factor of somebody else and no factor at all are told alike', async () => {
    const admin = await newBench();
    const [ann, ben] = [await person(admin.bench), await person(admin.bench)];
    const factor = await ben.enroll();
    const user_id = ann.session.user.id;
    for (const operation of [updateUserFactor, deleteUserFactor]) {
      for (const factor_id of [factor.id, nobody]) {
        expect(await admin.ask(operation, { user_id, factor_id })).toBe(
          '404 mfa_factor_not_found: Factor not found',
        );
      }
      expect(await admin.ask(operation, { user_id, factor_id: 'banana' })).toBe(
        '404 validation_failed: factor_id must be an UUID',
      );
      expect(await admin.ask(operation, { user_id: 'banana', factor_id: factor.id })).toBe(noUuid);
    }
    expect(await admin.ask(listUserFactors, { user_id: ben.session.user.id })).toHaveLength(1);
  });
});
