import { rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, as the system counts it; empty where it does not say. */
  readonly startedAt: string;
}

/**
 * Takes the directory for this process, through a file beside it, and returns how to give it back. Of two
 * processes one gets it. What a dead process held is taken over; what a living one holds never is, nor what a
 * process on another machine holds, since from here nobody can tell whether it lives.
 */
export async function lockDirectory(directory: string): Promise<() => void> {
  const file = `${directory}.lock`;
  const mine = JSON.stringify({
    pid: process.pid,
    host: hostname(),
    startedAt: await startOf(process.pid),
  } satisfies Holder);
  if (!(await create(file, mine))) await takeOver(file, mine);
  const release = (): void => {
    process.off('exit', release);
    rmSync(file, { force: true });
  };
  process.once('exit', release);
  return release;
}

async function takeOver(file: string, mine: string): Promise<void> {
  await requireDead(file);
  // Race: of two that find the holder dead, only the one that makes this second file may replace the first.
  const turn = `${file}.takeover`;
  if (!(await create(turn, mine))) throw new Error(`${refusal(turn)} It is being taken over.`);
  try {
    await requireDead(file);
    await rm(file, { force: true });
    if (!(await create(file, mine))) throw new Error(refusal(file));
  } finally {
    await rm(turn, { force: true });
  }
}

async function requireDead(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return;
  const holder = parse(text);
  // A file without a readable holder is one that is just being written.
  if (holder === null) throw new Error(refusal(file));
  if (holder.host !== hostname() || (await isAlive(holder))) {
    throw new Error(`${refusal(file)} Held by process ${holder.pid} on ${holder.host}.`);
  }
}

const refusal = (file: string): string =>
  `The embedded database is open in another process, and two would destroy it. Stop that process, or give ` +
  `this one another directory (GUARDIAN_DATA). If that process is surely gone, delete ${file}.`;

async function isAlive({ pid, startedAt }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A pid is given out again, in a container always the same one.
  const now = await startOf(pid);
  return startedAt === '' || now === '' || startedAt === now;
}

async function startOf(pid: number): Promise<string> {
  // Only Linux has the file; elsewhere the pid alone must do.
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22 of proc(5), counted after the command, which may itself hold spaces.
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function parse(text: string): Holder | null {
  try {
    const { pid, host, startedAt } = JSON.parse(text) as Holder;
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, host, startedAt } : null;
  } catch {
    // Unreadable is unknown, and unknown is not dead.
    return null;
  }
}

async function create(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
