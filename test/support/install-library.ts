import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { library, root, source } from '../architecture/house.js';

/**
 * Fills a folder of modules with what is installed, linked, and with the library as it is now: what was built of it, or
 * what is built here where that is out of date.
 */
export async function installLibrary(modules: string): Promise<void> {
  const built = join(modules, 'nest-guardian');
  await linkAll(join(root, 'node_modules'), modules);
  await linkAll(join(library, 'node_modules'), join(built, 'node_modules'));
  const isTemplate = (path: string): boolean => path.endsWith('/app/files');
  for (const name of ['package.json', 'bin', 'schematics']) {
    await cp(join(library, name), join(built, name), {
      recursive: true,
      filter: (path) => !isTemplate(path),
    });
  }
  if (await isBuilt()) await cp(join(library, 'dist'), join(built, 'dist'), { recursive: true });
  else await build(join(built, 'dist'));
}

/** Whether `npm run build` has been run since anything below `src` came, changed or went. */
async function isBuilt(): Promise<boolean> {
  const changedAt = (path: string): Promise<number> => stat(path).then(({ mtimeMs }) => mtimeMs);
  const builtAt = await changedAt(join(library, 'dist/index.js')).catch(() => 0);
  const paths = (await readdir(source, { recursive: true })).map((name) => join(source, name));
  const times = await Promise.all([source, ...paths].map(changedAt));
  return times.every((time) => time < builtAt);
}

async function build(outDir: string): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  // Types are judged elsewhere.
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', outDir];
  await promisify(execFile)(process.execPath, [tsc, ...options], { cwd: library });
}

async function linkAll(installed: string, modules: string): Promise<void> {
  await mkdir(modules, { recursive: true });
  // npm keeps a package here only where its version differs from the one that others want.
  const names = await readdir(installed).catch(() => []);
  for (const name of names.filter((one) => one !== 'nest-guardian')) {
    await symlink(join(installed, name), join(modules, name));
  }
}
