import { describe, expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import { claimsOf, SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';

const expired = '400 session_expired: Invalid Refresh Token: Session Expired';
const inactive = `${expired} (Inactivity)`;
const lowAal = `${expired} (Low AAL: User Needs MFA Verification)`;
const superseded = `${expired} (Revoked by Newer Login)`;

onBothDatabases('the limits of a session', (open) => {
  const benchWith = (session: LocalOptions['session'], tokens = {}) =>
    SessionBench.open(open(), {
      session,
      tokens: { secret: 'this secret is long enough for the specs of sessions', ...tokens },
    });
  const enrol = (bench: SessionBench, userId: string, status: string) =>
    bench.query(
      `INSERT INTO auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
       VALUES (gen_random_uuid(), $1, 'totp', $2, now(), now())`,
      [userId, status],
    );

  describe.each([2, 1] as const)('with refresh tokens of version %i', (refreshTokenVersion) => {
    it('are off unless they are asked for', async () => {
      const bench = await benchWith({ refreshTokenVersion });
      const { refresh_token } = await bench.signUp();
      bench.clock.advance('3650d');
      expect(await bench.refusalOf(refresh_token)).toBe('it was accepted');
    });

    it('F-09 the row may say when it ends, to the millisecond', async () => {
      const bench = await benchWith({ refreshTokenVersion });
      const session = await bench.signUp();
      const notAfter = new Date(bench.clock.now().getTime() + 60_000);
      const { session_id } = claimsOf(session);
      await bench.query('UPDATE auth.sessions SET not_after = $2 WHERE id = $1', [session_id, notAfter]);
      bench.clock.advance('1m');
      const { refresh_token } = await bench.refresh(session.refresh_token);
      bench.clock.advance('1ms');
      expect(await bench.refusalOf(refresh_token)).toBe(expired);
    });

    it('F-09 a timebox ends it, however busy it was, to the millisecond', async () => {
      const bench = await benchWith({ refreshTokenVersion, timebox: '2h', inactivityTimeout: '90m' });
      const first = await bench.signUp();
      bench.clock.advance('1h');
      const second = await bench.refresh(first.refresh_token);
      bench.clock.advance('1h');
      const third = await bench.refresh(second.refresh_token);
      bench.clock.advance('1ms');
      expect(await bench.refusalOf(third.refresh_token)).toBe(expired);
    });

    it('F-09 inactivity ends it, counted from the last refresh, to the millisecond', async () => {
      const bench = await benchWith({ refreshTokenVersion, inactivityTimeout: '1h' });
      const first = await bench.signUp();
      bench.clock.advance('1h');
      const second = await bench.refresh(first.refresh_token);
      bench.clock.advance('1h');
      const third = await bench.refresh(second.refresh_token);
      bench.clock.advance('1h1ms');
      expect(await bench.refusalOf(third.refresh_token)).toBe(inactive);
    });

    it('F-09 a spent token that is shown again does not prolong it', async () => {
      const bench = await benchWith({
        refreshTokenVersion,
        inactivityTimeout: '1m',
        acceptParentAlways: true,
      });
      const first = await bench.signUp();
      const second = await bench.refresh(first.refresh_token);
      bench.clock.advance('1m');
      await bench.refresh(first.refresh_token);
      bench.clock.advance('1ms');
      expect(await bench.refusalOf(first.refresh_token)).toBe(inactive);
      expect(await bench.refusalOf(second.refresh_token)).toBe(inactive);
    });

    it('F-09 it ends without the second factor that the person has, and not without one that is not verified', async () => {
      const bench = await benchWith({ refreshTokenVersion, allowLowAal: '10m' });
      const [none, unverified, verified, shown] = [
        await bench.signUp(),
        await bench.signUp(),
        await bench.signUp(),
        await bench.signUp(),
      ];
      await enrol(bench, unverified.user.id, 'unverified');
      await enrol(bench, verified.user.id, 'verified');
      await enrol(bench, shown.user.id, 'verified');
      await bench.query(`UPDATE auth.sessions SET aal = 'aal2' WHERE id = $1`, [claimsOf(shown).session_id]);
      bench.clock.advance('10m');
      const renewed = await bench.refresh(verified.refresh_token);
      bench.clock.advance('1ms');
      expect(await bench.refusalOf(none.refresh_token)).toBe('it was accepted');
      expect(await bench.refusalOf(unverified.refresh_token)).toBe('it was accepted');
      expect(await bench.refusalOf(shown.refresh_token)).toBe('it was accepted');
      expect(await bench.refusalOf(renewed.refresh_token)).toBe(lowAal);
    });

    it('F-09 until then, its access tokens end with it', async () => {
      const bench = await benchWith({ refreshTokenVersion, allowLowAal: '10m' }, { lifetime: '8m' });
      const first = await bench.signUp();
      expect(first.expires_in).toBe(480);
      await enrol(bench, first.user.id, 'verified');
      bench.clock.advance('4m');
      const second = await bench.refresh(first.refresh_token);
      const { exp, iat } = claimsOf(second) as unknown as { exp: number; iat: number };
      expect([second.expires_in, exp - iat, second.expires_at]).toEqual([360, 360, exp]);
      const another = await bench.signIn(first);
      expect(another.expires_in).toBe(480);
      await bench.query(`UPDATE auth.sessions SET aal = 'aal2' WHERE id = $1`, [claimsOf(second).session_id]);
      expect((await bench.refresh(second.refresh_token)).expires_in).toBe(480);
    });

    it('F-09 the limits are asked in one order, the same as for the words', async () => {
      const limits = { timebox: '1h', inactivityTimeout: '1h', allowLowAal: '1h' };
      const bench = await benchWith({ refreshTokenVersion, ...limits });
      const session = await bench.signUp();
      await enrol(bench, session.user.id, 'verified');
      bench.clock.advance('2h');
      expect(await bench.refusalOf(session.refresh_token)).toBe(expired);
      const lax = await SessionBench.open(open(), { session: { ...limits, timebox: '3h' } }, bench.clock);
      expect(await lax.refusalOf(session.refresh_token)).toBe(inactive);
      const laxer = await SessionBench.open(open(), { session: { allowLowAal: '1h' } }, bench.clock);
      expect(await laxer.refusalOf(session.refresh_token)).toBe(lowAal);
    });

    it('F-09 a refusal changes nothing', async () => {
      const bench = await benchWith({ refreshTokenVersion, timebox: '1h' });
      const session = await bench.signUp();
      const rows = () =>
        bench.query(
          `SELECT to_jsonb(s) AS s, (SELECT jsonb_agg(to_jsonb(t)) FROM auth.refresh_tokens t
            WHERE t.session_id = s.id) AS t, (SELECT count(*)::int FROM auth.audit_log_entries) AS audit
            FROM auth.sessions s WHERE id = $1`,
          [claimsOf(session).session_id],
        );
      const before = await rows();
      bench.clock.advance('2h');
      expect(await bench.refusalOf(session.refresh_token)).toBe(expired);
      expect(await rows()).toEqual(before);
    });

    it('F-09 with one session per person, the one used last is the one that lives', async () => {
      const bench = await benchWith({ refreshTokenVersion, singlePerUser: true });
      const first = await bench.signUp();
      const stranger = await bench.signUp();
      bench.clock.advance('1m');
      const second = await bench.signIn(first);
      expect(await bench.isOpen(first)).toBe(true);
      expect(await bench.refusalOf(first.refresh_token)).toBe(superseded);
      expect(await bench.refusalOf(stranger.refresh_token)).toBe('it was accepted');
      const renewed = await bench.refresh(second.refresh_token);
      bench.clock.advance('1m');
      const third = await bench.signIn(first);
      expect(await bench.refusalOf(renewed.refresh_token)).toBe(superseded);
      expect(await bench.refusalOf(third.refresh_token)).toBe('it was accepted');
    });

    it('F-09 with one session per person, neither of two of the same moment is the older', async () => {
      const bench = await benchWith({ refreshTokenVersion, singlePerUser: true });
      const first = await bench.signUp();
      const second = await bench.signIn(first);
      bench.clock.advance('1m');
      const outcomes = await Promise.all(
        [first, second].map(({ refresh_token }) => bench.refusalOf(refresh_token)),
      );
      expect(outcomes).toContain('it was accepted');
    });

    it('F-09 with one session per person, one that has passed its own limits counts for nothing', async () => {
      const bench = await benchWith({ refreshTokenVersion, singlePerUser: true });
      const first = await bench.signUp();
      bench.clock.advance('1m');
      const { session_id } = claimsOf(await bench.signIn(first));
      await bench.query('UPDATE auth.sessions SET not_after = $2 WHERE id = $1', [
        session_id,
        bench.clock.now(),
      ]);
      bench.clock.advance('1ms');
      expect(await bench.refusalOf(first.refresh_token)).toBe('it was accepted');
    });

    it('F-06 a session of an OAuth client is refreshed by that client alone, and goes on', async () => {
      const bench = await benchWith({ refreshTokenVersion });
      const session = await bench.signUp();
      const { session_id } = claimsOf(session);
      const [client] = await bench.query(
        `INSERT INTO auth.oauth_clients (id, registration_type, redirect_uris, grant_types, client_type, token_endpoint_auth_method)
         VALUES (gen_random_uuid(), 'manual', 'https://x', 'refresh_token', 'public', 'none') RETURNING id`,
      );
      await bench.query('UPDATE auth.sessions SET oauth_client_id = $2 WHERE id = $1', [
        session_id,
        client?.id,
      ]);
      expect(await bench.refusalOf(session.refresh_token)).toBe(
        '400 invalid_client: Client authentication required for OAuth session',
      );
      await bench.query('UPDATE auth.sessions SET oauth_client_id = NULL WHERE id = $1', [session_id]);
      expect(await bench.refusalOf(session.refresh_token)).toBe('it was accepted');
    });
  });
});
