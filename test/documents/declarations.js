import { join } from 'node:path';
import ts from 'typescript';
import { readHouse, source } from '../architecture/house.js';
/** Finds what the library declares; nothing is listed by hand. */
export async function readDeclarations() {
  const files = [...readHouse().values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const constants = files.flatMap(constantsOf);
  const called = (name) => constants.filter(({ initializer }) => callee(initializer) === name);
  const shapes = constants.filter(
    ({ name, initializer }) => name.endsWith('Options') && isObject(initializer),
  );
  return {
    conditions: await inTurn(called('conditions'), load),
    operations: await inTurn(called('operation'), load),
    events: called('event').map((one) => ({ ...one, value: payloadOf(one.initializer) })),
    options: await inTurn(shapes, loadShape),
    interfaces: files.flatMap(interfacesOf),
  };
}
/** One after another: Jest links two modules that import a third at the same moment wrongly. */
async function inTurn(constants, take) {
  const taken = [];
  for (const one of constants) taken.push(await take(one));
  return taken;
}
async function load({ path, name, says }) {
  const module = await import(join(source, path));
  return { path, name, says, value: module[name] };
}
async function loadShape(constant) {
  const { value, ...rest } = await load(constant);
  const docs = new Map(membersOf(constant.initializer).map((one) => [one.name?.getText(), docstring(one)]));
  const entries = Object.entries(value).map(([name, option]) => ({
    name,
    says: docs.get(name) ?? '',
    option,
  }));
  return { ...rest, value: entries };
}
const isExported = (node) =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some((one) => one.kind === ts.SyntaxKind.ExportKeyword);
const constantsOf = ({ path, tree }) =>
  tree.statements
    .filter((one) => ts.isVariableStatement(one) && isExported(one))
    .flatMap((statement) =>
      statement.declarationList.declarations.flatMap(({ name, initializer }) =>
        initializer === undefined
          ? []
          : [{ path, name: name.getText(), says: docstring(statement), initializer: bare(initializer) }],
      ),
    );
/** The expression without `as const`, `satisfies` and parentheses. */
const bare = (node) =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
    ? bare(node.expression)
    : node;
/** The name of what is called, through `f<T>()(...)` too. */
function callee(node) {
  if (!ts.isCallExpression(node)) return null;
  return ts.isIdentifier(node.expression) ? node.expression.text : callee(node.expression);
}
const isObject = (node) => ts.isObjectLiteralExpression(node);
const membersOf = (node) => (isObject(node) ? node.properties : []);
const payloadOf = (node) =>
  ts.isCallExpression(node) ? oneLine(node.typeArguments?.[0]?.getText() ?? '') : '';
const interfacesOf = ({ path, tree }) =>
  tree.statements
    .filter((one) => ts.isInterfaceDeclaration(one) && isExported(one))
    .filter((one) => one.name.text.endsWith('Options'))
    .map((one) => ({ path, name: one.name.text, says: docstring(one), value: one.members.flatMap(member) }));
const member = (node) =>
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
const tagOf = (node, name) =>
  ts
    .getJSDocTags(node)
    .filter((tag) => tag.tagName.text === name)
    .map((tag) => oneLine(ts.getTextOfJSDocComment(tag.comment) ?? ''))
    .join(' ');
/** The docstring on one line, its tags left out. */
const docstring = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .filter((one) => ts.isJSDoc(one))
    .map((one) => oneLine(ts.getTextOfJSDocComment(one.comment) ?? ''))
    .join(' ');
const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
