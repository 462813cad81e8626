import { describe, expect, it } from '@jest/globals';
import { cycles, deadEnds, importLaw, packagesLoadedBy, strangers, undeclared } from './floors.js';
import { build, declaredPackages, entryPoints, readHouse } from './house.js';
import type { House } from './house.js';
import {
  barrels,
  budgetFaults,
  codeLines,
  consoleUse,
  leakyComparisons,
  namingFaults,
  readersOfCompatibility,
  weakRandomness,
} from './manners.js';

const house = readHouse();
const plant = (files: Record<string, string>): House => build(Object.entries(files));
const importing = (...specifiers: string[]) => specifiers.map((one) => `import '${one}';`).join('\n');

describe('the house', () => {
  it('has files to judge and an entry point for each export', () => {
    expect(house.size).toBeGreaterThan(20);
    expect(entryPoints.filter((path) => !house.has(path))).toEqual([]);
  });

  it('has no file outside its folders', () => expect(strangers(house)).toEqual([]));
  it('has no import that leads nowhere', () => expect(deadEnds(house)).toEqual([]));
  it('imports downwards only, and from no neighbour', () => expect(importLaw(house)).toEqual([]));
  it('has no cycle of imports, types included', () => expect(cycles(house)).toEqual([]));
  it('has no inner barrel', () => expect(barrels(house)).toEqual([]));
  it('imports no package that its manifest does not name', () =>
    expect(undeclared(house, declaredPackages)).toEqual([]));
  it('names its files in kebab-case with a known role', () => expect(namingFaults(house)).toEqual([]));
  it('keeps every file within two hundred lines of code', () => expect(budgetFaults(house)).toEqual([]));
  it('draws nothing from a weak source of randomness', () => expect(weakRandomness(house)).toEqual([]));
  it('writes to the console nowhere but in commands', () => expect(consoleUse(house)).toEqual([]));
  it('compares no secret letter by letter', () => expect(leakyComparisons(house)).toEqual([]));
  it('reads `compatibility` in one file', () => expect(readersOfCompatibility(house)).toHaveLength(1));
});

describe('the packages that an entry point loads', () => {
  const loaded = (path: string) => [...packagesLoadedBy(path, house)].map(([name, at]) => `${name} by ${at}`);
  const databases = /^(typeorm|@nestjs\/typeorm|pg|@electric-sql\/pglite|@node-rs\/argon2) /;

  it.each(entryPoints.filter((path) => path !== 'local.ts' && path !== 'testing.ts'))(
    '%s loads no database and no argon2',
    (path) => expect(loaded(path).filter((one) => databases.test(one))).toEqual([]),
  );

  it('client.ts loads no package at all', () => expect(loaded('client.ts')).toEqual([]));
});

describe('the import law', () => {
  const password = 'features/password/password';
  const law = (path: string, ...specifiers: string[]) =>
    importLaw(plant({ [path]: importing(...specifiers) }));

  it('catches an import from a higher floor', () => {
    expect(law('core/caller.ts', '../wire/user.js')).toEqual([
      'core/caller.ts:1 is on floor 0 and imports wire/user.ts from floor 1',
    ]);
    expect(law(`${password}.flow.ts`, '../../persistence/user-store.js')).toHaveLength(1);
    expect(law('persistence/pool.ts', '../module/auth.module.js')).toHaveLength(1);
  });

  it('counts imported types, re-exports, `import()` and `import type` within a type', () => {
    const up = '../wire/user.js';
    const faults = (text: string) => importLaw(plant({ 'core/a.ts': text }));
    expect(faults(`import type { U } from '${up}';`)).toHaveLength(1);
    expect(faults(`export { U } from '${up}';`)).toHaveLength(1);
    expect(faults(`const u = () => import('${up}');`)).toHaveLength(1);
    expect(faults(`let u: import('${up}').U;`)).toHaveLength(1);
  });

  it('catches a neighbour on the same floor', () => {
    expect(law('wire/user.ts', '../tokens/verify.js')).toHaveLength(1);
    expect(law('http/routes.ts', '../persistence/pool.js')).toHaveLength(1);
    expect(law('providers/local/local-provider.ts', '../../client/client.js')).toHaveLength(1);
  });

  it('leaves the two doors open, in one direction', () => {
    expect(law('providers/gotrue/gotrue-provider.ts', '../../client/client.js')).toEqual([]);
    expect(law('client/client.ts', '../providers/gotrue/gotrue-provider.js')).toHaveLength(1);
    expect(law('contexts/access.guard.ts', '../http/gate.js')).toEqual([]);
    expect(law('http/gate.ts', '../contexts/graphql.js')).toHaveLength(1);
  });

  it.each(['feature', 'input', 'store', 'entity', 'migration'])(
    'puts a .%s.ts on floor 4 wherever it lies',
    (role) => {
      expect(law(`${password}.${role}.ts`, './password.flow.js')).toEqual([]);
      expect(law(`${password}.flow.ts`, `./password.${role}.js`)).toHaveLength(1);
    },
  );

  it('puts a conformance suite on floor 6, with its bench', () => {
    expect(law(`${password}.conformance.ts`, '../../testing/bench.js')).toEqual([]);
    expect(law('testing/suite.ts', `../${password}.conformance.js`)).toEqual([]);
    expect(law('command/serve.ts', `../${password}.conformance.js`)).toHaveLength(1);
  });

  it('lets nobody import an entry point or an index', () => {
    expect(law('module/auth.module.ts', '../index.js')).toHaveLength(1);
    expect(law('testing/acting-as.ts', '../local.js')).toHaveLength(1);
    expect(law('http/routes.ts', './index.js')).toHaveLength(1);
    expect(law('index.ts', './client.js')).toHaveLength(1);
  });

  it('lets an entry point import from every floor', () => {
    expect(law('index.ts', './core/caller.js', './module/auth.module.js', './testing/outbox.js')).toEqual([]);
  });
});

