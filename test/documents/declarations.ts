import { join } from 'node:path';
import ts from 'typescript';
import type { Condition } from '../../libs/nest-guardian/src/core/condition.js';
import type { Operation } from '../../libs/nest-guardian/src/core/operation.js';
import type { Duration, Option } from '../../libs/nest-guardian/src/core/option.js';
import { entryPoints, readHouse, source } from '../architecture/house.js';
import type { House, SourceFile } from '../architecture/house.js';

/** Something declared: in which file, under which exported name, what its docstring says. */
export interface Declared<T> {
  readonly path: string;
  readonly name: string;
  readonly says: string;
  readonly value: T;
}

export interface OptionEntry {
  readonly name: string;
  readonly says: string;
  readonly option: Option<unknown> & Partial<Pick<Duration, 'isDuration'>>;
}

export interface MemberEntry {
  readonly name: string;
  readonly says: string;
  readonly type: string;
  readonly byDefault: string;
}

export interface Declarations {
  readonly conditions: readonly Declared<Readonly<Record<string, Condition>>>[];
  readonly operations: readonly Declared<Operation>[];
  /** What an event carries, as written. */
  readonly events: readonly Declared<string>[];
  readonly options: readonly Declared<readonly OptionEntry[]>[];
  /** Interfaces whose name ends in `Options`, as far as an entry point exports them. */
  readonly interfaces: readonly Declared<readonly MemberEntry[]>[];
}

interface Constant {
  readonly path: string;
  readonly name: string;
  readonly says: string;
  readonly initializer: ts.Expression;
}

/** Finds what the library declares; nothing is listed by hand. */
export async function readDeclarations(): Promise<Declarations> {
  const house = readHouse();
  const open = publicNames(house);
  const files = [...house.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const constants = files.flatMap(constantsOf);
  const called = (name: string) => constants.filter(({ initializer }) => callee(initializer) === name);
  const shapes = constants.filter(
    ({ name, initializer }) => name.endsWith('Options') && isObject(initializer),
  );
  return {
    conditions: await inTurn(called('conditions'), load<Readonly<Record<string, Condition>>>),
    operations: await inTurn(called('operation'), load<Operation>),
    events: called('event').map((one) => ({ ...one, value: payloadOf(one.initializer) })),
    options: await inTurn(shapes, loadShape),
    interfaces: files.flatMap(interfacesOf).filter(({ name }) => open.has(name)),
  };
}

/** One after another: Jest links two modules that import a third at the same moment wrongly. */
async function inTurn<T>(constants: readonly Constant[], take: (one: Constant) => Promise<T>): Promise<T[]> {
  const taken: T[] = [];
  for (const one of constants) taken.push(await take(one));
  return taken;
}

async function load<T>({ path, name, says }: Constant): Promise<Declared<T>> {
  const module = (await import(join(source, path))) as Record<string, unknown>;
  return { path, name, says, value: module[name] as T };
}

async function loadShape(constant: Constant): Promise<Declared<readonly OptionEntry[]>> {
  const { value, ...rest } = await load<Record<string, OptionEntry['option']>>(constant);
  const docs = new Map(membersOf(constant.initializer).map((one) => [one.name?.getText(), docstring(one)]));
  const entries = Object.entries(value).map(([name, option]) => ({
    name,
    says: docs.get(name) ?? '',
    option,
  }));
  return { ...rest, value: entries };
}

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some((one) => one.kind === ts.SyntaxKind.ExportKeyword);

const constantsOf = ({ path, tree }: SourceFile): Constant[] =>
  tree.statements
    .filter((one): one is ts.VariableStatement => ts.isVariableStatement(one) && isExported(one))
    .flatMap((statement) =>
      statement.declarationList.declarations.flatMap(({ name, initializer }) =>
        initializer === undefined
          ? []
          : [{ path, name: name.getText(), says: docstring(statement), initializer: bare(initializer) }],
      ),
    );

/** The expression without `as const`, `satisfies` and parentheses. */
const bare = (node: ts.Expression): ts.Expression =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
    ? bare(node.expression)
    : node;

/** The name of what is called, through `f<T>()(...)` too. */
function callee(node: ts.Expression): string | null {
  if (!ts.isCallExpression(node)) return null;
  return ts.isIdentifier(node.expression) ? node.expression.text : callee(node.expression);
}

const isObject = (node: ts.Expression): node is ts.ObjectLiteralExpression =>
  ts.isObjectLiteralExpression(node);

const membersOf = (node: ts.Expression): readonly ts.ObjectLiteralElementLike[] =>
  isObject(node) ? node.properties : [];

/** What the entry points hand out, by name. */
const publicNames = (house: House): ReadonlySet<string> =>
  new Set(
    entryPoints
      .flatMap((path) => [...(house.get(path)?.tree.statements ?? [])])
      .filter((one): one is ts.ExportDeclaration => ts.isExportDeclaration(one))
      .flatMap(({ exportClause }) =>
        exportClause !== undefined && ts.isNamedExports(exportClause)
          ? exportClause.elements.map((one) => one.name.text)
          : [],
      ),
  );

const payloadOf = (node: ts.Expression): string =>
  ts.isCallExpression(node) ? oneLine(node.typeArguments?.[0]?.getText() ?? '') : '';

const interfacesOf = ({ path, tree }: SourceFile): Declared<readonly MemberEntry[]>[] =>
  tree.statements
    .filter((one): one is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(one) && isExported(one))
    .filter((one) => one.name.text.endsWith('Options'))
    .map((one) => ({ path, name: one.name.text, says: docstring(one), value: one.members.flatMap(member) }));

const member = (node: ts.TypeElement): MemberEntry[] =>
  ts.isPropertySignature(node)
    ? [
        {
          name: node.name.getText(),
          says: docstring(node),
          type: oneLine(node.type?.getText() ?? ''),
          byDefault: tagOf(node, 'default'),
        },
      ]
    : [];

const tagOf = (node: ts.Node, name: string): string =>
  ts
    .getJSDocTags(node)
    .filter((tag) => tag.tagName.text === name)
    .map((tag) => oneLine(ts.getTextOfJSDocComment(tag.comment) ?? ''))
    .join(' ');

/** The docstring on one line, its tags left out. */
const docstring = (node: ts.Node): string =>
  ts
    .getJSDocCommentsAndTags(node)
    .filter((one) => ts.isJSDoc(one))
    .map((one) => oneLine(ts.getTextOfJSDocComment(one.comment) ?? ''))
    .join(' ');

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
