import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDirectory } from './directory-lock.js';

describe('the lock of a data directory', () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'guardian-lock-')), 'database');
    file = `${directory}.lock`;
  });
  afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

  const held = (holder: object): Promise<void> =>
    writeFile(file, JSON.stringify({ host: hostname(), startedAt: '', ...holder }));
  const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

  it('is had by one at a time, and is free again once given back', async () => {
    const release = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(/open in another process.*GUARDIAN_DATA/);
    release();
    expect(existsSync(file)).toBe(false);
    (await lockDirectory(directory))();
  });

  it('is not taken from a living process', async () => {
    await held({ pid: process.ppid });
    await expect(lockDirectory(directory)).rejects.toThrow(`Held by process ${process.ppid}`);
  });

  it('is taken over from a dead process, by one of many', async () => {
    await held({ pid: deadPid() });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).toHaveLength(1);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
    expect(existsSync(`${file}.takeover`)).toBe(false);
    for (const { value } of won) value();
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('is taken over when the pid of the dead has been given to another', async () => {
    await held({ pid: process.pid, startedAt: '1' });
    (await lockDirectory(directory))();
  });

  it('is not taken from another machine, where nobody can see who lives', async () => {
    await held({ pid: deadPid(), host: 'elsewhere' });
    await expect(lockDirectory(directory)).rejects.toThrow(/on elsewhere/);
  });

  it('that cannot be read counts as held', async () => {
    await writeFile(file, '');
    await expect(lockDirectory(directory)).rejects.toThrow(`delete ${file}`);
  });

  it('is given back when the process exits without closing', async () => {
    const before = new Set(process.listeners('exit'));
    const release = await lockDirectory(directory);
    const onExit = process.listeners('exit').filter((listener) => !before.has(listener));
    expect(onExit).toHaveLength(1);
    release();
    expect(process.listeners('exit')).toHaveLength(before.size);
    await lockDirectory(directory);
    for (const exit of process.listeners('exit').filter((listener) => !before.has(listener))) exit(0);
    expect(existsSync(file)).toBe(false);
  });
});
