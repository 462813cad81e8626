import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock, gotrue, PasswordHasher, Persistence } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { type Database, openDatabase } from '../../libs/nest-guardian/src/persistence/database.js';
import { json, person } from '../support/fake-gotrue.js';
import { GoTrueBench, jwk } from '../support/gotrue-bench.js';
import { type Answer, ask } from '../support/ask.js';
import { adapters, type RunningApp } from '../support/start-app.js';
import { password, PlainHasher, secret, startGuarded } from './guarded-app.js';

/** What may be thrown; not all of it is an error. */
const thrown = [
  ['an Error', new Error('broken')],
  ['a text', 'broken'],
  ['nothing', undefined],
] as const;

/** Breaks what it stands before: every call, or the one with this number. */
class Breaker {
  at: number | 'every' | null = null;
  what: unknown;
  calls = 0;
  broke = false;

  pass(): void {
    this.calls += 1;
    if (this.at !== 'every' && this.at !== this.calls) return;
    this.broke = true;
    throw this.what;
  }
  reset(at: Breaker['at'] = null, what?: unknown): void {
    Object.assign(this, { at, what, calls: 0, broke: false });
  }
  /** The same object, each of whose calls passes here first; undoing may not fail, as its port says. */
  before<T extends object>(object: T): T {
    return new Proxy(object, {
      get: (target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value === 'function') {
          return (...values: unknown[]): unknown => {
            if (name !== 'rollback') this.pass();
            const result: unknown = value.apply(target, values);
            return name === 'begin' ? this.before(result as object) : result;
          };
        }
        return typeof value === 'object' && value !== null ? this.before(value) : value;
      },
    });
  }
}

/** Neither let in nor told who anybody is. */
function expectClosed(answer: Answer, name: string): void {
  const isClosed = [500, 502, 503, 504].includes(answer.status);
  expect(`${name}: ${answer.status}, ${isClosed}`).toBe(`${name}: ${answer.status}, true`);
  expect(JSON.stringify(answer.body)).not.toMatch(/example\.com|nobody|access_token|broken/);
}

describe.each(adapters)('G9: nobody is let in by the local provider on %s', (adapter) => {
  const clock = new Breaker();
  const hasher = new Breaker();
  const persistence = new Breaker();
  let database: Database;
  let app: RunningApp;
  let bearer: string;
  let refresh_token: string;
  const email = 'ann@example.com';

  beforeAll(async () => {
    database = await openDatabase(':memory:', 'run');
    const ports = [
      [Clock, clock.before({ now: () => new Date() })],
      [PasswordHasher, hasher.before(new PlainHasher())],
      [Persistence, persistence.before(database.persistence)],
    ] as const;
    const provider = local({ tokens: { secret }, password: { autoconfirm: true } });
    app = await startGuarded(
      provider,
      (builder) =>
        ports.reduce((changed, [port, value]) => changed.overrideProvider(port).useValue(value), builder),
      adapter,
    );
    await at('/signup', { body: { email, password } });
  });
  afterAll(() => {
    mend();
    return app.close();
  });
  const mend = (): void => {
    for (const breaker of [clock, hasher, persistence]) breaker.reset();
  };
  const signInAnew = async (): Promise<void> => {
    mend();
    const { body } = await at('/token?grant_type=password', { body: { email, password } });
    ({ access_token: bearer, refresh_token } = body);
  };
  beforeEach(signInAnew);

  const at = (path: string, rest: Parameters<typeof ask>[1]): Promise<Answer> =>
    ask(`${app.url}/auth/v1${path}`, rest);
  const page = (path: string): Promise<Answer> => ask(app.url + path, { bearer });
  const questions = {
    'GET /mine': () => page('/mine'),
    'GET /live': () => page('/live'),
    'GET /optional': () => page('/optional'),
    'GET /user': () => at('/user', { bearer }),
    'PUT /user': () => at('/user', { method: 'PUT', bearer, body: { data: { a: `${Math.random()}` } } }),
    'POST /logout': () => at('/logout', { method: 'POST', bearer }),
    'a sign-in': () => at('/token?grant_type=password', { body: { email, password } }),
    'a refresh': () => at('/token?grant_type=refresh_token', { body: { refresh_token } }),
    'a sign-up': () => at('/signup', { body: { email: `${crypto.randomUUID()}@example.com`, password } }),
  } as const;
  const all = Object.entries(questions);

  it.each(thrown)('when the clock throws %s', async (_, what) => {
    for (const [name, question] of all) {
      clock.reset('every', what);
      expectClosed(await question(), name);
    }
  });

  it.each(thrown)('when the hasher throws %s', async (_, what) => {
    hasher.reset('every', what);
    expectClosed(await questions['a sign-in'](), 'a sign-in');
    expectClosed(await questions['a sign-up'](), 'a sign-up');
    const body = { password: `${password} anew` };
    expectClosed(await at('/user', { method: 'PUT', bearer, body }), 'a new password');
  });

  /** Asks with each call of the database broken in turn. Returns how many there were. */
  const breakEachCall = async (
    name: string,
    question: () => Promise<Answer>,
    what: unknown,
  ): Promise<number> => {
    for (let call = 1; ; call += 1) {
      persistence.reset(call, what);
      const answer = await question();
      if (!persistence.broke) return call - 1;
      expectClosed(answer, `${name}, call ${call}`);
    }
  };
  it.each(thrown)('when any one call of the database throws %s', async (_, what) => {
    for (const [name, question] of all) {
      const calls = await breakEachCall(name, question, what);
      // The law would say nothing of a question that never came to the database.
      if (calls === 0) throw new Error(`${name} did not ask the database`);
      // What went well at last may have ended the session, or be remembered.
      await signInAnew();
    }
  });
});