describe('the other laws', () => {
  it('catch a file in no folder of the house', () => {
    const faults = strangers(plant({ 'utils/strings.ts': '', 'helpers.ts': '', 'core/caller.ts': '' }));
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['utils/strings.ts', 'helpers.ts']);
  });

  it('catch an import that leads nowhere', () => {
    expect(deadEnds(plant({ 'core/a.ts': importing('./gone.js') }))).toHaveLength(1);
  });

  it('catch a cycle, of types too and through a third file', () => {
    const two = { 'core/a.ts': importing('./b.js'), 'core/b.ts': `import type { A } from './a.js';` };
    expect(cycles(plant(two))).toEqual(['core/a.ts -> core/b.ts -> core/a.ts']);
    const three = {
      'core/a.ts': importing('./b.js'),
      'core/b.ts': importing('./c.js'),
      'core/c.ts': importing('./a.js'),
    };
    expect(cycles(plant(three))).toHaveLength(1);
    expect(cycles(plant({ ...three, 'core/c.ts': '' }))).toEqual([]);
  });

  it('catch a package that the manifest does not name, types included', () => {
    const text = importing('node:crypto', 'typeorm', 'pg/lib') + `import type { A } from '@a/b/c.js';`;
    const faults = undeclared(plant({ 'core/a.ts': text }), ['typeorm']);
    expect(faults).toEqual(['core/a.ts:3 imports pg', 'core/a.ts:3 imports @a/b']);
  });

  it('catch a barrel by name and by what it does', () => {
    expect(barrels(plant({ 'core/index.ts': '' }))).toHaveLength(1);
    expect(barrels(plant({ 'core/all.ts': `export * from './caller.js';` }))).toHaveLength(1);
    expect(barrels(plant({ 'index.ts': `export { a } from './core/caller.js';` }))).toEqual([]);
  });

  it('catch a name that is not in kebab-case and a role that nobody knows', () => {
    expect(namingFaults(plant({ 'core/authError.ts': '' }))).toHaveLength(1);
    expect(namingFaults(plant({ 'core/Auth.flow.ts': '' }))).toHaveLength(1);
    expect(namingFaults(plant({ 'features/otp/otp.service.ts': '' }))).toHaveLength(1);
    expect(namingFaults(plant({ 'core/a.flow.store.ts': '' }))).toHaveLength(1);
    expect(namingFaults(plant({ 'features/otp/otp.flow.ts': '', 'core/flow.ts': '' }))).toEqual([]);
  });

  it('count code and neither blank lines nor comments', () => {
    const text = '// why\n\n/** what\n * it is */\nconst a = 1; // beside\nconst b = `\n\n`;\n';
    const file = plant({ 'core/a.ts': text }).get('core/a.ts');
    expect(file && codeLines(file)).toBe(4);
  });

  it('catch a file past its budget, migrations excepted', () => {
    const long = 'f();\n'.repeat(201);
    expect(budgetFaults(plant({ 'core/a.ts': long }))).toHaveLength(1);
    expect(budgetFaults(plant({ 'core/a.ts': 'f();\n'.repeat(200) }))).toEqual([]);
    expect(budgetFaults(plant({ 'persistence/1-a.migration.ts': long }))).toEqual([]);
  });

  it('catch weak randomness and talk on the console', () => {
    expect(weakRandomness(plant({ 'core/a.ts': 'const n = Math.random();' }))).toHaveLength(1);
    expect(consoleUse(plant({ 'http/a.ts': 'console.warn(1);' }))).toHaveLength(1);
    expect(consoleUse(plant({ 'command/a.ts': 'console.log(1);' }))).toEqual([]);
  });

  it.each(['codeHash === given', 'a !== row.tokenHash', 'user.password == typed', `mac === other['mac']`])(
    'catch the comparison %s',
    (comparison) => {
      expect(leakyComparisons(plant({ 'tokens/a.ts': `if (${comparison}) f();` }))).toHaveLength(1);
    },
  );

  it.each([
    'token === null',
    'password !== undefined',
    `secret === ''`,
    'token.length === n',
    'id === other',
  ])('allow the question %s', (comparison) =>
    expect(leakyComparisons(plant({ 'tokens/a.ts': `if (${comparison}) f();` }))).toEqual([]),
  );

  it('find every reader of `compatibility` and no writer', () => {
    const readers = readersOfCompatibility(
      plant({
        'module/preset.ts': 'const { compatibility } = options;',
        'http/routes.ts': 'if (options.compatibility) f();',
        'http/cors.ts': `f(options['compatibility']);`,
        'module/environment.ts': `const o = { compatibility: 'gotrue' }; o.compatibility = 'strict';`,
      }),
    );
    expect(readers).toEqual(['module/preset.ts', 'http/routes.ts', 'http/cors.ts']);
  });
});

describe('what loading loads', () => {
  const packages = (files: Record<string, string>) => [...packagesLoadedBy('index.ts', plant(files)).keys()];

  it('is followed through files and not through types or `import()`', () => {
    const first = `import './core/a.js'; import type { D } from 'typeorm'; import '@scope/name/deep.js';`;
    const second = `import { x } from 'pg'; const later = () => import('argon2');`;
    expect(packages({ 'index.ts': first, 'core/a.ts': second })).toEqual(['pg', '@scope/name']);
  });
});
