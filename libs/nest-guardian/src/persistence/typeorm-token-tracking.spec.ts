import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { expect, it } from '@jest/globals';
import { MovableClock } from 'nest-guardian/testing';
import { inUnit } from '../../../../test/support/in-unit.js';
import { newSession, newUser } from '../../../../test/support/people.js';
import { forged, profileOf, refusalOf } from '../../../../test/support/profile-bench.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import { definePermissions } from '../tokens/profile/permissions.js';
import { defineTokenProfile } from '../tokens/profile/profile-definition.js';
import type { IssuedToken, TokenHooks } from '../tokens/profile/token-hooks.js';
import { sweep } from './sweep.js';
import { TypeormTokenTracking } from './typeorm-token-tracking.js';

type May = 'notes:read' | 'notes:write';
interface Device {
  readonly id: string;
  may: readonly May[];
}
const devices = new Map<string, Device>();
const newDevice = (): Device => {
  const device = { id: randomUUID(), may: ['notes:read', 'notes:write'] as readonly May[] };
  devices.set(device.id, device);
  return device;
};

const profile = defineTokenProfile({
  name: 'devices',
  audience: 'devices',
  types: { access: '15m', badge: '1h', refresh: { lifetime: '1d', sliding: '10d', absolute: '30d' } },
  defaultType: 'access',
  exchange: { refresh: ['access', 'badge'] },
  subject: (one: Device) => one.id,
  resolve: ({ sub }: { readonly sub: string }) => devices.get(sub) ?? null,
  permissions: definePermissions({ notes: ['read', 'write'] }),
  grant: (one: Device) => one.may,
  tracking: { types: ['refresh', 'badge'] },
  oneTime: { pairing: '10m', 'e-mail': '1h' },
});
const noon = new Date('2026-08-20T12:00:00Z');

