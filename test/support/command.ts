import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installLibrary } from './install-library.js';

export type Environment = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Served {
  readonly url: string;
  /** What it has written to its log, line by line. */
  readonly log: readonly { readonly level: string; readonly message: string }[];
  /** Returns when the log holds such a message. */
  logged(message: string): Promise<void>;
  /** Asks it to end and does not wait. */
  signal(name: NodeJS.Signals): void;
  /** Returns when it has ended. */
  readonly ended: Promise<Ended>;
  /** Asks it to end, unless it has ended already. Returns what came of that. */
  stop(): Promise<Ended>;
}

/** `nest-guardian` as it would be installed: built, in a process of its own, in an environment of its own. */
export class Command {
  private constructor(
    /** An empty folder: the working directory of every run. */
    readonly folder: string,
    private readonly modules: string,
  ) {}

  static async install(): Promise<Command> {
    const folder = await mkdtemp(join(tmpdir(), 'command-'));
    const modules = join(folder, 'node_modules');
    await installLibrary(modules);
    return new Command(folder, modules);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }

  /** @param input what it reads from standard input */
  run(args: readonly string[], env: Environment = {}, input = ''): Promise<Ended> {
    const { process: child, ended } = this.#spawn(args, env);
    // Who asks for help reads nothing.
    child.stdin.on('error', () => undefined).end(input);
    return ended;
  }

  /** Runs `serve` on a free port until it listens; fails with what it said when it does not. */
  async serve(env: Environment = {}): Promise<Served> {
    const {
      process: child,
      ended,
      said,
    } = this.#spawn(['serve'], {
      GOTRUE_API_HOST: '127.0.0.1',
      GOTRUE_API_PORT: '0',
      ...env,
    });
    const lines = (): Served['log'] =>
      said()
        .out.split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Served['log'][number]);
    const logged = async (message: string): Promise<void> => {
      while (!said().out.includes(message)) {
        const end = await Promise.race([once(child.stdout, 'data').then(() => null), ended]);
        if (end !== null && !end.out.includes(message)) throw new Error(end.err);
      }
    };
    await logged('Listening on ');
    const url = /Listening on (http:[^"]+)/.exec(said().out)?.[1] as string;
    const signal = (name: NodeJS.Signals): void => void child.kill(name);
    return {
      url,
      get log() {
        return lines();
      },
      logged,
      signal,
      ended,
      stop: () => {
        signal('SIGTERM');
        return ended;
      },
    };
  }

  #spawn(args: readonly string[], env: Environment) {
    const bin = join(this.modules, 'nest-guardian/bin/nest-guardian.js');
    const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [bin, ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, ...env },
    });
    const texts = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...texts }));
    return { process: child, ended, said: () => texts };
  }
}
