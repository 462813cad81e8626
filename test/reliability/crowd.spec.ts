import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { local } from 'nest-guardian/local';
import { DataSource } from 'typeorm';
import { type Answer, ask } from '../support/ask.js';
import { type RunningApp } from '../support/start-app.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';
import { password, secret, startGuarded } from './guarded-app.js';
import { expectWholeRows } from './invariants.js';

onPostgres('two servers with one database', () => {
  let database: DataSource;
  let apps: RunningApp[];
  let hashing: RunningApp;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await createPostgresDatabase();
    drop = made.drop;
    database = await new DataSource({ type: 'postgres', url: made.url }).initialize();
    const provider = () => local({ database: made.url, tokens: { secret }, password: { autoconfirm: true } });
    apps = [await startGuarded(provider()), await startGuarded(provider())];
    hashing = await startGuarded(provider(), (builder) => builder);
  });
  afterAll(async () => {
    await expectWholeRows(database);
    for (const app of [...apps, hashing]) await app.close();
    await database.destroy();
    await drop();
  });

  /** Every second question goes to the other server. */
  let turn = 0;
  const at = (path: string, rest: Parameters<typeof ask>[1], app = apps[(turn += 1) % 2]): Promise<Answer> =>
    ask(`${app?.url}/auth/v1${path}`, rest);
  const signUp = async (app?: RunningApp): Promise<Answer['body']> => {
    const email = `${crypto.randomUUID()}@example.com`;
    const { status, body } = await at('/signup', { body: { email, password } }, app);
    expect(status).toBe(200);
    return body;
  };
  const refresh = (refresh_token: string): Promise<Answer> =>
    at('/token?grant_type=refresh_token', { body: { refresh_token } });

  /** All but those who were asked to come back later, which a slow machine may have to. */
  const served = (answers: readonly Answer[]): readonly Answer[] => {
    const rest = answers.filter(({ status }) => status !== 503);
    expect(rest.map(({ status }) => status)).toEqual(rest.map(() => 200));
    return rest;
  };

  it('S-10: two hundred refreshes of one token turn it once, all hear the same, and others are served', async () => {
    const [ann, bea] = [await signUp(), await signUp()];
    const burst = Array.from({ length: 200 }, () => refresh(ann.refresh_token));
    const meanwhile = await at('/user', { bearer: bea.access_token });
    const answers = await Promise.all(burst);
    expect(meanwhile.status).toBe(200);
    const heard = new Set(served(answers).map(({ body }) => body.refresh_token));
    expect(heard.size).toBe(1);
    const rows = await database.query(
      'SELECT refresh_token_counter::int AS turns FROM auth.sessions WHERE user_id = $1',
      [ann.user.id],
    );
    expect(rows).toEqual([{ turns: 1 }]);
  });

  it('S-11: two hundred people refresh at once, and each gets their own', async () => {
    const people: Answer['body'][] = [];
    while (people.length < 200) people.push(...(await Promise.all([1, 2, 3, 4].map(() => signUp()))));
    const answers = await Promise.all(people.map(({ refresh_token }) => refresh(refresh_token)));
    const isOwn = ({ status, body }: Answer, turned: number): boolean =>
      status === 503 || body.user.id === people[turned].user.id;
    expect(answers.every(isOwn)).toBe(true);
    expect(served(answers)).not.toEqual([]);
  });

  it('S-28: a page is shown while passwords are hashed, and waits for none of those in line', async () => {
    const { access_token: bearer, user } = await signUp(hashing);
    let hashed = 0;
    const body = { email: user.email, password };
    const signIns = Array.from({ length: 32 }, async () => {
      const { status } = await at('/token?grant_type=password', { body }, hashing);
      hashed += 1;
      return status;
    });
    expect((await ask(`${hashing.url}/mine`, { bearer })).status).toBe(200);
    expect(hashed).toBeLessThan(16);
    expect(new Set(await Promise.all(signIns))).toEqual(new Set([200]));
  });
});
