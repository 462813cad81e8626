import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { library, root } from '../architecture/house.js';

/**
 * Fills a folder of modules with what is installed, linked, and with the library as it is now, built into a place
 * of its own.
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
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  // Types are judged elsewhere.
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(built, 'dist')];
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
