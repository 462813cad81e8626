import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Logger } from '@nestjs/common';
import { Announcements } from '../core/announcements.js';
import type { AuthProvider } from '../core/auth-provider.js';
import { systemCaller } from '../core/caller.js';
import type { Operation } from '../core/operation.js';
import { OptionsError } from '../core/option.js';
import { SystemClock } from '../core/ports/clock.js';
import { Persistence } from '../core/ports/persistence.js';
import {
  createUser as createOperation,
  deleteUser as deleteOperation,
  listUsers as listOperation,
  updateUserById,
} from '../features/admin-users/admin-users.contract.js';
import { databaseFromEnvironment, optionsFromEnvironment } from '../module/environment.js';
import { type Database, openDatabase } from '../persistence/database.js';
import type { UserBody } from '../wire/user.js';

/** What may be said on the command line. A password never is: others see what processes are called with. */
export interface UserFlags {
  readonly json?: boolean;
  readonly page?: string;
  readonly 'per-page'?: string;
  readonly filter?: string;
  readonly status?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly role?: string;
  readonly confirm?: boolean;
  readonly 'no-password'?: boolean;
  readonly soft?: boolean;
  readonly for?: string;
}

type Ask = <I, O>(operation: Operation<I, O>, input: I) => Promise<O>;

export const listUsers = (flags: UserFlags): Promise<void> =>
  asAdministrator(async (ask) => {
    const { page, 'per-page': per_page, filter, status, email } = flags;
    const { body, total } = await ask(listOperation, { page, per_page, filter, status, email });
    if (flags.json) return print(body.users);
    for (const user of body.users) console.log(lineOf(user));
    console.log(`${body.users.length} of ${total}`);
  });

export const createUser = (flags: UserFlags): Promise<void> =>
  asAdministrator(async (ask) => {
    const { email, phone, role, confirm = false } = flags;
    const password = flags['no-password'] ? undefined : await readPassword();
    const confirms = { email_confirm: confirm, phone_confirm: confirm };
    show(await ask(createOperation, { email, phone, role, password, ...confirms }), flags);
  });

export const deleteUser = (flags: UserFlags, who: string): Promise<void> =>
  asAdministrator(async (ask) => {
    const user_id = await idOf(who, ask);
    await ask(deleteOperation, { user_id, should_soft_delete: flags.soft ?? false });
    if (flags.json) print({ id: user_id });
    else console.log(`${user_id} is deleted${flags.soft ? ', the row stays' : ''}.`);
  });

/** For a hundred years, unless said otherwise. */
export const banUser = (flags: UserFlags, who: string): Promise<void> =>
  setBan(flags.for ?? '876000h', who, flags);

export const unbanUser = (flags: UserFlags, who: string): Promise<void> => setBan('none', who, flags);

const setBan = (ban_duration: string, who: string, flags: UserFlags): Promise<void> =>
  asAdministrator(async (ask) =>
    show(await ask(updateUserById, { user_id: await idOf(who, ask), ban_duration }), flags),
  );

/** Everything goes the way of every other request: the same checks, and the same lines in the audit trail. */
async function asAdministrator(work: (ask: Ask) => Promise<void>): Promise<void> {
  // What is printed is the answer, and nothing else.
  Logger.overrideLogger(['error', 'fatal']);
  const { provider: choice } = optionsFromEnvironment();
  if (choice.mistakes.length > 0) throw new OptionsError(choice.mistakes);
  const accounts = choice.name === 'local' ? await openAccounts() : null;
  const provider: AuthProvider & { close?(): Promise<void> } = await choice.create({
    clock: new SystemClock(),
    announcements: new Announcements(() => undefined),
    // With a Persistence that is given, nothing that waits to be sent is taken from the server whose it is.
    find: <T>(wanted: unknown) =>
      (wanted === Persistence ? accounts?.persistence : undefined) as T | undefined,
    log: () => undefined,
    listensAt: () => null,
    prefix: '',
  });
  try {
    await work((operation, input) => provider.execute(operation, input, systemCaller));
  } finally {
    await provider.close?.();
    await accounts?.close();
  }
}

function openAccounts(): Promise<Database> {
  const { database, migrations, encryption } = databaseFromEnvironment();
  return openDatabase(database, migrations, encryption);
}

/** The id itself, or that of whoever has the address. */
async function idOf(who: string, ask: Ask): Promise<string> {
  if (!who.includes('@')) return who;
  const { body } = await ask(listOperation, { email: who, filter: who.toLowerCase() });
  const [user] = body.users.filter(({ email }) => email === who.toLowerCase());
  if (user === undefined) throw new Error(`Nobody has the address ${who}`);
  return user.id;
}

/** From a terminal without showing it, else the first line of what is piped in. */
async function readPassword(): Promise<string> {
  const password = process.stdin.isTTY ? await askPassword() : (await text(process.stdin)).split(/\r?\n/)[0];
  if (password) return password;
  throw new TypeError('There is no password on standard input; give one there, or say --no-password');
}

async function askPassword(): Promise<string> {
  process.stderr.write('Password: ');
  const nowhere = new Writable({ write: (_, __, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

const print = (answer: unknown): void => console.log(JSON.stringify(answer, null, 2));

const show = (user: UserBody, { json }: UserFlags): void => (json ? print(user) : console.log(lineOf(user)));

function lineOf({ id, email, phone, role, created_at, ...user }: UserBody): string {
  return [id, email || phone || '(anonymous)', role, standingOf(user), created_at].join('  ');
}

function standingOf(user: Partial<UserBody>): string {
  if (user.deleted_at !== undefined) return 'deleted';
  if (user.banned_until !== undefined && Date.parse(user.banned_until) > Date.now()) {
    return `banned until ${user.banned_until}`;
  }
  return user.confirmed_at === undefined ? 'unconfirmed' : 'confirmed';
}