onBothDatabases('tokens that have rows', (open) => {
  const bench = (hooks?: readonly Partial<TokenHooks>[]) => {
    const clock = new MovableClock(noon);
    const told: unknown[] = [];
    const on = { clock, database: open(), told, hooks: hooks as readonly TokenHooks[] | undefined };
    const tokens = profileOf(profile, on);
    const refusal = (token: string, type: 'access' | 'badge' | 'refresh' = 'refresh') =>
      refusalOf(tokens.verify(token, { type }));
    /** The same profile in another process. */
    const elsewhere = () => profileOf(profile, on);
    return { clock, tokens, told, refusal, elsewhere };
  };
  const query = (sql: string, values: unknown[] = []) => open().dataSource.query(sql, values);
  const signIn = async (): Promise<{ userId: string; sessionId: string }> => {
    const user = newUser();
    const session = newSession(user.id);
    await inUnit(open(), async ({ users, sessions }) => {
      await users.insert(user);
      await sessions.open(session);
    });
    return { userId: user.id, sessionId: session.id };
  };

  it('are refused without one, although they are genuine', async () => {
    const { tokens, refusal } = bench();
    const { token, claims } = await tokens.issue(newDevice(), { type: 'refresh' });
    expect(await refusal(token)).toBe('accepted');
    expect(await refusal(forged({ ...claims, jti: randomUUID() }))).toBe('token_revoked');
  });

  it('are refreshed once, and the new one is as the old', async () => {
    const { tokens, clock, refusal } = bench();
    const device = newDevice();
    const first = await tokens.issue(device, { type: 'refresh', lifetime: '2h', claims: { room: 'hall' } });
    clock.advance('1h');
    const second = await tokens.refresh(first.token);
    expect(second.claims).toMatchObject({
      sub: device.id,
      typ: 'refresh',
      room: 'hall',
      fam: first.claims.jti,
      auth_time: first.claims.auth_time,
      exp: first.claims.exp + 3600,
    });
    expect(await refusal(second.token)).toBe('accepted');
    expect(await refusal(first.token)).toBe('token_already_used');
  });

  it('that are refreshed twice revoke their whole line, and that stays', async () => {
    const { tokens, refusal, told } = bench();
    const first = await tokens.issue(newDevice(), { type: 'refresh' });
    const second = await tokens.refresh(first.token);
    const badge = await tokens.exchange(second.token, { to: 'badge' });
    const stranger = await tokens.issue(newDevice(), { type: 'refresh' });
    expect(await refusal(badge.token, 'badge')).toBe('accepted');
    expect(await refusalOf(tokens.refresh(first.token))).toBe('token_already_used');
    expect(await refusal(second.token)).toBe('token_revoked');
    expect(await refusal(badge.token, 'badge')).toBe('token_revoked');
    expect(await refusalOf(tokens.refresh(second.token))).toBe('token_revoked');
    expect(await refusal(stranger.token)).toBe('accepted');
    const { sub: subject, jti: familyId } = first.claims;
    expect(told).toEqual([['tokenReuseDetected', { profile: 'devices', subject, familyId }]]);
  });

  it('of a type that is not refreshable are not refreshed, although they have rows', async () => {
    const { tokens, refusal } = bench();
    const badge = await tokens.issue(newDevice(), { type: 'badge' });
    expect(await refusalOf(tokens.refresh(badge.token))).toBe('token_not_refreshable');
    const access = await tokens.issue(newDevice());
    expect(await refusalOf(tokens.refresh(access.token))).toBe('token_not_refreshable');
    expect(await refusal(badge.token, 'badge')).toBe('accepted');
  });

  it('of fifty who refresh one at once, one gets another, and nobody keeps it', async () => {
    const { tokens, refusal } = bench();
    const { token } = await tokens.issue(newDevice(), { type: 'refresh' });
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => tokens.refresh(token)));
    const got = all.filter((one) => one.status === 'fulfilled');
    expect(got).toHaveLength(1);
    expect(await refusal(got[0]?.value.token as string)).toBe('token_revoked');
  });

  it('live while somebody uses them, and no longer than their line', async () => {
    const { tokens, clock, refusal } = bench();
    let { token, claims }: IssuedToken = await tokens.issue(newDevice(), { type: 'refresh' });
    const start = claims.iat;
    clock.advance('10d');
    expect(await refusalOf(tokens.refresh(token))).toBe('token_expired');
    ({ token, claims } = await tokens.issue(newDevice(), { type: 'refresh' }));
    for (const wait of ['9d', '9d', '9d', '2d12h']) {
      clock.advance(wait);
      ({ token, claims } = await tokens.refresh(token));
    }
    expect(claims.exp).toBe(start + 40 * 86_400);
    const access = await tokens.exchange(token, { to: 'access' });
    expect(access.claims.exp).toBe(access.claims.iat + 900);
    clock.advance('11h55m');
    const last = await tokens.exchange(token, { to: 'access' });
    expect(last.claims.exp).toBe(claims.exp);
    clock.advance('5m');
    expect(await refusalOf(tokens.refresh(token))).toBe('token_expired');
    expect(await refusal(token)).toBe('token_expired');
  });

  it('that expired but are not idle are refreshed, and show nothing else', async () => {
    const { tokens, clock, refusal } = bench();
    const { token } = await tokens.issue(newDevice(), { type: 'refresh' });
    clock.advance('2d');
    expect(await refusal(token)).toBe('token_expired');
    expect(await refusalOf(tokens.exchange(token, { to: 'access' }))).toBe('token_expired');
    expect(await refusalOf(tokens.refresh(token))).toBe('accepted');
  });

  it('give what is granted now, and never more than they were made for', async () => {
    const { tokens } = bench();
    const device = newDevice();
    const all = await tokens.issue(device, { type: 'refresh' });
    const few = await tokens.issue(device, { type: 'refresh', permissions: ['notes:read'] });
    device.may = ['notes:write'];
    const access = await tokens.exchange(all.token, { to: 'access' });
    expect(access.claims.pem).toEqual({ notes: 'Ag' });
    expect((await tokens.refresh(few.token)).claims).toMatchObject({ pem: {}, lim: true });
  });

  it('are exchanged, and an exchanged one that has a row is not refused by mistake', async () => {
    const { tokens, refusal } = bench();
    const { token, claims } = await tokens.issue(newDevice(), { type: 'refresh' });
    for (const to of ['access', 'badge', 'access', 'badge'] as const) {
      const made = await tokens.exchange(token, { to });
      expect(made.claims.fam).toBe(claims.jti);
      expect(await refusal(made.token, to)).toBe('accepted');
    }
  });

  it('can be good for one exchange only, and a second one revokes what came of the first', async () => {
    const { tokens, refusal } = bench();
    const { token } = await tokens.issue(newDevice(), { type: 'refresh' });
    const badge = await tokens.exchange(token, { to: 'badge', spend: true });
    expect(await refusal(badge.token, 'badge')).toBe('accepted');
    expect(await refusalOf(tokens.exchange(token, { to: 'access' }))).toBe('token_already_used');
    expect(await refusal(badge.token, 'badge')).toBe('token_revoked');
  });

  it('are taken back for good, at once here and within a minute elsewhere', async () => {
    const { tokens, refusal, clock, elsewhere } = bench();
    const there = elsewhere();
    const { token } = await tokens.issue(newDevice(), { type: 'badge' });
    const thereIs = (live: boolean) => refusalOf(there.verify(token, { type: 'badge', live }));
    expect([await refusal(token, 'badge'), await thereIs(false)]).toEqual(['accepted', 'accepted']);
    await tokens.revoke(token);
    expect(await refusal(token, 'badge')).toBe('token_revoked');
    expect(await thereIs(true)).toBe('token_revoked');
    expect(await thereIs(false)).toBe('accepted');
    clock.advance('60s');
    expect(await thereIs(false)).toBe('token_revoked');
    await tokens.revoke(token);
    clock.advance('2d');
    await tokens.revoke(token);
  });

  it('are taken back with all that came of them', async () => {
    const { tokens, refusal } = bench();
    const first = await tokens.issue(newDevice(), { type: 'refresh' });
    const second = await tokens.refresh(first.token);
    const badge = await tokens.exchange(second.token, { to: 'badge' });
    await tokens.revoke(first.token);
    expect(await refusal(second.token)).toBe('token_revoked');
    expect(await refusal(badge.token, 'badge')).toBe('token_revoked');
  });

  it('CVE-2026-55735, F-11: are not taken back by who cannot sign', async () => {
    const { tokens, refusal } = bench();
    const { token, claims } = await tokens.issue(newDevice(), { type: 'refresh' });
    const [header, payload] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"guardian+jwt"}').toString('base64url');
    const theirs = forged({ ...claims, prf: 'gadgets' });
    for (const fake of [
      `${header}.${payload}.`,
      `${header}.${payload}.AAAA`,
      `${none}.${payload}.`,
      theirs,
    ]) {
      expect(await refusalOf(tokens.revoke(fake))).toBe('token_invalid');
    }
    expect(await refusal(token)).toBe('accepted');
  });

  it('of one subject are taken back all, or all but one, or all of a type', async () => {
    const { tokens, refusal } = bench();
    const device = newDevice();
    const issue = async (type: 'refresh' | 'badge') => (await tokens.issue(device, { type })).token;
    const kept = await tokens.issue(device, { type: 'refresh' });
    const child = await tokens.exchange(kept.token, { to: 'badge' });
    const [refresh, badge, stranger] = [await issue('refresh'), await issue('badge'), newDevice()];
    const theirs = await tokens.issue(stranger, { type: 'badge' });
    expect(await tokens.revokeAll(device.id, { type: 'badge', except: kept.claims.jti })).toBe(1);
    expect(await refusal(badge, 'badge')).toBe('token_revoked');
    expect(await refusal(refresh)).toBe('accepted');
    expect(await tokens.revokeAll(device.id, { except: kept.claims.jti })).toBe(1);
    expect(await refusal(refresh)).toBe('token_revoked');
    expect([await refusal(kept.token), await refusal(child.token, 'badge')]).toEqual([
      'accepted',
      'accepted',
    ]);
    const pairing = await tokens.oneTime.issue('pairing', device.id);
    expect(await tokens.revokeAll(device.id)).toBe(3);
    expect(await tokens.oneTime.take('pairing', pairing.token)).toBeNull();
    expect(await refusal(kept.token)).toBe('token_revoked');
    expect(await refusal(theirs.token, 'badge')).toBe('accepted');
    await expect(tokens.revokeAll(device.id, { except: 'this one' })).rejects.toThrow(TypeError);
  });

  it('that are made while a subject’s are taken back do not outlive that', async () => {
    const { tokens, elsewhere } = bench();
    const device = newDevice();
    const { token } = await tokens.issue(device, { type: 'refresh' });
    const made: string[] = [];
    const climb = async (from: string): Promise<void> => {
      const next = await elsewhere().refresh(from);
      made.push(next.token);
      await climb(next.token);
    };
    const exchanging = Array.from({ length: 20 }, async () => {
      made.push((await elsewhere().exchange(token, { to: 'badge' })).token);
    });
    const climbing = climb(token);
    await tokens.revokeAll(device.id);
    await Promise.allSettled([...exchanging, climbing]);
    for (const one of made) {
      const states = [
        await refusalOf(tokens.verify(one, { type: 'badge' })),
        await refusalOf(tokens.refresh(one)),
      ];
      expect(states).not.toContain('accepted');
    }
  });

  it('of somebody who acts for another say so, can do nothing but that, and are announced', async () => {
    const { tokens, told, refusal } = bench();
    const { userId, sessionId } = await signIn();
    const device = newDevice();
    const { token, claims } = await tokens.impersonate({ id: userId, sessionId }, device);
    const { jti: tokenId, exp: expiresAt } = claims;
    expect(claims).toMatchObject({ sub: device.id, act: { sub: userId }, sid: sessionId, typ: 'access' });
    expect(told).toEqual([
      [
        'impersonationStarted',
        { profile: 'devices', actorId: userId, subject: device.id, sessionId, tokenId, expiresAt },
      ],
    ]);
    expect(await refusal(token, 'access')).toBe('accepted');
    const renewable = await tokens.impersonate({ id: userId, sessionId }, device, {
      type: 'refresh',
      lifetime: '5m',
    });
    expect(renewable.claims.exp - renewable.claims.iat).toBe(300);
    expect(await refusalOf(tokens.refresh(renewable.token))).toBe('token_not_refreshable');
    expect(await refusalOf(tokens.exchange(renewable.token, { to: 'access' }))).toBe('exchange_not_allowed');
    const acting = await tokens.admit(token);
    expect(acting.actor).toEqual({ id: userId });
    expect(await refusalOf(tokens.impersonate(acting, newDevice()))).toBe('impersonation_not_allowed');
    await expect(tokens.impersonate({ id: userId }, device)).rejects.toThrow(TypeError);
    await tokens.revoke(token);
    expect(await refusal(token, 'access')).toBe('token_revoked');
  });

  it('that are bound to a session die with it', async () => {
    const { tokens, refusal, clock } = bench();
    const { userId, sessionId } = await signIn();
    const device = newDevice();
    const { token } = await tokens.impersonate({ id: userId, sessionId }, device);
    const bound = await tokens.issue(device, { type: 'refresh', sessionId });
    const child = await tokens.refresh(bound.token);
    const access = await tokens.exchange(child.token, { to: 'access' });
    const direct = await tokens.issue(device, { sessionId });
    for (const { claims } of [child, access, direct]) expect(claims.sid).toBe(sessionId);
    const states = () =>
      Promise.all(
        [token, access.token, direct.token].map((one) => refusal(one, 'access')).concat(refusal(child.token)),
      );
    const all = (state: string) => Array<string>(4).fill(state);
    expect(await states()).toEqual(all('accepted'));
    await query('UPDATE auth.users SET banned_until = $2 WHERE id = $1', [userId, new Date('2027-01-01')]);
    tokens.forgetSessions('all');
    expect(await states()).toEqual(all('token_session_not_found'));
    await query('UPDATE auth.users SET banned_until = NULL WHERE id = $1', [userId]);
    expect(await states()).toEqual(all('accepted'));
    await query('DELETE FROM auth.sessions WHERE id = $1', [sessionId]);
    expect(await states()).toEqual(all('accepted'));
    tokens.forgetSessions([sessionId]);
    expect(await states()).toEqual(all('token_session_not_found'));
    clock.advance('2m');
    expect(await refusalOf(tokens.refresh(child.token))).toBe('token_session_not_found');
    expect(await refusalOf(tokens.impersonate({ id: userId, sessionId }, device))).toBe(
      'token_session_not_found',
    );
  });

  it('are verified with one statement in a minute, and those without rows with none', async () => {
    const { tokens, clock } = bench();
    const badge = await tokens.issue(newDevice(), { type: 'badge' });
    const access = await tokens.issue(newDevice());
    let asked = 0;
    const { logger } = open().dataSource;
    const before = logger.logQuery;
    logger.logQuery = () => void (asked += 1);
    try {
      for (let count = 0; count < 10; count++) await tokens.verify(badge.token, { type: 'badge' });
      expect(asked).toBe(1);
      clock.advance('60s');
      for (let count = 0; count < 10; count++) await tokens.verify(badge.token, { type: 'badge' });
      expect(asked).toBe(2);
      await tokens.verify(access.token);
      expect(asked).toBe(2);
    } finally {
      logger.logQuery = before;
    }
  });

  it('are asked about once for a crowd; who comes after a revocation is not given an older answer', async () => {
    let asked = 0;
    const gate = new EventEmitter();
    class Slow extends TypeormTokenTracking {
      override async stateOf(...args: Parameters<TypeormTokenTracking['stateOf']>) {
        asked++;
        const state = await super.stateOf(...args);
        if (asked === 1) {
          gate.emit('answered');
          await once(gate, 'opened');
        }
        return state;
      }
    }
    const tokens = profileOf(profile, { tracking: new Slow(open().dataSource) });
    const { token } = await tokens.issue(newDevice(), { type: 'badge' });
    const show = () => refusalOf(tokens.verify(token, { type: 'badge' }));
    const crowd = Array.from({ length: 20 }, show);
    expect(asked).toBe(1);
    await once(gate, 'answered');
    await tokens.revoke(token);
    const late = show();
    gate.emit('opened');
    expect(new Set(await Promise.all(crowd))).toEqual(new Set(['accepted']));
    expect([await late, await show(), asked]).toEqual(['token_revoked', 'token_revoked', 3]);
  });

  it('are for nobody whose name PostgreSQL cannot hold', async () => {
    const { tokens } = bench();
    for (const id of ['nul\u0000', 'half \ud83d', 'x'.repeat(1025)]) {
      const named = { ...newDevice(), id };
      expect(await refusalOf(tokens.issue(named, { type: 'refresh' }))).toBe('validation_failed');
      expect(await refusalOf(tokens.revokeAll(id))).toBe('validation_failed');
    }
    for (const id of ['', undefined, null, 7, {}, ['a']] as never[]) {
      await expect(tokens.issue({ ...newDevice(), id })).rejects.toThrow(TypeError);
      await expect(tokens.revokeAll(id)).rejects.toThrow(TypeError);
    }
  });

  it('carry claims of any text, which no row holds', async () => {
    const { tokens } = bench();
    const claims = { odd: 'nul \u0000, half \ud83d' };
    const { token } = await tokens.issue(newDevice(), { type: 'refresh', claims });
    const next = await tokens.refresh(token);
    expect(await tokens.verify(next.token, { type: 'refresh', claims })).toMatchObject(claims);
  });

  it('are swept when they have expired, and not before', async () => {
    await query('DELETE FROM auth.guardian_tokens');
    await query('DELETE FROM auth.guardian_one_time_tokens');
    const { tokens, clock, refusal } = bench();
    for (const type of ['badge', 'refresh'] as const) await tokens.issue(newDevice(), { type });
    await tokens.oneTime.issue('pairing', 'a');
    await tokens.oneTime.issue('e-mail', 'a', { lifetime: '1h' });
    clock.advance('1h4m');
    const kept = await tokens.issue(newDevice(), { type: 'badge' });
    expect(await sweep(open().dataSource, clock.now())).toBe(2);
    clock.advance('1m');
    expect(await sweep(open().dataSource, clock.now())).toBe(1);
    expect(await refusal(kept.token, 'badge')).toBe('accepted');
    expect(await query('SELECT count(*)::int AS count FROM auth.guardian_tokens')).toEqual([{ count: 2 }]);
  });
});
