import 'reflect-metadata';
import { parseArgs } from 'node:util';
import type { UserFlags } from './users.js';

const usage = `Usage: nest-guardian <command>

  serve                       Answers the GoTrue API, as the environment says (docs/environment.md)
  migrate                     Brings the tables of schema auth up to date
  keys generate [--alg ALG]   Prints a new private key (JWK) for GOTRUE_JWT_KEYS
  keys rotate [--alg ALG]     Publishes a new key in the database, which signs a little later
  keys list                   Shows the keys that are kept in the database
  mail dead                   Shows the mails and texts that were given up, and why
  users list                  Lists accounts: --page, --per-page, --filter TEXT, --email ADDRESS, --status STATUS
  users create                Makes one: --email or --phone, --role, --confirm; its password is read from
                              standard input, unless --no-password
  users delete WHO [--soft]   Deletes one; with --soft the row stays, without what says who it was
  users ban WHO [--for 24h]   Bans somebody, and ends their sessions
  users unban WHO             Ends the ban
  sweep                       Deletes what has expired: tokens, secrets, limits

WHO is an id or an address. STATUS is confirmed, unconfirmed, banned, anonymous or deleted. With --json, what
users commands answer is JSON. ALG is ES256 (the default), ES512, EdDSA, RS256 or RS512.`;

type Flags = { readonly alg?: string } & UserFlags;
type Command = (flags: Flags, who: string) => Promise<void>;

const keys = () => import('./keys.js');
const users = () => import('./users.js');

/** Loaded when they are asked for: help needs neither Nest nor a database. */
const commands: Readonly<Record<string, Command>> = {
  serve: async () => (await import('./serve.js')).serve(),
  migrate: async () => (await import('./migrate.js')).migrate(),
  'keys generate': async ({ alg }) => (await keys()).generateKey(alg),
  'keys rotate': async ({ alg }) => (await keys()).rotateKeys(alg),
  'keys list': async () => (await keys()).listKeys(),
  'mail dead': async () => (await import('./mail.js')).listDeadMessages(),
  'users list': async (flags) => (await users()).listUsers(flags),
  'users create': async (flags) => (await users()).createUser(flags),
  sweep: async () => (await import('./sweep.js')).sweepAll(),
};

/** These are told whom they are about. */
const commandsAbout: Readonly<Record<string, Command>> = {
  'users delete': async (flags, who) => (await users()).deleteUser(flags, who),
  'users ban': async (flags, who) => (await users()).banUser(flags, who),
  'users unban': async (flags, who) => (await users()).unbanUser(flags, who),
};

const options = {
  help: { type: 'boolean', short: 'h' },
  alg: { type: 'string' },
  json: { type: 'boolean' },
  page: { type: 'string' },
  'per-page': { type: 'string' },
  filter: { type: 'string' },
  status: { type: 'string' },
  email: { type: 'string' },
  phone: { type: 'string' },
  role: { type: 'string' },
  confirm: { type: 'boolean' },
  'no-password': { type: 'boolean' },
  soft: { type: 'boolean' },
  for: { type: 'string' },
} as const;

/** Runs the command. What goes wrong is said in one message, and the process ends with 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options });
    if (values.help === true) return console.log(usage);
    await findCommand(positionals)(values, positionals.at(-1) ?? '');
  } catch (error) {
    console.error(messageOf(error));
    // What had been opened by then would keep the process alive.
    process.exit(1);
  }
}

function findCommand(words: readonly string[]): Command {
  const command =
    commands[words.join(' ')] ??
    (words.length === 3 ? commandsAbout[words.slice(0, 2).join(' ')] : undefined);
  if (command === undefined) throw new TypeError(usage);
  return command;
}

/** Errors of the network name neither what was wanted nor, where several addresses were tried, what happened. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { syscall = '' } = error as NodeJS.ErrnoException;
  const isDatabase = ['connect', 'getaddrinfo'].includes(syscall);
  return isDatabase ? `The account database cannot be reached: ${error.message}` : error.message;
}
