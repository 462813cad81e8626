import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

// node check-package.js FOLDER: packs the built library and uses it as a stranger would, in two projects below
// FOLDER: one with everything installed, one with nothing but what the package itself depends on.

const root = process.cwd();
if (process.argv[2] === undefined) throw new TypeError('Name a folder to work in');
const folder = resolve(process.argv[2]);
const manifest = JSON.parse(readFileSync('libs/nest-guardian/package.json', 'utf8'));
const entries = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([path, target]) => ({ name: join(manifest.name, path), ...target }));
const optional = [
  'typeorm',
  '@nestjs/typeorm',
  'pg',
  '@electric-sql/pglite',
  '@node-rs/argon2',
  '@node-rs/bcrypt',
];

const faults = [];
const check = (what, attempt) => {
  try {
    attempt();
    console.log(`ok      ${what}`);
  } catch (error) {
    faults.push(what);
    console.log(`FAILED  ${what}\n${error.message}\n${error.stdout ?? ''}`);
  }
};
const insist = (isSo, message) => {
  if (!isSo) throw new Error(message);
};
const run = (cwd, command, ...args) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
const node = (cwd, ...args) => run(cwd, process.execPath, '--no-warnings', ...args);

function pack() {
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '-w', manifest.name, '--pack-destination', folder];
  const [packed] = JSON.parse(run(root, 'npm', ...args));
  return { tarball: join(folder, packed.filename), files: packed.files };
}

function checkContents(files) {
  const paths = files.map(({ path }) => path);
  const bins = Object.values(typeof manifest.bin === 'string' ? [manifest.bin] : (manifest.bin ?? {}));
  const promised = entries
    .flatMap((entry) => [entry.types, entry.default])
    .concat(bins, ['README.md', 'LICENSE']);
  const missing = promised.map((path) => path.replace(/^\.\//, '')).filter((path) => !paths.includes(path));
  const foreign = paths.filter((path) =>
    /(\.spec\.|\.tsbuildinfo$|^src\/|(^|\/)test\/|\.env|\.log$)/.test(path),
  );
  insist(missing.length === 0, `missing: ${missing.join(', ')}`);
  insist(foreign.length === 0, `should not be there: ${foreign.join(', ')}`);
  const idle = files.filter(({ path, mode }) => path.startsWith('bin/') && (mode & 0o111) === 0);
  insist(idle.length === 0, `not executable: ${idle.map(({ path }) => path).join(', ')}`);
}

/** Where a package lies for the library: beside it, if another version is at the root. */
const placeOf = (name) =>
  [join(root, 'libs/nest-guardian/node_modules', name), join(root, 'node_modules', name)].find((one) =>
    existsSync(one),
  );

/** A project with the packed library, copied, and the packages it may use, linked. */
function project(name, tarball, packages) {
  const here = join(folder, name);
  const modules = join(here, 'node_modules');
  mkdirSync(join(modules, manifest.name), { recursive: true });
  run(here, 'tar', 'xzf', tarball, '-C', join(modules, manifest.name), '--strip-components=1');
  for (const one of packages) {
    mkdirSync(dirname(join(modules, one)), { recursive: true });
    symlinkSync(placeOf(one), join(modules, one));
  }
  writeFileSync(join(here, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return here;
}

const installed = () =>
  readdirSync(join(root, 'node_modules'))
    .filter((name) => !name.startsWith('.') && name !== manifest.name)
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(join(root, 'node_modules', name)).map((one) => `${name}/${one}`)
        : [name],
    );

/** The library's own dependencies and obligatory peers, which bring `reflect-metadata` and `rxjs` along. */
function obligatory() {
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  return [...new Set([...Object.keys(dependencies), ...peers])].filter((name) => placeOf(name) !== undefined);
}

function checkTypes(here) {
  const lines = entries.map(
    ({ name }, at) => `import * as all${at} from '${name}';\nexport const n${at} = Object.keys(all${at});`,
  );
  writeFileSync(join(here, 'uses.ts'), lines.join('\n'));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    experimentalDecorators: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(join(here, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['uses.ts'] }));
  node(here, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.');
}

/** Without its packages the local provider does not load, and the one that is missed is named. */
function checkMissing(here) {
  const script = `import('${manifest.name}/local').then(() => 'nothing', (error) => error.message).then(console.log)`;
  const said = node(here, '-e', script);
  insist(
    optional.some((name) => said.includes(`'${name}'`) || said.includes(` ${name}`)),
    `says: ${said}`,
  );
}

const { tarball, files } = pack();
check('the tarball holds what the manifest promises and nothing of the tests', () => checkContents(files));

const full = project('full', tarball, installed());
for (const { name } of entries) {
  check(`import '${name}'`, () => node(full, '--input-type=module', '-e', `import '${name}'`));
  check(`require('${name}')`, () => node(full, '--input-type=commonjs', '-e', `require('${name}')`));
}
check('the declarations are found by a strict compiler', () => checkTypes(full));
for (const [name, path] of Object.entries(manifest.bin ?? {})) {
  check(`${name} --help`, () => node(full, join(full, 'node_modules', manifest.name, path), '--help'));
}

const bare = project('bare', tarball, obligatory());
check('the packages of the local provider are absent from the bare project', () => {
  const there = optional.filter((name) => existsSync(join(bare, 'node_modules', name)));
  insist(there.length === 0, `the library itself depends on ${there.join(', ')}`);
});
for (const { name } of entries.filter((entry) => !/\/(local|testing)$/.test(entry.name))) {
  check(`import '${name}' with nothing else installed`, () =>
    node(bare, '--input-type=module', '-e', `import '${name}'`),
  );
}
check(`import '${manifest.name}/local' names the package that is missing`, () => checkMissing(bare));

// The database driver, the embedded database and argon2 are asked for when they are needed, and named with what
// installs them if they are not there; a static import would end in Node's own words.
const typeormAlone = project('typeorm-alone', tarball, [...obligatory(), 'typeorm']);
check(`import '${manifest.name}/local' with TypeORM alone`, () =>
  node(typeormAlone, '--input-type=module', '-e', `import '${manifest.name}/local'`),
);
insist(statSync(tarball).size < 2 ** 21, 'the tarball is larger than two megabytes');

console.log(`${files.length} files packed, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
