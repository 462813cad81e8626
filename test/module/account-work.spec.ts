import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import {
  AccountWork,
  Auth,
  AuthModule,
  Clock,
  commonConditions,
  fail,
  PasswordHasher,
  type User,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import type { EntityManager } from 'typeorm';
import { denyButKeep } from '../../libs/nest-guardian/src/core/auth-error.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import { type Answer, ask, type Ask } from '../support/ask.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { onBothDatabases } from '../support/test-databases.js';
import { password, PlainHasher, secret } from '../reliability/guarded-app.js';

const heard: string[] = [];
let trouble: ((event: string) => unknown) | null = null;

@Injectable()
class Words {
  readonly greeting = 'welcome';
}

/** Has something injected, and injects what itself needs the module. */
@Injectable()
class NotesWork extends AccountWork {
  constructor(
    private readonly words: Words,
    readonly auth: Auth,
  ) {
    super();
  }

  override async userCreated(user: User, manager: EntityManager): Promise<void> {
    heard.push(`notes: created ${user.email ?? 'nobody'}`);
    await manager.query('INSERT INTO app_notes VALUES ($1, $2)', [user.id, this.words.greeting]);
    await this.#fail('created');
  }
  override async userUpdated(user: User, manager: EntityManager): Promise<void> {
    heard.push(`notes: updated ${JSON.stringify(user.userMetadata.name ?? user.email)}`);
    await manager.query('INSERT INTO app_notes VALUES ($1, $2)', [user.id, 'changed']);
    await this.#fail('updated');
  }

  async #fail(event: string): Promise<void> {
    const thrown = await trouble?.(event);
    if (thrown !== undefined) throw thrown;
  }
}

class CountingWork extends AccountWork {
  override userCreated = async (): Promise<void> => void heard.push('count: created');
  override userUpdated = async (): Promise<void> => void heard.push('count: updated');
}

@Module({ providers: [Words, NotesWork] })
class NotesModule {}

