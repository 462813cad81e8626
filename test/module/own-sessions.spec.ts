import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Auth, gotrue } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';
import { password, secret, startGuarded } from '../reliability/guarded-app.js';
import { ask } from '../support/ask.js';
import type { RunningApp } from '../support/start-app.js';

describe.each(['the local provider', 'the GoTrue provider'])('sessions of one’s own, by %s', (name) => {
  let database: Database;
  const started: RunningApp[] = [];
  let running: RunningApp;
  let auth: Auth;
  beforeAll(async () => {
    database = await openDatabase(':memory:', 'run');
    const options = { tokens: { secret }, password: { autoconfirm: true } };
    const accounts = await startGuarded(
      local({ database: database.dataSource, migrations: 'off', ...options }),
    );
    started.push(accounts);
    if (name === 'the GoTrue provider') {
      started.push(await startGuarded(gotrue({ url: `${accounts.url}/auth/v1`, jwtSecret: secret })));
    }
    running = started.at(-1) as RunningApp;
    auth = running.app.get(Auth);
  });
  afterAll(async () => {
    for (const one of started.toReversed()) await one.close();
    await database.close();
  });

  /** Somebody who is signed in three times, and whom the guard knows by each token. */
  const ann = async () => {
    const email = `${randomUUID()}@example.com`;
    await auth.signUp({ email, password });
    const sessions = [];
    for (let count = 0; count < 3; count += 1) sessions.push(await auth.signIn({ email, password }));
    const bearers = sessions.map(({ access_token }) => access_token);
    for (const bearer of bearers) expect(await statusOf(bearer)).toBe(200);
    return bearers as [string, string, string];
  };
  const statusOf = async (bearer: string): Promise<number> =>
    (await ask(`${running.url}/mine`, { bearer })).status;
  const idOf = async (bearer: string): Promise<string> => {
    const { sessions } = await auth.listSessions({}, { bearer });
    return sessions.find(({ is_current }) => is_current)?.id as string;
  };

  it('are listed, the newest first', async () => {
    const [, , bearer] = await ann();
    const { sessions } = await auth.listSessions({}, { bearer });
    const times = sessions.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(sessions).toHaveLength(4);
  });

  it('F-11 are forgotten by the guard at once when one is ended', async () => {
    const [first, second, third] = await ann();
    await auth.endSession({ session_id: await idOf(second) }, { bearer: first });
    expect(await Promise.all([first, second, third].map(statusOf))).toEqual([200, 401, 200]);
  });

  it('F-11 are forgotten by the guard at once when all others are ended', async () => {
    const [first, second, third] = await ann();
    await auth.endOtherSessions({}, { bearer: third });
    expect(await Promise.all([first, second, third].map(statusOf))).toEqual([401, 401, 200]);
  });

  it('are noted when they are ended, and not when none is', async () => {
    const [first, second] = await ann();
    const logouts = async (): Promise<unknown> => {
      const [row] = await database.dataSource.query(
        `SELECT count(*)::int AS count FROM auth.audit_log_entries WHERE payload->>'action' = 'logout'`,
      );
      return row.count;
    };
    const before = Number(await logouts());
    const id = await idOf(second);
    await auth.endSession({ session_id: id }, { bearer: first });
    await expect(auth.endSession({ session_id: id }, { bearer: first })).rejects.toMatchObject({
      status: 404,
      code: 'session_not_found',
    });
    expect(await logouts()).toBe(before + 1);
  });
});
