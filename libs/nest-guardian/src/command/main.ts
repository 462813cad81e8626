import 'reflect-metadata';
import { parseArgs } from 'node:util';

const usage = `Usage: nest-guardian <command>

  serve                       Answers the GoTrue API, as the environment says (docs/environment.md)
  migrate                     Brings the tables of schema auth up to date
  keys generate [--alg ALG]   Prints a new private key (JWK) for GOTRUE_JWT_KEYS
  keys rotate [--alg ALG]     Publishes a new key in the database, which signs a little later
  keys list                   Shows the keys that are kept in the database
  mail dead                   Shows the mails and texts that were given up, and why
  sweep                       Deletes what has expired: tokens, secrets, limits

ALG is ES256 (the default), ES512, EdDSA, RS256 or RS512.`;

type Command = (flags: { readonly alg?: string }) => Promise<void>;

const keys = () => import('./keys.js');

/** Loaded when they are asked for: help needs neither Nest nor a database. */
const commands: Readonly<Record<string, Command>> = {
  serve: async () => (await import('./serve.js')).serve(),
  migrate: async () => (await import('./migrate.js')).migrate(),
  'keys generate': async ({ alg }) => (await keys()).generateKey(alg),
  'keys rotate': async ({ alg }) => (await keys()).rotateKeys(alg),
  'keys list': async () => (await keys()).listKeys(),
  'mail dead': async () => (await import('./mail.js')).listDeadMessages(),
  sweep: async () => (await import('./sweep.js')).sweepAll(),
};

/** Runs the command. What goes wrong is said in one message, and the process ends with 1. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, alg: { type: 'string' } },
    });
    if (values.help === true) return console.log(usage);
    const command = commands[positionals.join(' ')];
    if (command === undefined) throw new TypeError(usage);
    await command(values);
  } catch (error) {
    console.error(messageOf(error));
    // What had been opened by then would keep the process alive.
    process.exit(1);
  }
}

/** Errors of the network name neither what was wanted nor, where several addresses were tried, what happened. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { syscall = '' } = error as NodeJS.ErrnoException;
  const isDatabase = ['connect', 'getaddrinfo'].includes(syscall);
  return isDatabase ? `The account database cannot be reached: ${error.message}` : error.message;
}
