import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { parseRefreshToken } from '../../libs/nest-guardian/src/tokens/refresh-token.js';
import { Command, type Served } from '../support/command.js';
import { type Answer, ask } from '../support/ask.js';
import { createPostgresDatabase, onPostgres } from '../support/test-databases.js';
import { DatabaseProxy } from './database-proxy.js';
import { expectWholeRows } from './invariants.js';

const password = 'correct horse 9 battery';
const minutes = 60_000;

interface Person {
  readonly email: string;
  refresh_token: string;
}

onPostgres('a server', () => {
  let command: Command;
  let database: DataSource;
  let proxy: DatabaseProxy;
  let drop: () => Promise<void>;
  let served: Served;

  beforeAll(async () => {
    const made = await createPostgresDatabase();
    drop = made.drop;
    database = await new DataSource({ type: 'postgres', url: made.url }).initialize();
    command = await Command.install();
    proxy = await DatabaseProxy.before(made.url);
  }, 5 * minutes);
  afterAll(async () => {
    await served?.stop();
    await command.remove();
    await proxy.goAway();
    await database.destroy();
    await drop();
  });

  /** The answer, or null when there is nobody to give it. */
  const at = (path: string, body: object): Promise<Answer | null> =>
    ask(`${served.url}/auth/v1${path}`, { body }).catch(() => null);
  const signUp = (email: string) => at('/signup', { email, password });
  const signIn = (email: string) => at('/token?grant_type=password', { email, password });
  const refresh = ({ refresh_token }: Person) => at('/token?grant_type=refresh_token', { refresh_token });
  const newAddress = (): string => `${crypto.randomUUID()}@example.com`;

  const start = async (): Promise<void> => {
    served = await command.serve({
      DATABASE_URL: proxy.url(),
      GOTRUE_JWT_SECRET: 'a secret of more than thirty-two bytes, for the specs',
      GOTRUE_MAILER_AUTOCONFIRM: 'true',
    });
  };
  const kill = async (): Promise<void> => {
    served.signal('SIGKILL');
    await served.ended;
  };
  const newPerson = async (): Promise<Person> => {
    const email = newAddress();
    const answer = await signUp(email);
    expect(answer?.status).toBe(200);
    return { email, refresh_token: answer?.body.refresh_token };
  };
  const counterOf = ({ refresh_token }: Person): number => {
    const token = parseRefreshToken(refresh_token);
    if (token?.kind !== 'v2') throw new Error(`${refresh_token} is not of version 2`);
    return token.counter;
  };
  const countersOf = async ({ email }: Person): Promise<number[]> => {
    const rows: { counter: number }[] = await database.query(
      `SELECT s.refresh_token_counter::int AS counter FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
       WHERE u.email = $1 ORDER BY s.created_at`,
      [email],
    );
    return rows.map(({ counter }) => counter);
  };
  /** The token that was shown before the end gives the newest, of which there is one. */
  const goesOn = async (person: Person): Promise<void> => {
    const answer = await refresh(person);
    expect(answer?.status).toBe(200);
    person.refresh_token = answer?.body.refresh_token;
    expect((await countersOf(person))[0]).toBe(counterOf(person));
  };

  it('S-06: that is killed between the commit of a refresh and its answer costs nobody the session', async () => {
    await start();
    const ann = await newPerson();
    const [before] = await countersOf(ann);
    const isCommitted = proxy.keepAnswerToCommit();
    const unanswered = refresh(ann);
    await isCommitted;
    while ((await countersOf(ann))[0] === before) await after(5);
    await kill();
    expect(await unanswered).toBeNull();
    await start();
    await goesOn(ann);
    expect(counterOf(ann)).toBe((before as number) + 1);
    await kill();
  }, 60_000);

  it('S-06: that is killed before the commit of a refresh has spent nothing', async () => {
    await start();
    const ann = await newPerson();
    const [before] = await countersOf(ann);
    const runner = database.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT id FROM auth.sessions FOR UPDATE');
    const unanswered = refresh(ann);
    const isWaiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;
    while ((await database.query(isWaiting)).length === 0) await after(5);
    await kill();
    await runner.rollbackTransaction();
    await runner.release();
    expect(await unanswered).toBeNull();
    await start();
    expect(await countersOf(ann)).toEqual([before]);
    await goesOn(ann);
    await kill();
  }, 60_000);

  it('S-05: that is killed between the commit of a sign-up and its answer has made the account', async () => {
    await start();
    const email = newAddress();
    const isCommitted = proxy.keepAnswerToCommit();
    const unanswered = signUp(email);
    await isCommitted;
    const isThere = 'SELECT id FROM auth.users WHERE email = $1';
    while ((await database.query(isThere, [email])).length === 0) await after(5);
    await kill();
    expect(await unanswered).toBeNull();
    await start();
    expect((await signUp(email))?.body.error_code).toBe('user_already_exists');
    expect((await signIn(email))?.status).toBe(200);
    await kill();
  }, 60_000);

  it('S-05, S-06: that is killed at any moment leaves whole rows, and everybody goes on', async () => {
    await start();
    const people = await Promise.all([1, 2, 3, 4].map(newPerson));
    for (let round = 0; round < 6; round += 1) {
      const addresses = Array.from({ length: 6 }, newAddress);
      const asked = [...people.map(refresh), ...addresses.map(signUp)];
      await after(round * 12);
      await kill();
      await Promise.all(asked);
      await expectWholeRows(database);
      await start();
      for (const person of people) await goesOn(person);
      for (const email of addresses) {
        expect([200, 422]).toContain((await signUp(email))?.status);
        expect((await signIn(email))?.status).toBe(200);
      }
    }
    const open = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL
      AND pid <> pg_backend_pid()`;
    expect(await database.query(open)).toEqual([]);
  }, 120_000);
});
