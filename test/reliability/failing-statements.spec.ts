import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { isAuthError } from 'nest-guardian';
import { updateUser } from '../../libs/nest-guardian/src/features/user/user.contract.js';
import { signUp } from '../../libs/nest-guardian/src/features/password/password.contract.js';
import { signOut } from '../../libs/nest-guardian/src/features/session/session.contract.js';
import type { SessionBody } from '../../libs/nest-guardian/src/wire/session.js';
import { SessionBench } from '../support/session-bench.js';
import { onBothDatabases } from '../support/test-databases.js';
import { expectWholeRows } from './invariants.js';

const password = 'correct horse 9 battery';

/** What passes: asked again, the same may go well. Every failure has its turn in the laws below. */
const failures = [
  ['40001', 'a serialization failure'],
  ['40P01', 'a deadlock'],
  ['53100', 'a full disk'],
  ['55P03', 'a lock that is not to be had'],
  ['57014', 'a statement that took too long'],
] as const;
/** What each question writes, table by table. */
const writes = {
  'a sign-up': ['users', 'identities', 'sessions', 'mfa_amr_claims', 'audit_log_entries'],
  'a sign-in': ['users', 'sessions', 'mfa_amr_claims', 'audit_log_entries'],
  'a refresh': ['sessions', 'audit_log_entries'],
  'a refresh of version 1': ['sessions', 'refresh_tokens', 'audit_log_entries'],
  'a change of the person': ['users', 'audit_log_entries'],
  'a sign-out': ['sessions'],
} as const;
type Question = keyof typeof writes;
const cases = Object.entries(writes)
  .flatMap(([question, names]) => names.map((table) => [question as Question, table] as const))
  .map(([question, table], turn) => {
    const [state, failure] = failures[turn % failures.length] as (typeof failures)[number];
    return { question, table, state, failure };
  });
const tables = [...new Set(Object.values(writes).flat())];

onBothDatabases('a statement that fails in the middle', (open) => {
  let bench: SessionBench;
  let v1: SessionBench;
  let ann: SessionBody;
  let old: SessionBody;

  beforeAll(async () => {
    bench = await SessionBench.open(open(), {});
    v1 = await SessionBench.open(open(), { session: { refreshTokenVersion: 1 } });
    await bench.query(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql
      AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = TG_ARGV[0]; END $$`);
  });
  beforeEach(async () => {
    [ann, old] = [await bench.signUp(), await v1.signUp()];
  });
  afterEach(() => expectWholeRows(open().dataSource));

  const questions: Readonly<Record<Question, () => Promise<unknown>>> = {
    'a sign-up': () => bench.signUp(),
    'a sign-in': () => bench.signIn(ann),
    'a refresh': () => bench.refresh(ann.refresh_token),
    'a refresh of version 1': () => v1.refresh(old.refresh_token),
    'a change of the person': () =>
      bench.ask(updateUser, { data: { a: 1 } }, { ...bench.caller, bearer: ann.access_token }),
    'a sign-out': () => bench.ask(signOut, {}, { ...bench.caller, bearer: ann.access_token }),
  };

  const failing = async (table: string, state: string, when: () => Promise<void>): Promise<void> => {
    // By then, what the same statement writes elsewhere is written.
    await bench.query(`CREATE TRIGGER fail AFTER INSERT OR UPDATE OR DELETE ON auth.${table}
      FOR EACH ROW EXECUTE FUNCTION public.fail('${state}')`);
    try {
      await when();
    } finally {
      await bench.query(`DROP TRIGGER fail ON auth.${table}`);
    }
  };
  /** Every row there is, in any order. */
  const everything = async (): Promise<unknown> =>
    Promise.all(
      tables.map((table) =>
        bench.query(`SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM auth.${table} t`),
      ),
    );
  const refusalOf = async (question: Promise<unknown>): Promise<string> => {
    const error = await question.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return isAuthError(error) ? `${error.status} ${error.code}` : `${error}`;
  };

  it.each(cases)(
    'S-04: makes $question 503 where $failure hits $table, leaves no trace, and goes well later',
    async ({ question, table, state }) => {
      const before = await everything();
      await failing(table, state, async () => {
        expect(await refusalOf(questions[question]())).toBe('503 database_unavailable');
      });
      expect(await everything()).toEqual(before);
      await questions[question]();
      expect(await everything()).not.toEqual(before);
    },
  );

  it('S-04: a hundred sign-ups with one address make one person, and the others hear the same', async () => {
    const name = crypto.randomUUID();
    const spellings = [`${name}@example.com`, `${name.toUpperCase()}@example.com`, `${name}@EXAMPLE.com`];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, turn) =>
        refusalOf(bench.ask(signUp, { email: spellings[turn % 3], password })),
      ),
    );
    expect(answers.toSorted()).toEqual([...Array<string>(99).fill('422 user_already_exists'), 'null']);
    const rows = await bench.query('SELECT id FROM auth.users WHERE lower(email) = $1', [
      `${name}@example.com`,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('a request that is late leaves no trace', async () => {
    const before = await everything();
    const late = { ...bench.caller, until: performance.now() - 1 };
    const email = `${crypto.randomUUID()}@example.com`;
    expect(await refusalOf(bench.ask(signUp, { email, password }, late))).toBe('504 request_timeout');
    expect(await everything()).toEqual(before);
  });
});
