import ts from 'typescript';
import type { Fault } from './floors.js';
import { entryPoints, lineOf } from './house.js';
import type { House, SourceFile } from './house.js';

/** The roles a file may have; the last word of its name before `.ts`, after a dot. */
const roles = new Set([
  'contract',
  'flow',
  'input',
  'options',
  'feature',
  'store',
  'entity',
  'migration',
  'conformance',
  'idp',
  'provider',
  'printed',
  'guard',
  'filter',
  'interceptor',
  'decorators',
  'decorator',
  'module',
  'strategy',
  'controller',
  'middleware',
  'pipe',
]);

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Every part of a path is in kebab-case and a role, where a file names one, is a known one. */
export const namingFaults = (house: House): Fault[] =>
  [...house.keys()].flatMap((path) => {
    const folders = path.split('/');
    const [name, ...rest] = (folders.pop() as string).split('.');
    const isKebab = [...folders, name as string].every((part) => kebab.test(part));
    const [role, extension] = rest.length === 1 ? [undefined, rest[0]] : rest;
    if (!isKebab) return [`${path} is not in kebab-case`];
    if (extension !== 'ts' || rest.length > 2) return [`${path} is not named name[.role].ts`];
    return role === undefined || roles.has(role) ? [] : [`${path} has the unknown role .${role}`];
  });

/** Lines that hold code: neither blank nor only comment. */
export function codeLines(file: SourceFile): number {
  const lines = new Set<number>();
  const lineAt = (position: number) => file.tree.getLineAndCharacterOfPosition(position).line;
  const mark = (node: ts.Node): void => {
    if (node.getChildCount() === 0 && node.getWidth() > 0 && !ts.isJSDoc(node)) {
      for (let line = lineAt(node.getStart()); line <= lineAt(node.getEnd()); line++) lines.add(line);
    }
    for (const child of node.getChildren().filter((one) => !ts.isJSDoc(one))) mark(child);
  };
  mark(file.tree);
  return lines.size;
}

const isUnbudgeted = (path: string) => /\.(migration|printed)\.ts$/.test(path);

export const budgetFaults = (house: House, budget = 200): Fault[] =>
  [...house.values()]
    .filter((file) => !isUnbudgeted(file.path) && codeLines(file) > budget)
    .map((file) => `${file.path} has ${codeLines(file)} lines of code, more than ${budget}`);

/** A file that hands on what others export; only the entry points may. */
export const barrels = (house: House): Fault[] =>
  [...house.values()]
    .filter((file) => !entryPoints.includes(file.path))
    .flatMap((file) => [
      ...(file.path.endsWith('/index.ts') ? [`${file.path} is a barrel`] : []),
      ...file.imports
        .filter((one) => one.isReexport)
        .map((one) => `${file.path}:${one.line} hands on ${one.specifier}`),
    ]);

type Judge = (node: ts.Node) => string | null;

/** Asks about every node of every file; what is said about one is a fault. */
const search =
  (judge: Judge, isExempt: (path: string) => boolean = () => false) =>
  (house: House): Fault[] => {
    const faults: Fault[] = [];
    for (const { path, tree } of [...house.values()].filter((file) => !isExempt(file.path))) {
      const visit = (node: ts.Node): void => {
        const said = judge(node);
        if (said !== null) faults.push(`${path}:${lineOf(node)} ${said}`);
        ts.forEachChild(node, visit);
      };
      visit(tree);
    }
    return faults;
  };

const isMemberOf = (node: ts.Node, object: string): node is ts.PropertyAccessExpression =>
  ts.isPropertyAccessExpression(node) && node.expression.getText() === object;

export const weakRandomness = search((node) =>
  isMemberOf(node, 'Math') && node.name.text === 'random' ? 'draws from Math.random' : null,
);

/** A command talks to a person at a terminal; nothing else writes to the console. */
export const consoleUse = search(
  (node) => (isMemberOf(node, 'console') ? 'writes to the console' : null),
  (path) => path.startsWith('command/'),
);

const isSecretName = (name: string) =>
  /(secret|hash|hmac|mac|digest|signature|password|bearer|token|otp|nonce|verifier)$/i.test(name);

/** The last name of `a.b.c`, `a['c']` or `c`; empty for anything else, literals and calls among them. */
function lastName(node: ts.Expression): string {
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node)) return lastName(node.expression);
  if (ts.isIdentifier(node)) return node.text === 'undefined' ? '' : node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)
    ? node.argumentExpression.text
    : '';
}

const equalities = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

const isLiteral = (node: ts.Expression): boolean =>
  ts.isLiteralExpression(node) ||
  node.kind === ts.SyntaxKind.NullKeyword ||
  node.kind === ts.SyntaxKind.TrueKeyword ||
  node.kind === ts.SyntaxKind.FalseKeyword ||
  (ts.isIdentifier(node) && node.text === 'undefined');

/** A secret compared letter by letter tells a clock how much of it was right. Asking whether there is one is fine. */
export const leakyComparisons = search((node) => {
  if (!ts.isBinaryExpression(node) || !equalities.has(node.operatorToken.kind)) return null;
  if (isLiteral(node.left) || isLiteral(node.right)) return null;
  const isSecret = [node.left, node.right].some((side) => isSecretName(lastName(side)));
  return isSecret ? `compares a secret with ${node.operatorToken.getText()}: ${node.getText()}` : null;
});

const isWrittenTo = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node.parent) &&
  node.parent.left === node &&
  node.parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;

function readsCompatibility(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'compatibility' && !isWrittenTo(node);
  if (ts.isElementAccessExpression(node)) return lastName(node) === 'compatibility' && !isWrittenTo(node);
  return ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === 'compatibility';
}

/** Where the `compatibility` option is read, each file once. */
export const readersOfCompatibility = (house: House): string[] => [
  ...new Set(
    search((node) => (readsCompatibility(node) ? 'reads it' : null))(house).map(
      (fault) => fault.split(':')[0] as string,
    ),
  ),
];
