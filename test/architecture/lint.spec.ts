import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { root } from './house.js';

interface Diagnostic {
  /** Missing on what the linter says about its own directives. */
  readonly code?: string;
  readonly filename: string;
}

const lines = (count: number, line = 'f();') => `${line}\n`.repeat(count);
const inFunction = (count: number) => `export function g() {\n${lines(count)}}\n`;
const values = (count: number) =>
  Array.from({ length: count }, (_, n) => `import { a${n} } from './a${n}.js';\nf(a${n});`).join('\n');
const src = 'libs/nest-guardian/src';

/** A rule, and a file that breaks it. */
const faults: readonly (readonly [rule: string, path: string, text: string])[] = [
  ['eslint(max-lines)', `${src}/steps/long.ts`, lines(201)],
  ['eslint(max-lines)', 'test/long.spec.ts', lines(401)],
  ['eslint(max-lines-per-function)', `${src}/steps/long-function.ts`, inFunction(39)],
  ['eslint(max-params)', `${src}/steps/params.ts`, 'export const g = (a, b, c, d) => f(a, b, c, d);'],
  [
    'eslint(max-params)',
    `${src}/http/params.ts`,
    'export class G { constructor(a, b, c, d) { f(a, b, c, d); } }',
  ],
  [
    'eslint(max-depth)',
    `${src}/steps/deep.ts`,
    'export function g() { if (f()) { if (f()) { if (f()) { f(); } } } }',
  ],
  ['import(max-dependencies)', `${src}/steps/dependencies.ts`, values(16)],
  [
    'import(no-cycle)',
    `${src}/steps/ring-a.ts`,
    "import type { B } from './ring-b.js';\nexport interface A { b: B }",
  ],
  [
    'import(no-cycle)',
    `${src}/steps/ring-b.ts`,
    "import type { A } from './ring-a.js';\nexport interface B { a: A }",
  ],
  ['import(no-default-export)', `${src}/steps/default.ts`, 'export default 1;'],
  ['oxc(no-barrel-file)', `${src}/steps/barrel.ts`, "export * from './one.js';"],
  ['oxc(no-barrel-file)', `${src}/index.ts`, "export * from './steps/one.js';"],
  ['unicorn(filename-case)', `${src}/steps/camelCase.ts`, 'f();'],
  ['unicorn(prefer-node-protocol)', `${src}/http/builtin.ts`, "import { join } from 'path';\nf(join);"],
  ['eslint(no-console)', `${src}/http/console.ts`, 'console.log(1);'],
  ['eslint(no-empty)', `${src}/http/empty.ts`, 'try { f(); } catch {}'],
  ['eslint(no-var)', `${src}/http/var.ts`, 'var a = 1; f(a);'],
  ['eslint(prefer-const)', `${src}/http/let.ts`, 'let a = 1; f(a);'],
  ['eslint(eqeqeq)', `${src}/http/equal.ts`, 'if (f() == g()) f();'],
  ['eslint(no-nested-ternary)', `${src}/http/ternary.ts`, 'f(a ? b : c ? d : e);'],
  ['eslint(no-throw-literal)', `${src}/http/throw.ts`, "throw 'no';"],
  ['eslint(no-warning-comments)', `${src}/http/later.ts`, `// ${'TO'}${'DO'}: later\nf();`],
  ['eslint(no-unused-vars)', `${src}/http/unused.ts`, "import { a } from './one.js';"],
  ['typescript(no-explicit-any)', `${src}/http/any.ts`, 'export const a = (b: any) => b;'],
  ['typescript(no-non-null-assertion)', `${src}/http/bang.ts`, 'f(a!);'],
  ['typescript(ban-ts-comment)', `${src}/http/ignore.ts`, '// @ts-ignore\nf();'],
  ['typescript(no-namespace)', `${src}/http/namespace.ts`, 'export namespace A { f(); }'],
  [
    'import(no-duplicates)',
    `${src}/http/twice.ts`,
    "import { a } from './one.js';\nimport { b } from './one.js';\nf(a, b);",
  ],
  ['jest(no-commented-out-tests)', 'test/commented.spec.ts', "// it('is', () => f());"],
  ['jest(no-focused-tests)', 'test/focused.spec.ts', "it.only('is', () => { expect(1).toBe(1); });"],
  ['jest(no-identical-title)', 'test/same.spec.ts', "it('is', () => f());\nit('is', () => f());"],
  ['jest(valid-title)', 'test/title.spec.ts', "it('should work', () => { expect(1).toBe(1); });"],
  ['unused directive', `${src}/http/idle-directive.ts`, '// oxlint-disable-next-line no-console\nf();'],
];