onBothDatabases('work of the application’s own on accounts', (open: () => Database) => {
  let running: RunningApp;
  let api: (path: string, question?: Ask) => Promise<Answer>;
  beforeAll(async () => {
    const { dataSource } = open();
    await dataSource.query(
      'CREATE TABLE app_notes (user_id uuid REFERENCES auth.users ON DELETE CASCADE, text text)',
    );
    const provider = local({
      database: dataSource,
      migrations: 'off',
      password: { autoconfirm: true },
      anonymous: { enabled: true },
      tokens: { secret },
    });
    const auth = AuthModule.forRoot({ provider, accountWork: [NotesWork, CountingWork] });
    @Module({ imports: [auth, NotesModule] })
    class App {}
    running = await startApp(App, 'express', (builder) =>
      builder
        .overrideProvider(PasswordHasher)
        .useValue(new PlainHasher())
        .overrideProvider(Clock)
        .useValue(new MovableClock()),
    );
    api = (path, question) => ask(`${running.url}/auth/v1${path}`, question);
  });
  afterAll(() => running.close());
  beforeEach(() => {
    heard.length = 0;
    trouble = null;
  });

  const query = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    open().dataSource.query(sql, values);
  const notesOf = async (id: string): Promise<unknown[]> =>
    (await query('SELECT text FROM app_notes WHERE user_id = $1', [id])).map(({ text }) => text);
  const accountsOf = (email: string) => query('SELECT id FROM auth.users WHERE email = $1', [email]);
  const newAddress = () => `${randomUUID()}@example.com`;
  const signUp = async (email = newAddress()) => {
    const { body } = await api('/signup', { body: { email, password } });
    heard.length = 0;
    return { email, id: body.user.id as string, bearer: body.access_token as string };
  };

  it('is done once for somebody new, class after class, with rows in the same transaction', async () => {
    const email = newAddress();
    const { body } = await api('/signup', { body: { email, password } });
    expect(heard).toEqual([`notes: created ${email}`, 'count: created']);
    expect(await notesOf(body.user.id)).toEqual(['welcome']);
  });

  it('is done for somebody who changes, with what they are then', async () => {
    const { id, bearer } = await signUp();
    await api('/user', { method: 'PUT', bearer, body: { data: { name: 'Ann' } } });
    expect(heard).toEqual(['notes: updated "Ann"', 'count: updated']);
    expect(await notesOf(id)).toEqual(['welcome', 'changed']);
  });

  it('is not done for reads, sign-ins, refreshes, sign-outs and refusals', async () => {
    const { email, bearer } = await signUp();
    const { body } = await api('/token?grant_type=password', { body: { email, password } });
    await api('/token?grant_type=refresh_token', { body: { refresh_token: body.refresh_token } });
    await api('/user', { bearer });
    await api('/settings');
    await api('/token?grant_type=password', { body: { email, password: 'another one 9' } });
    await api('/signup', { body: { email, password } });
    await api('/logout', { method: 'POST', bearer });
    expect(heard).toEqual([]);
  });

  describe('where it throws', () => {
    const nothingStays = async (email: string): Promise<void> => {
      expect(await accountsOf(email)).toEqual([]);
      expect(heard).not.toContain('count: created');
      expect(
        await query("SELECT 1 FROM auth.audit_log_entries WHERE payload->>'actor_username' = $1", [email]),
      ).toEqual([]);
    };

    it('nothing has happened, and the answer is 500 with an id', async () => {
      const email = newAddress();
      trouble = () => new Error('the disk of secrets is full');
      const answer = await api('/signup', { body: { email, password } });
      expect(answer.status).toBe(500);
      expect(answer.body).toMatchObject({ error_code: 'unexpected_failure', error_id: expect.any(String) });
      expect(JSON.stringify(answer.body)).not.toContain('disk');
      expect(running.errors.join()).toContain('the disk of secrets is full');
      await nothingStays(email);
    });

    it('a failure of the application’s own is the answer', async () => {
      const email = newAddress();
      trouble = () => fail('conflict', 'The notes are full');
      const answer = await api('/signup', { body: { email, password } });
      expect(answer).toMatchObject({
        status: 409,
        body: { error_code: 'conflict', msg: 'The notes are full' },
      });
      await nothingStays(email);
    });

    it('so is a refusal, of which nothing stays even where it says so', async () => {
      const email = newAddress();
      trouble = () => refusal(() => denyButKeep(commonConditions.insufficientRole));
      const answer = await api('/signup', { body: { email, password } });
      expect(answer).toMatchObject({ status: 403, body: { error_code: 'insufficient_role' } });
      await nothingStays(email);
    });

    it('a change comes to nothing, too', async () => {
      const { id, bearer } = await signUp();
      trouble = () => new Error('no');
      const answer = await api('/user', { method: 'PUT', bearer, body: { data: { name: 'Ann' } } });
      expect(answer.status).toBe(500);
      expect(await notesOf(id)).toEqual(['welcome']);
      const { body } = await api('/user', { bearer });
      expect(body.user_metadata).not.toHaveProperty('name');
    });

    it('nothing stays of work that never ends, what comes late of it is no harm, and others go on', async () => {
      const email = newAddress();
      let goOn: (value: undefined) => void = () => undefined;
      trouble = () => new Promise<undefined>((resolve) => (goOn = resolve));
      const until = performance.now() + 300;
      const answer = running.app.get(Auth).signUp({ email, password }, { until });
      await expect(answer).rejects.toMatchObject({ status: 504, code: 'request_timeout' });
      goOn(undefined);
      trouble = null;
      expect(await accountsOf(email)).toEqual([]);
      expect((await signUp()).bearer).toEqual(expect.any(String));
      expect(await query('SELECT 1 FROM pg_locks WHERE NOT granted')).toEqual([]);
    });

    it('what is undone within a transaction inside takes nothing else along', async () => {
      const email = newAddress();
      const plain = NotesWork.prototype.userCreated;
      NotesWork.prototype.userCreated = async ({ id }, manager) => {
        const insert = (inner: EntityManager, text: string) =>
          inner.query('INSERT INTO app_notes VALUES ($1, $2)', [id, text]);
        await manager.transaction((inner) => insert(inner, 'kept'));
        const undone = manager.transaction(async (inner) => {
          await insert(inner, 'undone');
          throw new Error('no');
        });
        await undone.catch(() => undefined);
      };
      const { body } = await api('/signup', { body: { email, password } });
      NotesWork.prototype.userCreated = plain;
      expect(await notesOf(body.user.id as string)).toEqual(['kept']);
    });

    it('nothing stays of a statement that failed and was caught', async () => {
      const email = newAddress();
      const broken = NotesWork.prototype.userCreated;
      NotesWork.prototype.userCreated = async (_, manager) => {
        await (manager as EntityManager).query('SELECT * FROM no_such_table').catch(() => undefined);
      };
      const answer = await api('/signup', { body: { email, password } });
      NotesWork.prototype.userCreated = broken;
      expect(answer.status).toBe(500);
      expect(await accountsOf(email)).toEqual([]);
    });
  });

  it('is done for what the application itself asks for', async () => {
    const email = newAddress();
    await running.app.get(Auth).signUp({ email, password });
    expect(heard[0]).toBe(`notes: created ${email}`);
  });
});

function refusal(refuse: () => never): unknown {
  try {
    return refuse();
  } catch (error) {
    return error;
  }
}
