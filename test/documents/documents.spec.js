import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../architecture/house.js';
import { readDeclarations } from './declarations.js';
import { printDocuments, routeOf } from './print.js';
const declared = await readDeclarations();
const documents = printDocuments(declared);
const repeated = (names) => names.filter((name, at) => names.indexOf(name) !== at);
describe('the printed documents', () => {
  if (process.env.PRINT) for (const [path, text] of documents) writeFileSync(join(root, path), text);
  it.each([...documents])(
    '%s equals what the declarations say (`npm run print` writes it anew)',
    (path, text) => {
      expect(readFileSync(join(root, path), 'utf8')).toBe(text);
    },
  );
});
describe('what is declared', () => {
  it('is found: conditions, operations, events and options', () => {
    const { conditions, operations, events, options } = declared;
    for (const found of [conditions, operations, events, options]) expect(found).not.toEqual([]);
  });
  it('has each condition once', () => {
    expect(repeated(declared.conditions.flatMap(({ value }) => Object.keys(value)))).toEqual([]);
  });
  it('has each operation once, under the name it is exported by', () => {
    expect(repeated(declared.operations.map(({ value }) => value.name))).toEqual([]);
    expect(declared.operations.filter(({ name, value }) => name !== value.name)).toEqual([]);
  });
  it('has each route once', () => {
    expect(repeated(declared.operations.map(({ value }) => routeOf(value)))).toEqual([]);
  });
  it('gives every condition GoTrue can send a status of a refusal', () => {
    const all = declared.conditions.flatMap(({ value }) => Object.values(value));
    const isRefusal = (status) => status >= 400 && status <= 599;
    expect(all.filter((one) => !isRefusal(one.status) || !isRefusal(one.applicationStatus))).toEqual([]);
  });
  it('says of every operation, event and option what it promises', () => {
    const named = [
      ...declared.operations,
      ...declared.events,
      ...declared.options.flatMap(({ path, value }) => value.map((one) => ({ ...one, path }))),
      ...declared.interfaces.flatMap(({ path, value }) => value.map((one) => ({ ...one, path }))),
    ];
    expect(named.filter(({ says }) => says === '').map(({ path, name }) => `${path} ${name}`)).toEqual([]);
  });
});
