import { expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import { claimsOf, SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';

const used = '400 refresh_token_already_used: Invalid Refresh Token: Already Used';
const notFound = '400 refresh_token_not_found: Invalid Refresh Token: Refresh Token Not Found';
const isStored = (token: string): boolean => /^[a-z2-7]{12}$/.test(token);

onBothDatabases('a refresh token of version 1', (open) => {
  const benchWith = (session: LocalOptions['session'], clock?: SessionBench['clock']) =>
    SessionBench.open(open(), { session: { refreshTokenVersion: 1, ...session } }, clock);
  /** Three tokens of one session, the oldest first. */
  const family = async (bench: SessionBench) => {
    const first = await bench.signUp();
    const second = await bench.refresh(first.refresh_token);
    const third = await bench.refresh(second.refresh_token);
    const tokens = [first, second, third].map(({ refresh_token }) => refresh_token);
    return { session: first, id: claimsOf(first).session_id, tokens: tokens as [string, string, string] };
  };

  it('is what a sign-in gives where the option says so, and 0 says so too, as in GoTrue', async () => {
    for (const refreshTokenVersion of [0, 1] as const) {
      const bench = await SessionBench.open(open(), {
        session: { refreshTokenVersion: refreshTokenVersion as 1 },
      });
      const signedUp = await bench.signUp();
      const signedIn = await bench.signIn(signedUp);
      expect([signedUp, signedIn].map(({ refresh_token }) => isStored(refresh_token))).toEqual([true, true]);
    }
    const counted = await SessionBench.open(open(), {});
    expect(isStored((await counted.signUp()).refresh_token)).toBe(false);
  });

  it('is traded for its child, and is revoked', async () => {
    const bench = await benchWith({});
    const { id, tokens } = await family(bench);
    const [first, second, third] = tokens;
    expect(await bench.storedTokens(id)).toEqual([
      `(${first})`,
      `(${second}<${first})`,
      `${third}<${second}`,
    ]);
    const [row] = await bench.query('SELECT * FROM auth.sessions WHERE id = $1', [id]);
    expect(row).toMatchObject({ refresh_token_counter: null, refresh_token_hmac_key: null });
    expect(row?.refreshed_at).not.toBeNull();
  });

  it('F-01, F-05 gives the same child within the interval, whether parent or older', async () => {
    const bench = await benchWith({ reuseInterval: '10s' });
    const { session, id, tokens } = await family(bench);
    const before = await bench.storedTokens(id);
    bench.clock.advance('9999ms');
    expect((await bench.refresh(tokens[1])).refresh_token).toBe(tokens[2]);
    expect((await bench.refresh(tokens[0])).refresh_token).toBe(tokens[2]);
    expect(await bench.storedTokens(id)).toEqual(before);
    const noted = await bench.query(
      `SELECT count(*)::int AS times FROM auth.audit_log_entries
       WHERE payload->>'actor_id' = $1 AND payload->>'action' = 'token_refreshed'`,
      [session.user.id],
    );
    expect(noted).toEqual([{ times: 4 }]);
  });

  it('F-02 traded by fifty at once has one child, and all get it', async () => {
    const bench = await benchWith({});
    const session = await bench.signUp();
    const answers = await Promise.all(Array.from({ length: 50 }, () => bench.refresh(session.refresh_token)));
    const children = new Set(answers.map(({ refresh_token }) => refresh_token));
    expect(children.size).toBe(1);
    expect(await bench.storedTokens(claimsOf(session).session_id)).toHaveLength(2);
  });

  it.each([
    ['F-03 the oldest', 0],
    ['F-03 the parent', 1],
  ])('%s, shown after the interval, ends the session, and that stays', async (_, which) => {
    const bench = await benchWith({ reuseInterval: '10s' });
    const { session, id, tokens } = await family(bench);
    bench.clock.advance('10s');
    expect(await bench.refusalOf(tokens[which] as string)).toBe(used);
    expect(await bench.refusalOf(tokens[2])).toBe(notFound);
    expect(await bench.isOpen(session)).toBe(false);
    expect(await bench.storedTokens(id)).toEqual([]);
    const audit = await bench.query(
      `SELECT payload->>'action' AS action FROM auth.audit_log_entries
       WHERE payload->>'actor_id' = $1 AND payload->>'action' LIKE 'token%' ORDER BY action`,
      [session.user.id],
    );
    expect(audit.map(({ action }) => action)).toEqual([
      'token_refreshed',
      'token_refreshed',
      'token_revoked',
      'token_revoked',
      'token_revoked',
    ]);
  });

  it('is a sign of life of a session whose row does not say when it was refreshed', async () => {
    const bench = await benchWith({ inactivityTimeout: '1h' });
    const { id, tokens } = await family(bench);
    bench.clock.advance('2h');
    const at = bench.clock.now();
    await bench.query('UPDATE auth.sessions SET refreshed_at = NULL WHERE id = $1', [id]);
    await bench.query('UPDATE auth.refresh_tokens SET updated_at = $2 WHERE token = $1', [tokens[2], at]);
    bench.clock.advance('1h');
    expect(await bench.refusalOf(tokens[2])).toBe('it was accepted');
  });

  it('F-04 that thief and victim both hold ends with the second use, whoever comes first', async () => {
    const bench = await benchWith({ reuseInterval: '10s' });
    const session = await bench.signUp();
    const ofFirst = await bench.refresh(session.refresh_token);
    bench.clock.advance('1m');
    expect(await bench.refusalOf(session.refresh_token)).toBe(used);
    expect(await bench.refusalOf(ofFirst.refresh_token)).toBe(notFound);
  });

  it('as the parent of the newest is good for ever where that is asked for', async () => {
    const bench = await benchWith({ reuseInterval: '0s', acceptParentAlways: true });
    const { tokens } = await family(bench);
    bench.clock.advance('30d');
    expect((await bench.refresh(tokens[1])).refresh_token).toBe(tokens[2]);
    expect(await bench.refusalOf(tokens[0])).toBe(used);
  });

  it.each([false, true])(
    'is merely refused where there is no rotation, tolerance or not (%s)',
    async (tolerate) => {
      const bench = await benchWith({ reuseInterval: '0s', rotation: false, tolerateReuseOfV1: tolerate });
      const { tokens } = await family(bench);
      expect(await bench.refusalOf(tokens[0])).toBe(used);
      expect(await bench.refusalOf(tokens[2])).toBe('it was accepted');
    },
  );

  it('with the tolerance of GoTrue gets a child of its own, and revokes its family without ending the session', async () => {
    const bench = await benchWith({
      reuseInterval: '10s',
      acceptParentAlways: true,
      tolerateReuseOfV1: true,
    });
    const { session, id, tokens } = await family(bench);
    const [first, second, third] = tokens;
    const { refresh_token: child } = await bench.refresh(first);
    expect(await bench.storedTokens(id)).toEqual([
      `(${first})`,
      `(${second}<${first})`,
      `${third}<${second}`,
      `${child}<${first}`,
    ]);
    bench.clock.advance('10s');
    expect(await bench.refusalOf(second)).toBe(used);
    expect(await bench.storedTokens(id)).toEqual([
      `(${first})`,
      `(${second}<${first})`,
      `(${third}<${second})`,
      `(${child}<${first})`,
    ]);
    expect(await bench.isOpen(session)).toBe(true);
    bench.clock.advance('10s');
    expect(await bench.refusalOf(third)).toBe(used);
  });

  it('F-08 goes over to version 2 when it is used, and no other of its session stays good', async () => {
    const old = await benchWith({ tolerateReuseOfV1: true, reuseInterval: '10s' });
    const { session, id, tokens } = await family(old);
    const { refresh_token: fork } = await old.refresh(tokens[0]);
    const bench = await benchWith({ refreshTokenVersion: 2, reuseInterval: '10s' }, old.clock);
    const upgraded = await bench.refresh(tokens[2]);
    expect(isStored(upgraded.refresh_token)).toBe(false);
    expect(claimsOf(upgraded).session_id).toBe(id);
    expect((await bench.storedTokens(id)).every((token) => token.startsWith('('))).toBe(true);
    expect((await bench.refresh(tokens[2])).refresh_token).toBe(upgraded.refresh_token);
    expect((await bench.refresh(fork)).refresh_token).toBe(upgraded.refresh_token);
    const next = await bench.refresh(upgraded.refresh_token);
    expect((await bench.refresh(tokens[2])).refresh_token).toBe(next.refresh_token);
    bench.clock.advance('10s');
    expect(await bench.refusalOf(tokens[2])).toBe(used);
    expect(await bench.refusalOf(next.refresh_token)).toBe(notFound);
    expect(await bench.isOpen(session)).toBe(false);
  });

  it('F-08 traded by fifty at once goes over to version 2 once', async () => {
    const old = await benchWith({});
    const session = await old.signUp();
    const bench = await benchWith({ refreshTokenVersion: 2 }, old.clock);
    const answers = await Promise.all(Array.from({ length: 50 }, () => bench.refresh(session.refresh_token)));
    expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    const [row] = await bench.query(
      'SELECT refresh_token_counter::int AS n FROM auth.sessions WHERE id = $1',
      [claimsOf(session).session_id],
    );
    expect(row).toEqual({ n: 0 });
  });

  it('F-08 that was left behind when its session went over is spent', async () => {
    const bench = await benchWith({ refreshTokenVersion: 2, reuseInterval: '10s' });
    const session = await bench.signUp();
    const { session_id } = claimsOf(session);
    await bench.query(
      `INSERT INTO auth.refresh_tokens (token, user_id, session_id, revoked, created_at, updated_at)
       VALUES ('leftbehind22', $1, $2, false, $3, $3)`,
      [session.user.id, session_id, bench.clock.now()],
    );
    bench.clock.advance('1m');
    expect(await bench.refusalOf('leftbehind22')).toBe(used);
    expect(await bench.refusalOf(session.refresh_token)).toBe(notFound);
  });

  it('F-06 says nothing to somebody who has another, and changes nothing', async () => {
    const bench = await benchWith({});
    const { id, tokens } = await family(bench);
    const before = await bench.storedTokens(id);
    expect(await bench.refusalOf('abcdefghijkl')).toBe(notFound);
    expect(await bench.storedTokens(id)).toEqual(before);
    expect((await bench.refresh(tokens[2])).user.id).toBe((await bench.refresh(tokens[2])).user.id);
  });

  it('goes on where sessions are of version 2, and those of version 2 where it is 1', async () => {
    const [one, two] = [await benchWith({}), await SessionBench.open(open(), {})];
    const stored = await one.signUp();
    const counted = await two.signUp();
    expect(isStored((await two.refresh(stored.refresh_token)).refresh_token)).toBe(false);
    expect(isStored((await one.refresh(counted.refresh_token)).refresh_token)).toBe(false);
  });
});

onBothDatabases('a refresh token of version 2', (open) => {
  const chain = async (session: LocalOptions['session']) => {
    const bench = await SessionBench.open(open(), { session: { reuseInterval: '10s', ...session } });
    const first = await bench.signUp();
    const second = await bench.refresh(first.refresh_token);
    const third = await bench.refresh(second.refresh_token);
    const tokens = [first, second, third].map(({ refresh_token }) => refresh_token);
    return { bench, tokens: tokens as [string, string, string] };
  };

  it('is good to the last millisecond of the interval, and reuse does not prolong it', async () => {
    const { bench, tokens } = await chain({});
    bench.clock.advance('9999ms');
    expect((await bench.refresh(tokens[0])).refresh_token).toBe(tokens[2]);
    bench.clock.advance('1ms');
    expect(await bench.refusalOf(tokens[0])).toBe(used);
    expect(await bench.refusalOf(tokens[2])).toBe(notFound);
  });

  it('is merely refused where there is no rotation', async () => {
    const { bench, tokens } = await chain({ rotation: false });
    bench.clock.advance('10s');
    expect(await bench.refusalOf(tokens[0])).toBe(used);
    expect(await bench.refusalOf(tokens[2])).toBe('it was accepted');
  });

  it('is good for ever where reuse is allowed', async () => {
    const { bench, tokens } = await chain({ allowReuse: true });
    bench.clock.advance('30d');
    expect((await bench.refresh(tokens[0])).refresh_token).toBe(tokens[2]);
  });

  it('that is ahead of its session was not issued here', async () => {
    const { bench, tokens } = await chain({});
    await bench.query('UPDATE auth.sessions SET refresh_token_counter = 1 WHERE id = $1', [
      claimsOf(await bench.refresh(tokens[2])).session_id,
    ]);
    expect(await bench.refusalOf(tokens[2])).toBe(
      '400 validation_failed: Invalid Refresh Token: Not Issued By This Server',
    );
  });

  it('is refreshed by one statement beside those of the transaction', async () => {
    const { bench, tokens } = await chain({});
    const asked: string[] = [];
    const { dataSource } = open();
    const { logger } = dataSource;
    dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
      logQuery: (query: string) => asked.push(query),
    });
    try {
      await bench.refresh(tokens[2]);
    } finally {
      dataSource.logger = logger;
    }
    expect(asked.map((query) => query.split(/\s/)[0])).toEqual(['START', 'WITH', 'COMMIT']);
  });
});
