import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { installLibrary } from '../support/install-library.js';
import { ask } from '../support/ask.js';

const repository = resolve(import.meta.dirname, '../..');
const settings = ['nest-cli.json', 'package.json', 'tsconfig.json'];
const minutes = 60_000;

let folder: string;

const run = async (cwd: string, ...command: string[]): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd });
  return stdout + stderr;
};

const bin = (name: string): string => join(repository, 'node_modules', name);

/** Every file below the folder, by its path from there. */
async function filesOf(from: string): Promise<string[]> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(from, join(parentPath, name))).sort();
}

/** What is installed, and the library, built into a place of its own with the templates of the sample. */
async function install(modules: string): Promise<void> {
  await installLibrary(modules);
  await run(repository, 'scripts/copy-sample.js', join(modules, 'nest-guardian/schematics/app/files'));
}

/** `nest g -c nest-guardian app` in a folder with these files. Returns the folder and what was said. */
async function generate(name: string, present: Readonly<Record<string, string>> = {}) {
  const path = join(folder, name);
  await mkdir(path);
  for (const [file, content] of Object.entries(present)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), content);
  }
  const said = await run(path, bin('@nestjs/cli/bin/nest.js'), 'g', '-c', 'nest-guardian', 'app');
  return { path, said };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs `npm start` in the folder until the log says that it is open. */
async function start(path: string, port: number) {
  const env = { ...process.env, PORT: String(port), NODE_ENV: '', npm_config_update_notifier: 'false' };
  for (const name of Object.keys(env).filter((key) => /^(GUARDIAN_|DATABASE_URL$|NODE_OPTIONS$)/.test(key))) {
    delete (env as Record<string, string | undefined>)[name];
  }
  const npm = spawn('npm', ['start'], { cwd: path, env, detached: true });
  let log = '';
  const hear = (chunk: Buffer): string => (log += chunk.toString());
  npm.stderr.on('data', hear);
  const ended = once(npm, 'close');
  await new Promise<void>((open, reject) => {
    npm.stdout.on('data', (chunk: Buffer) => hear(chunk).includes('Open http') && open());
    ended.then(() => reject(new Error(log)), reject);
  });
  const stop = async (): Promise<void> => {
    process.kill(-(npm.pid as number), 'SIGTERM');
    await ended;
  };
  return { url: `http://localhost:${port}`, stop };
}

describe('nest g -c nest-guardian app', () => {
  let path: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'schematic-'));
    await install(join(folder, 'node_modules'));
    ({ path } = await generate('empty'));
  }, 5 * minutes);
  afterAll(() => rm(folder, { recursive: true }));

  it('writes the sample application and what is needed to build it, nothing else', async () => {
    const source = await filesOf(join(repository, 'src'));
    expect(source).toContain('main.ts');
    const expected = [...settings, ...source.map((file) => `src/${file}`)];
    expect(await filesOf(path)).toEqual(expected.sort());
  });

  it('writes the files as they are', async () => {
    for (const file of [
      ...(await filesOf(join(repository, 'src'))).map((name) => `src/${name}`),
      settings[0],
    ]) {
      const [written, original] = [join(path, file), join(repository, file)];
      expect([file, await readFile(written, 'utf8')]).toEqual([file, await readFile(original, 'utf8')]);
    }
  });

  it(
    'writes an application that builds, starts and keeps notes',
    async () => {
      const { url, stop } = await start(path, await freePort());
      try {
        const credentials = { email: 'ann@example.com', password: 'a quiet harbour 7' };
        const { status, body } = await ask(`${url}/auth/v1/signup`, { body: credentials });
        expect(status).toBe(200);
        const bearer = body.access_token;
        expect((await ask(`${url}/notes`, { bearer, body: { text: 'one' } })).status).toBe(201);
        expect((await ask(`${url}/notes`, { bearer })).body).toHaveLength(1);
        expect((await ask(url)).body).toContain('<title>Notes</title>');
        expect(await readdir(join(path, '.data/guardian'))).toContain('database.lock');
      } finally {
        await stop();
      }
      expect(await readdir(join(path, '.data/guardian'))).toEqual(['database', 'signing-secret']);
    },
    3 * minutes,
  );

  it(
    'adds to a manifest that is there, whose names and versions stay',
    async () => {
      const manifest = {
        name: 'ours',
        type: 'commonjs',
        scripts: { test: 'jest' },
        dependencies: { typeorm: '1.1.1' },
        devDependencies: { 'nest-guardian': '0.1.0', jest: '30.0.0' },
      };
      const { path: grown } = await generate('grown', { 'package.json': JSON.stringify(manifest) });
      const written = JSON.parse(await readFile(join(grown, 'package.json'), 'utf8'));
      const fresh = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
      expect(written).toEqual({
        ...fresh,
        name: 'ours',
        type: 'module',
        scripts: { ...fresh.scripts, test: 'jest' },
        dependencies: { ...fresh.dependencies, typeorm: '1.1.1', 'nest-guardian': '0.1.0' },
        devDependencies: { ...fresh.devDependencies, jest: '30.0.0' },
      });
    },
    minutes,
  );

  it(
    'replaces no other file, and writes nothing at all then',
    async () => {
      const { path: taken, said } = await generate('taken', { 'src/main.ts': '// ours' });
      expect(said).toMatch(/src\/main\.ts/);
      expect(await filesOf(taken)).toEqual(['src/main.ts']);
      expect(await readFile(join(taken, 'src/main.ts'), 'utf8')).toBe('// ours');
    },
    minutes,
  );
});
