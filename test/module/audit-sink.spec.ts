import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type AuditLine, AuditSink, AuthModule, PasswordHasher } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import { ask } from '../support/ask.js';
import { password, PlainHasher, secret } from '../reliability/guarded-app.js';
import { type RunningApp, startApp } from '../support/start-app.js';
import { onBothDatabases } from '../support/test-databases.js';

const lines: AuditLine[] = [];
let trouble: (() => void | Promise<void>) | null = null;

class Shipped extends AuditSink {
  write(written: readonly AuditLine[]): void | Promise<void> {
    lines.push(...written);
    return trouble?.();
  }
}

onBothDatabases('an audit sink', (open: () => Database) => {
  const running: RunningApp[] = [];
  const start = async (write: boolean): Promise<RunningApp> => {
    const provider = local({
      database: open().dataSource,
      migrations: 'off',
      password: { autoconfirm: true },
      audit: { write },
      tokens: { secret },
    });
    const started = await startApp(
      AuthModule.forRoot({ provider, auditSink: Shipped }),
      'fastify',
      (builder) => builder.overrideProvider(PasswordHasher).useValue(new PlainHasher()),
    );
    running.push(started);
    return started;
  };
  let kept: RunningApp;
  let unkept: RunningApp;
  beforeAll(async () => {
    kept = await start(true);
    unkept = await start(false);
  });
  afterAll(async () => {
    for (const one of running) await one.close();
  });
  afterEach(() => {
    lines.length = 0;
    trouble = null;
  });

  /** Signs up, refreshes, changes a name and signs out. */
  const live = async ({ url }: RunningApp): Promise<{ readonly id: string; readonly email: string }> => {
    const email = `${randomUUID()}@example.com`;
    const api = `${url}/auth/v1`;
    const { body } = await ask(`${api}/signup`, { body: { email, password } });
    const refresh = { refresh_token: body.refresh_token };
    await ask(`${api}/token?grant_type=refresh_token`, { body: refresh });
    await ask(`${api}/user`, {
      method: 'PUT',
      bearer: body.access_token,
      body: { data: { full_name: 'Ann' } },
    });
    await ask(`${api}/logout`, { method: 'POST', bearer: body.access_token });
    return { id: body.user.id, email };
  };
  const rowsOf = (id: string): Promise<Record<string, unknown>[]> =>
    open().dataSource.query(
      `SELECT id, payload->>'action' AS action FROM auth.audit_log_entries WHERE payload->>'actor_id' = $1`,
      [id],
    );
  const byId = (a: { readonly id?: unknown }, b: { readonly id?: unknown }): number =>
    String(a.id) < String(b.id) ? -1 : 1;

  it('gets every line that the table gets, under the same id, also of refreshes', async () => {
    const { id, email } = await live(kept);
    const shipped = lines.map((line) => ({ id: line.id, action: line.action }));
    expect(shipped.toSorted(byId)).toEqual((await rowsOf(id)).toSorted(byId));
    expect(lines.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user_signedup', 'login', 'token_refreshed', 'user_modified', 'logout']),
    );
    expect(lines[0]).toMatchObject({ actorId: id, actorUsername: email, at: expect.any(Date), ip: null });
  });

  it('gets them where the table gets none', async () => {
    const { id } = await live(unkept);
    expect(await rowsOf(id)).toEqual([]);
    expect(lines.map(({ action }) => action)).toContain('token_refreshed');
  });

  it('hears nothing of what was undone', async () => {
    const { url } = kept;
    const { body } = await ask(`${url}/auth/v1/signup`, {
      body: { email: `${randomUUID()}@example.com`, password },
    });
    lines.length = 0;
    const forged = `${body.refresh_token.slice(0, -6)}AAAAAA`;
    const refused = await ask(`${url}/auth/v1/token?grant_type=refresh_token`, {
      body: { refresh_token: forged },
    });
    expect(refused.status).toBe(400);
    await ask(`${url}/auth/v1/logout`, { method: 'POST', bearer: body.access_token });
    expect(lines.map(({ action }) => action)).toEqual(['logout']);
  });

  it('fails nobody, and holds nobody up', async () => {
    trouble = () => new Promise(() => undefined);
    expect(await rowsOf((await live(kept)).id)).not.toEqual([]);
    trouble = () => {
      throw new Error('the archive is full');
    };
    expect(await rowsOf((await live(kept)).id)).not.toEqual([]);
    // The application that was started last has the log of all.
    expect(unkept.errors.join()).toContain('AuditSink has failed');
  });
});