/** Packages that a folder must not know. */
const strangers: readonly (readonly [path: string, imported: string])[] = [
  ['core/a.ts', '@nestjs/common'],
  ['core/b.ts', 'lru-cache'],
  ['core/c.ts', 'node:crypto'],
  ['wire/a.ts', '@nestjs/common'],
  ['steps/a.ts', 'typeorm'],
  ['steps/b.ts', '@nestjs/jwt'],
  ['steps/c.ts', 'node:http'],
  ['tokens/a.ts', '@nestjs/common'],
  ['tokens/b.ts', 'class-validator'],
  ['features/otp/otp.flow.ts', 'pg'],
  ['features/otp/otp.contract.ts', 'class-validator'],
  ['features/otp/otp.input.ts', 'typeorm'],
  ['client/a.ts', '@nestjs/common'],
  ['client/b.ts', 'class-validator'],
  ['http/a.ts', 'typeorm'],
  ['contexts/a.ts', '@electric-sql/pglite'],
  ['passport/a.ts', '@node-rs/argon2'],
];

/** What looks like a fault and is allowed. */
const allowed: readonly (readonly [path: string, text: string])[] = [
  [`${src}/steps/long-enough.ts`, `// why\n\n${lines(200)}`],
  [`${src}/steps/function-enough.ts`, inFunction(38)],
  [`${src}/steps/depth-enough.ts`, 'export function h() { if (f()) { if (f()) { f(); } } }'],
  [
    `${src}/steps/dependencies-enough.ts`,
    `${values(15)}\nimport type { B } from './b.js';\nexport type C = B;`,
  ],
  [`${src}/module/module-of-many.ts`, values(16)],
  [
    `${src}/features/otp/otp.feature.ts`,
    `import { Module } from '@nestjs/common';\nf(Module);\n${values(16)}`,
  ],
  [`${src}/features/otp/code.store.ts`, "import { Entity } from 'typeorm';\nf(Entity);"],
  [`${src}/features/otp/code.input.ts`, "import { IsString } from 'class-validator';\nf(IsString);"],
  [`${src}/tokens/sign.ts`, "import { JwtService } from '@nestjs/jwt';\nf(JwtService);"],
  [`${src}/tokens/keys.ts`, "import { createHmac } from 'node:crypto';\nf(createHmac);"],
  [
    `${src}/persistence/1790000000000-add-passkeys.migration.ts`,
    `export class Add { up() {\n${lines(300)}} }`,
  ],
  [`${src}/command/serve.ts`, "console.log('listening');"],
  ['test/long-enough.spec.ts', lines(400)],
  ['jest.config.js', 'export default {};'],
];

const folder = mkdtempSync(join(tmpdir(), 'lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** One run over everything planted: the complaints by file. */
function complaints(): Map<string, string[]> {
  copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  plant('tsconfig.json', '{}');
  for (const [, path, text] of faults) plant(path, text);
  for (const [path, text] of allowed) plant(path, text);
  for (const [path, name] of strangers) plant(`${src}/${path}`, `import { a } from '${name}';\nf(a);`);
  const found = new Map<string, string[]>();
  for (const { code = 'unused directive', filename } of run())
    found.set(filename, [...(found.get(filename) ?? []), code]);
  return found;
}

function run(): readonly Diagnostic[] {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const read = (output: string) => (JSON.parse(output) as { diagnostics: Diagnostic[] }).diagnostics;
  const options = { cwd: folder, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 26 } as const;
  try {
    return read(execFileSync(process.execPath, [oxlint, '--format', 'json'], options));
  } catch (error) {
    // A linter that found something exits with 1; its findings are on its output all the same.
    return read((error as { stdout: string }).stdout);
  }
}

const found = complaints();
const about = (path: string) => found.get(path) ?? [];

describe('the linter', () => {
  it.each(faults)('%s is caught in %s', (rule, path) => {
    expect(about(path)).toContain(rule);
  });

  it.each(strangers)('%s may not import %s', (path) => {
    expect(about(`${src}/${path}`)).toContain('eslint(no-restricted-imports)');
  });

  it.each(allowed)('finds nothing wrong with %s', (path) => expect(about(path)).toEqual([]));

  it('has every rule of its configuration held to a planted fault or switched off', () => {
    const { rules } = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
      rules: Record<string, unknown>;
    };
    const on = Object.keys(rules).filter((name) => rules[name] !== 'off');
    const held = faults.map(([rule]) => rule.replace(/^eslint\((.*)\)$/, '$1').replace(/\((.*)\)$/, '/$1'));
    expect(on.filter((name) => !held.includes(name))).toEqual([]);
  });
});