describe('G9: nobody is let in by a GoTrue server that', () => {
  const bench = new GoTrueBench();
  const reply =
    (status: number, type: string, text: string) =>
    (response: ServerResponse): void =>
      void response.writeHead(status, { 'content-type': type }).end(text);
  const failures: Readonly<Record<string, (response: ServerResponse) => void>> = {
    'hangs up': (response) => void response.socket?.destroy(),
    'never answers': () => undefined,
    'has an inner error': (response) => json(response, 500, { code: 500, msg: 'no' }),
    'is behind a broken gateway': reply(502, 'text/html', '<html>Bad gateway</html>'),
    'is under maintenance': reply(503, 'text/plain', 'later'),
    'answers a page in HTML': reply(200, 'text/html', '<html>Welcome</html>'),
    'answers nothing': reply(200, 'application/json', ''),
    'breaks off in JSON': reply(200, 'application/json', '{"id":"'),
    'answers null': reply(200, 'application/json', 'null'),
    'answers a list': reply(200, 'application/json', '[]'),
    'answers an empty object': reply(200, 'application/json', '{}'),
  };

  const cases = Object.keys(failures).flatMap((name) => [
    { name, verification: 'keys' as const },
    { name, verification: 'remote' as const },
  ]);
  it.each(cases)('$name, when tokens are verified by $verification', async ({ name, verification }) => {
    bench.fake.reply = failures[name] as (response: ServerResponse) => void;
    const provider = gotrue({ url: bench.fake.url, timeout: '300ms', retries: 0, verification });
    const app = await startGuarded(provider, (builder) =>
      builder.overrideProvider(Clock).useValue(bench.clock),
    );
    const bearer = bench.es256();
    try {
      for (const path of ['/mine', '/live', '/optional', '/auth/v1/user']) {
        const answer = await ask(app.url + path, { bearer });
        expectClosed(answer, path);
        expect(answer.headers.get('retry-after')).not.toBeNull();
      }
      bench.keys = [jwk];
      bench.comeBack();
      bench.clock.move(60);
      expect((await ask(`${app.url}/mine`, { bearer })).body).toEqual({ id: person.id });
    } finally {
      await app.close();
    }
  });
});
