import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import ts from 'typescript';
import { ask } from '../support/ask.js';

const root = resolve(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'docs/contexts.md',
  'docs/environment.md',
  'docs/guardian.md',
  'docs/identity-providers.md',
  'docs/keys.md',
  'docs/mail.md',
  'docs/swap.md',
];

/** The TypeScript examples of a page, in order. */
const examplesOf = (page: string): readonly string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^( *)```ts\n(.*?)^\1```$/gms)].map(
    ([, , code]) => code as string,
  );

function optionsOfTheProject(): ts.CompilerOptions {
  const read = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  return { ...options, noEmit: true };
}

/** What the compiler says of these examples, each a file of its own. */
function faultsIn(examples: readonly string[]): string[] {
  const files = new Map(examples.map((code, i) => [join(root, `test/documents/example-${i}.ts`), code]));
  const options = optionsOfTheProject();
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const code = files.get(name);
    return code === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, code, ts.ScriptTarget.ES2023);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
}

describe('the README', () => {
  it('has no example that does not compile', () => {
    const examples = pages.flatMap(examplesOf);
    expect(examples.length).toBeGreaterThan(4);
    expect(faultsIn(examples)).toEqual([]);
  });

  it('would be told of one', () =>
    expect(faultsIn(["import { nothing } from 'nest-guardian';"])).toHaveLength(1));
});

describe('the first example of the README', () => {
  let app: INestApplication;
  const { PORT, GUARDIAN_DATA } = process.env;
  const directory = mkdtempSync(join(tmpdir(), 'readme-'));

  beforeAll(async () => {
    Object.assign(process.env, { PORT: '0', GUARDIAN_DATA: directory });
    const create = jest.spyOn(NestFactory, 'create');
    await import('./first-example.js');
    app = (await create.mock.results[0]?.value) as INestApplication;
  });
  afterAll(async () => {
    await app?.close();
    rmSync(directory, { recursive: true });
    for (const [name, value] of Object.entries({ PORT, GUARDIAN_DATA })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('is the file that is run here', () =>
    expect(readFileSync(join(import.meta.dirname, 'first-example.ts'), 'utf8')).toBe(
      examplesOf('README.md')[0],
    ));

  it('runs: a person signs up and reads a guarded page that nobody else reads', async () => {
    const url = (await app.getUrl()).replace('[::1]', 'localhost');
    const body = { email: 'ann@example.com', password: 'correct horse 9 battery' };
    const { access_token } = (await ask(`${url}/auth/v1/signup`, { body })).body;
    expect(await ask(`${url}/profile`, { bearer: access_token })).toMatchObject({
      body: { email: body.email },
    });
    expect((await ask(`${url}/profile`)).status).toBe(401);
  });
});
