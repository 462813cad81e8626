import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { MovableClock } from 'nest-guardian/testing';
import { claimsOf, SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { newRefreshTokenV1 } from '../../tokens/refresh-token.js';
import type { UserBody } from '../../wire/user.js';

type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

const recorded = JSON.parse(
  readFileSync(new URL('../../../../../test/recordings/rows.json', import.meta.url), 'utf8'),
) as readonly { readonly after: string; readonly rows: Rows }[];
const rowsAfter = (after: string): Rows => {
  const found = recorded.find((one) => one.after === after);
  if (found === undefined) throw new Error(`No rows after "${after}" are recorded`);
  return found.rows;
};
const signUp = rowsAfter('open: sign-up with a password and data');
const refreshed = rowsAfter('open: then one refresh');
const verified = rowsAfter('open: then verified');
const family = rowsAfter('open-v1: sign-up and one refresh');
const deleted = rowsAfter('confirm: banned, then soft deleted');

const generated = ['confirmed_at', 'email'];
const uuid = /[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/g;

onBothDatabases('rows of a GoTrue server', (open) => {
  const start = new Date('2026-08-20T10:00:00.123Z');
  const serverWith = (options: object = {}) =>
    SessionBench.open(
      open(),
      { compatibility: 'gotrue', password: { autoconfirm: true }, ...options },
      new MovableClock(start),
    );

  /** Puts rows into a table as they were recorded, placeholders replaced; nobody else has these ids. */
  const person = (bench: SessionBench) => {
    const known = new Map<string, string>();
    const made = (name: string): string => {
      if (name.startsWith('time'))
        return `2026-08-20T10:00:00.123456${name.endsWith('+00:00') ? '+00:00' : ''}`;
      if (name.startsWith('refresh')) return newRefreshTokenV1();
      return name.startsWith('email') ? `${randomUUID()}@example.com` : randomUUID();
    };
    const filled = (text: string): string =>
      text.replaceAll(/\{\{([^}]+)\}\}/g, (_, name: string) => {
        if (!known.has(name)) known.set(name, made(name));
        return known.get(name) as string;
      });
    return {
      id: (name: string) => known.get(name) as string,
      async has(table: string, rows: Rows, change: object = {}): Promise<void> {
        for (const recordedRow of rows[table] ?? []) {
          const isGenerated = (column: string) =>
            generated.includes(column) && (table === 'identities' || column === 'confirmed_at');
          const row = { ...(JSON.parse(filled(JSON.stringify(recordedRow))) as object), ...change };
          const columns = Object.keys(row).filter((column) => !isGenerated(column) && column !== 'id');
          const names = table === 'refresh_tokens' ? columns : ['id', ...columns];
          await bench.query(
            `INSERT INTO auth.${table} (${names.join()}) SELECT ${names.join()}
             FROM jsonb_populate_record(NULL::auth.${table}, $1::jsonb)`,
            [JSON.stringify(row)],
          );
        }
      },
    };
  };
  // Written by a Go program after GoTrue's layout, under this key: the tokens with the counters 1, 127 and 128.
  const goKey = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
  const goSession = '3f2a1c4e-5b6d-4788-9a0b-c1d2e3f40516';
  const [goFirst, go127, go128] = [
    'AD8qHE5bbUeImgvB0uP0BRYBcjhG5EnFTgKn0Je70_E2I37Jpm4',
    'AD8qHE5bbUeImgvB0uP0BRZ_dYcIRWfZVuaaFKLPEfcjQot7DR0',
    'AD8qHE5bbUeImgvB0uP0BRaAAZKIzCm7KD5zTKt6DHrq9E4APRXi',
  ] as const;
  const ownKey = { refresh_token_hmac_key: goKey };

  it('with a session of version 2: its tokens go on where they are', async () => {
    const bench = await serverWith();
    const ann = person(bench);
    await ann.has('users', signUp);
    await ann.has('identities', signUp);
    await ann.has('sessions', refreshed, { id: goSession, ...ownKey, refresh_token_counter: 127 });
    const next = await bench.refresh(go127);
    expect(next.refresh_token).toBe(go128);
    expect(next.user).toMatchObject({
      id: ann.id('uuid#1'),
      user_metadata: { name: 'Row' },
    } as Partial<UserBody>);
    expect((await bench.refresh(go127)).refresh_token).toBe(go128);
    expect(await bench.refusalOf(go128)).toBe('it was accepted');
    expect(await bench.refusalOf(goFirst)).toMatch(/^400 refresh_token_already_used/);
    await bench.query('DELETE FROM auth.users WHERE id = $1', [ann.id('uuid#1')]);
  });

  it('with a session at aal2: its level and its ways of proof, the newest first, stay in its tokens', async () => {
    const bench = await serverWith();
    const ann = person(bench);
    await ann.has('users', signUp);
    await ann.has('mfa_factors', verified);
    await ann.has('sessions', verified, { id: goSession, ...ownKey, refresh_token_counter: 1 });
    await ann.has('mfa_amr_claims', verified, { session_id: goSession });
    await bench.query(
      `UPDATE auth.mfa_amr_claims SET updated_at = updated_at + interval '5 s', created_at = created_at + interval '5 s'
       WHERE session_id = $1 AND authentication_method = 'totp'`,
      [goSession],
    );
    const seconds = Math.floor(start.getTime() / 1000);
    const next = await bench.refresh(goFirst);
    expect(claimsOf(next)).toMatchObject({
      session_id: goSession,
      aal: 'aal2',
      amr: [
        { method: 'totp', timestamp: seconds + 5 },
        { method: 'password', timestamp: seconds },
      ],
    });
    expect(claimsOf(await bench.refresh(next.refresh_token))).toMatchObject({ aal: 'aal2' });
    expect(next.user.factors).toHaveLength(1);
    await bench.query('DELETE FROM auth.users WHERE id = $1', [ann.id('uuid#1')]);
  });

  it.each([1, 2] as const)(
    'with a family of version 1: its newest goes on as version %i',
    async (version) => {
      const bench = await serverWith({ session: { refreshTokenVersion: version } });
      const ann = person(bench);
      await ann.has('users', signUp);
      await ann.has('sessions', family);
      await ann.has('refresh_tokens', family);
      const [spent, newest] = [ann.id('refresh#1'), ann.id('refresh#2')];
      expect((await bench.refresh(spent)).refresh_token).toBe(newest);
      const next = await bench.refresh(newest);
      expect(claimsOf(next).session_id).toBe(ann.id('uuid#2'));
      expect(next.refresh_token.length === 12).toBe(version === 1);
      expect(await bench.refusalOf(next.refresh_token)).toBe('it was accepted');
      bench.clock.advance('1m');
      expect(await bench.refusalOf(spent)).toMatch(/^400 refresh_token_already_used/);
    },
  );

  it.each([
    ['is banned', { banned_until: '2126-08-20T10:00:00Z' }, /^400 user_banned: .*User Banned$/],
    ['was banned until a while ago', { banned_until: '2026-08-20T09:00:00Z' }, /^it was accepted$/],
  ])('with somebody who %s', async (_, change, outcome) => {
    const bench = await serverWith();
    const ann = person(bench);
    await ann.has('users', signUp, change);
    await ann.has('sessions', family);
    await ann.has('refresh_tokens', family);
    expect(await bench.refusalOf(ann.id('refresh#2'))).toMatch(outcome);
  });

  it('with somebody who is deleted softly: nobody, also where a session was left behind', async () => {
    const bench = await serverWith();
    const ann = person(bench);
    await ann.has('users', deleted);
    await ann.has('sessions', family, { user_id: ann.id('uuid#6') });
    await ann.has('refresh_tokens', family, { user_id: ann.id('uuid#6') });
    expect(await bench.refusalOf(ann.id('refresh#2'))).toMatch(/^400 refresh_token_not_found/);
  });

  it('are what a sign-in and a refresh write, in either version', async () => {
    for (const [version, rows] of [
      [2, { ...signUp, sessions: refreshed.sessions as Rows[string] }],
      [1, { ...family, mfa_amr_claims: signUp.mfa_amr_claims as Rows[string] }],
    ] as const) {
      const bench = await serverWith({ session: { refreshTokenVersion: version } });
      const session = await bench.signUp();
      const second = await bench.refresh(session.refresh_token);
      const names = new Map([
        [session.user.id, '{{uuid#1}}'],
        [claimsOf(session).session_id, '{{uuid#2}}'],
        [session.refresh_token, '{{refresh#1}}'],
        [second.refresh_token, '{{refresh#2}}'],
      ]);
      for (const table of ['sessions', 'refresh_tokens', 'mfa_amr_claims']) {
        const column = table === 'sessions' ? 'id' : 'session_id';
        const found = await bench.query(
          `SELECT to_jsonb(t) AS row FROM auth.${table} t WHERE ${column} = $1 ORDER BY to_jsonb(t)->'id'`,
          [claimsOf(session).session_id],
        );
        const expected = (rows as Rows)[table] ?? [];
        expect(found.map(({ row }) => masked(row as object, names))).toEqual(
          expected.map((row) => masked(row, new Map([['{{uuid#4}}', '{{uuid}}']]))),
        );
      }
    }
  });
});

/** The row with what differs from run to run replaced by what stands for it in the recording. */
function masked(row: object, names: ReadonlyMap<string, string>): object {
  const mask = ([column, value]: [string, unknown]): [string, unknown] => {
    if (column === 'id' && typeof value === 'number') return [column, '{{serial}}'];
    if (typeof value !== 'string') return [column, value];
    const named = names.get(value);
    if (named !== undefined) return [column, named];
    const text = value
      .replace(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/, '{{time.fraction+00:00}}')
      .replace(/^\d{4}-\d\d-\d\dT[\d:.]+$/, '{{time.fraction no zone}}')
      .replace(/^[\w-]{43}$/, '{{base64 of 32 bytes}}');
    return [column, text.startsWith('0000') ? text : text.replaceAll(uuid, '{{uuid}}')];
  };
  return Object.fromEntries(Object.entries(row).map(mask));
}
