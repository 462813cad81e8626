import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask } from '../support/ask.js';
import { Command, type Environment } from '../support/command.js';
import { createPostgresDatabase } from '../support/test-databases.js';

const password = 'a quiet harbour 7';

describe('nest-guardian users', () => {
  let command: Command;
  let embedded: Environment;
  let env: Environment;
  let drop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    command = await Command.install();
    embedded = { GUARDIAN_DATA: join(command.folder, 'accounts') };
    // A process that has to bring up a database of its own takes three times as long.
    const server = process.env.TEST_POSTGRES_URL ? await createPostgresDatabase() : undefined;
    drop = server?.drop;
    env = server ? { DATABASE_URL: server.url } : embedded;
  }, 60_000);
  afterAll(async () => {
    await command.remove();
    await drop?.();
  });

  const newAddress = (): string => `${randomUUID()}@example.com`;
  const users = (...args: readonly string[]) => command.run(['users', ...args], env);
  const answerOf = async (...args: readonly string[]) => {
    const { code, out, err } = await users(...args, '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return JSON.parse(out);
  };
  const create = async (args: readonly string[], on = env) => {
    const { code, out, err } = await command.run(['users', 'create', '--json', ...args], on, `${password}\n`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return JSON.parse(out);
  };

  it('create takes the password from standard input, and whoever is made signs in with it', async () => {
    const email = newAddress();
    const made = await create(['--email', email, '--role', 'editor', '--confirm'], embedded);
    expect(made).toMatchObject({ email, role: 'editor' });
    const server = await command.serve(embedded);
    try {
      const url = `${server.url}/auth/v1/token?grant_type=password`;
      expect((await ask(url, { body: { email, password } })).status).toBe(200);
      // The embedded database has one process at a time.
      const meanwhile = await command.run(['users', 'list'], embedded);
      expect(meanwhile.code).toBe(1);
      expect(meanwhile.err.trim().split('\n')).toHaveLength(1);
    } finally {
      await server.stop();
    }
  }, 60_000);

  it('never takes a password from the command line, nor an account without one unasked', async () => {
    const told = await users('create', '--email', newAddress(), '--password', password);
    expect(told).toMatchObject({ code: 1, out: '' });
    expect(await users('create', '--email', newAddress())).toMatchObject({ code: 1, out: '' });
    const without = await answerOf('create', '--email', newAddress(), '--no-password');
    expect(without).toHaveProperty('id');
  }, 60_000);

  it('list shows a line for each, or JSON, of a page, an address or a status', async () => {
    const email = newAddress();
    const { id } = await create(['--email', email]);
    const { code, out } = await users('list', '--email', email);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(`${id}  ${email}  `) });
    expect(out).toContain('unconfirmed');
    expect(out).toMatch(/\n1 of 1\n$/);
    expect(await answerOf('list', '--per-page', '1')).toHaveLength(1);
    const { err } = await users('list', '--page', 'x');
    expect(err).toMatch(/^Bad Pagination Parameters: /);
    expect((await users('list', '--status', 'asleep')).err).toMatch(/^status must be one of confirmed, /);
  }, 60_000);

  it('ban, unban and delete take an id or an address', async () => {
    const email = newAddress();
    const { id } = await create(['--email', email, '--confirm']);
    const banned = await answerOf('ban', email.toUpperCase(), '--for', '24h');
    expect(Date.parse(banned.banned_until) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    expect((await answerOf('list', '--status', 'banned')).map((user: { id: string }) => user.id)).toEqual([
      id,
    ]);
    expect(await answerOf('unban', id)).not.toHaveProperty('banned_until');
    expect((await users('delete', email, '--soft')).out).toBe(`${id} is deleted, the row stays.\n`);
    expect((await users('delete', email)).err).toBe(`Nobody has the address ${email}\n`);
    expect((await users('delete', id)).out).toBe(`${id} is deleted.\n`);
    expect((await users('delete', id)).err).toBe('User not found\n');
    expect((await users('ban', id)).code).toBe(1);
    for (const args of [['ban'], ['ban', 'a', 'b'], ['list', 'a'], []]) {
      expect((await users(...args)).err).toMatch(/^Usage: nest-guardian/);
    }
  }, 90_000);
});
