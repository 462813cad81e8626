import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// node copy-sample.js [FOLDER]: makes the templates of the `app` schematic from the sample application. The
// library's build does it, below the schematic itself.

const root = resolve(import.meta.dirname, '..');
const files = resolve(process.argv[2] ?? join(root, 'libs/nest-guardian/schematics/app/files'));
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const write = (name, value) => writeFileSync(join(files, name), `${JSON.stringify(value, null, 2)}\n`);

/** What the sample needs to be built; the rest of the workspace's tools are for the library. */
const tools = ['@nestjs/cli', '@nestjs/schematics', '@types/node', 'typescript'];

function manifest() {
  const { type, engines, dependencies, devDependencies } = read('package.json');
  return {
    name: 'notes',
    version: '0.1.0',
    private: true,
    type,
    engines,
    scripts: { start: 'npm run build && node dist/main.js', build: 'nest build' },
    dependencies,
    devDependencies: Object.fromEntries(tools.map((name) => [name, devDependencies[name]])),
  };
}

function compilerSettings() {
  const { paths: _library, ...shared } = read('tsconfig.json').compilerOptions;
  const { paths: _none, ...build } = read('tsconfig.build.json').compilerOptions;
  return { compilerOptions: { ...shared, ...build }, include: ['src'] };
}

rmSync(files, { recursive: true, force: true });
mkdirSync(files, { recursive: true });
cpSync(join(root, 'src'), join(files, 'src'), { recursive: true });
cpSync(join(root, 'nest-cli.json'), join(files, 'nest-cli.json'));
write('package.json', manifest());
write('tsconfig.json', compilerSettings());
