import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { authEntities, local, prepareDatabase } from 'nest-guardian/local';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { type Answer, ask } from '../support/ask.js';
import { type RunningApp } from '../support/start-app.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';
import { DatabaseProxy } from './database-proxy.js';
import { password, secret, startGuarded } from './guarded-app.js';
import { expectWholeRows } from './invariants.js';

/** Shorter than the defaults, so that the laws need not wait for them. */
const patience = { statement_timeout: '400', query_timeout: '700' };

const newAddress = (): string => `${crypto.randomUUID()}@example.com`;

onPostgres('an application whose database', () => {
  let drop: () => Promise<void>;
  let server: DataSource;
  let proxy: DatabaseProxy;
  let source: DataSource;
  let app: RunningApp;

  beforeAll(async () => {
    const made = await createPostgresDatabase();
    drop = made.drop;
    server = await new DataSource({ ...(await prepareDatabase({ url: made.url })), extra: {} }).initialize();
    proxy = await DatabaseProxy.before(made.url);
    const options = await prepareDatabase({ url: proxy.url(patience), migrations: 'off' });
    const hasty = { poolSize: 4, connectTimeoutMS: 600, entities: authEntities };
    source = await new DataSource({ ...options, ...hasty }).initialize();
    const provider = local({ database: source, tokens: { secret }, password: { autoconfirm: true } });
    app = await startGuarded(provider);
  });
  afterAll(async () => {
    await app.close();
    await source.destroy();
    await proxy.goAway();
    await server.destroy();
    await drop();
  });

  const at = (path: string, rest?: Parameters<typeof ask>[1]): Promise<Answer> =>
    ask(`${app.url}/auth/v1${path}`, rest);
  const signUp = async (): Promise<{ email: string; access_token: string; refresh_token: string }> => {
    const email = newAddress();
    const answer = await at('/signup', { body: { email, password } });
    expect(answer.status).toBe(200);
    return { email, ...answer.body };
  };
  const refresh = (refresh_token: string): Promise<Answer> =>
    at('/token?grant_type=refresh_token', { body: { refresh_token } });
  const signIn = (email: string): Promise<Answer> =>
    at('/token?grant_type=password', { body: { email, password } });

  let ann: Awaited<ReturnType<typeof signUp>>;
  beforeEach(async () => {
    ann = await signUp();
  });
  const pool = (): Pool => (source.driver as unknown as { master: Pool }).master;
  const settled = async (): Promise<void> => {
    for (let turn = 0; pool().totalCount !== pool().idleCount && turn < 100; turn += 1) await after(20);
  };
  /** Every connection is back, and no request waits for one. */
  afterEach(async () => {
    await settled();
    expect([pool().totalCount - pool().idleCount, pool().waitingCount]).toEqual([0, 0]);
    await expectWholeRows(server);
  });

  /** What needs the database, and all of it about Ann. */
  const questions = {
    'sign-up': () => at('/signup', { body: { email: newAddress(), password } }),
    'sign-in': () => signIn(ann.email),
    refresh: () => refresh(ann.refresh_token),
    'GET /user': () => at('/user', { bearer: ann.access_token }),
    'PUT /user': () => at('/user', { method: 'PUT', body: { data: { a: 1 } }, bearer: ann.access_token }),
    'sign-out': () => at('/logout', { method: 'POST', bearer: ann.access_token }),
    'a guarded page, for a token not seen before': () => ask(`${app.url}/mine`, { bearer: ann.access_token }),
    'a page that asks for a live session': () => ask(`${app.url}/live`, { bearer: ann.access_token }),
    'a page for anybody, asked with a token': () => ask(`${app.url}/optional`, { bearer: ann.access_token }),
  } as const;
  const names = Object.keys(questions) as (keyof typeof questions)[];

  const expectAway = ({ status, headers, body }: Answer): void => {
    expect([status, headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[1-9]/)]);
    expect(JSON.stringify(body)).toContain('database_unavailable');
    expect(JSON.stringify(body)).not.toMatch(/postgres|ECONN|127\.0\.0\.1|timeout/i);
  };
  const expectAllAway = async (): Promise<void> => {
    const answers = await Promise.all(names.map((name) => questions[name]()));
    answers.forEach(expectAway);
  };
  const expectBack = async (): Promise<void> => {
    expect((await refresh(ann.refresh_token)).status).toBe(200);
    expect((await signIn(ann.email)).status).toBe(200);
  };

  it.each(names)(
    'S-02: is stopped answers %s with 503 and Retry-After, and well when it is back',
    async (name) => {
      await proxy.goAway();
      const away = await questions[name]();
      await proxy.comeBack();
      expectAway(away);
      expect((await questions[name]()).status).toBeLessThan(300);
    },
  );

  it('S-02: is stopped goes on letting in whom it let in within the last minute', async () => {
    expect((await ask(`${app.url}/mine`, { bearer: ann.access_token })).status).toBe(200);
    await proxy.goAway();
    const mine = await ask(`${app.url}/mine`, { bearer: ann.access_token });
    const live = await ask(`${app.url}/live`, { bearer: ann.access_token });
    const open = await ask(`${app.url}/open`);
    await proxy.comeBack();
    expect([mine.status, live.status, open.status]).toEqual([200, 503, 200]);
  });

  it('S-02: breaks off at any moment answers 200 or 503, and nobody loses a session', async () => {
    for (let moment = 0; moment < 20; moment += 1) {
      const asked = [refresh(ann.refresh_token), ...['', '', ''].map(() => questions['sign-up']())];
      await after(moment / 2);
      proxy.cut();
      const [refreshed, ...signedUp] = await Promise.all(asked);
      for (const answer of [refreshed as Answer, ...signedUp]) expect([200, 503]).toContain(answer.status);
      const again = await refresh((refreshed as Answer).body.refresh_token ?? ann.refresh_token);
      expect(again.status).toBe(200);
      ann = { ...ann, ...again.body };
    }
  });

  it('S-02: is restarted is found again by itself, also by requests in a transaction', async () => {
    const [{ name }] = await server.query('SELECT current_database() AS name');
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = $1 AND pid <> pg_backend_pid() AND application_name = 'nest-guardian'`;
    const waiting = [1, 2, 3].map(() => refresh(ann.refresh_token));
    await server.query(end, [name]).catch(() => undefined);
    for (const { status } of await Promise.all(waiting)) expect([200, 503]).toContain(status);
    await expectBack();
  });

  it('S-03: falls silent answers 503 in time, and no silent connection is asked again', async () => {
    proxy.fallSilent();
    await expectAllAway();
    await settled();
    expect(pool().totalCount).toBe(0);
    proxy.speakAgain();
    await expectBack();
  });

  it('S-03: has a table locked gives up in time, and people known by now are let in meanwhile', async () => {
    await ask(`${app.url}/mine`, { bearer: ann.access_token });
    const runner = server.createQueryRunner();
    await runner.startTransaction();
    await runner.query('LOCK TABLE auth.users, auth.sessions IN ACCESS EXCLUSIVE MODE');
    try {
      const waiting = [refresh(ann.refresh_token), signIn(ann.email), questions['sign-up']()];
      expect((await ask(`${app.url}/mine`, { bearer: ann.access_token })).status).toBe(200);
      (await Promise.all(waiting)).forEach(expectAway);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
    await expectBack();
  });

  it('S-03: has no connection to spare turns the rest away in time', async () => {
    const runners = [1, 2, 3, 4].map(() => source.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.connect()));
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(ann.refresh_token)));
    await Promise.all(runners.map((runner) => runner.release()));
    answers.forEach(expectAway);
    await expectBack();
  });

  it('S-35: is asked by clients who leave at any moment keeps its connections and whole rows', async () => {
    for (let moment = 0; moment < 30; moment += 1) {
      const leaving = AbortSignal.timeout(Math.floor(moment / 2));
      const body = JSON.stringify({ email: newAddress(), password });
      const question = { method: 'POST', headers: { 'content-type': 'application/json' }, signal: leaving };
      await fetch(`${app.url}/auth/v1/signup`, { ...question, body }).catch(() => undefined);
      const token = JSON.stringify({ refresh_token: ann.refresh_token });
      const url = `${app.url}/auth/v1/token?grant_type=refresh_token`;
      await fetch(url, { ...question, body: token }).catch(() => undefined);
    }
    const again = await refresh(ann.refresh_token);
    expect(again.status).toBe(200);
    expect((await refresh(again.body.refresh_token)).status).toBe(200);
  });
});

onPostgres('a start without its database', () => {
  const place = { tokens: { secret }, migrations: 'run' } as const;
  let proxy: DatabaseProxy;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const made = await createPostgresDatabase();
    drop = made.drop;
    proxy = await DatabaseProxy.before(made.url);
  });
  afterAll(async () => {
    await proxy.goAway();
    await drop();
  });

  it('S-01: fails at once when nobody listens there, and succeeds when somebody does', async () => {
    await proxy.goAway();
    const start = () => startGuarded(local({ ...place, database: proxy.url() }));
    await expect(start()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.comeBack();
    const app = await start();
    expect((await ask(`${app.url}/auth/v1/health`)).status).toBe(200);
    await app.close();
  });

  it('S-01: fails within seconds when nothing is answered there', async () => {
    proxy.fallSilent();
    const start = startGuarded(local({ ...place, database: proxy.url() }));
    await expect(start).rejects.toThrow(/timeout/);
    proxy.speakAgain();
  });
});
