import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const library = join(root, 'libs/nest-guardian');
export const source = join(library, 'src');

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8')) as Manifest;

/** The packages that the library's manifest names, optional ones among them. */
export const declaredPackages: readonly string[] = Object.keys({
  ...manifest.dependencies,
  ...manifest.peerDependencies,
});

/** The entry points' file names, as the package's `exports` say them. */
export const entryPoints: readonly string[] = Object.values(manifest.exports)
  .filter((target): target is { default: string } => typeof target === 'object')
  .map((target) => target.default.replace('./dist/', '').replace(/\.js$/, '.ts'));

export interface Import {
  /** What is written between the quotes. */
  readonly specifier: string;
  /** The imported file's path within `src`, or null for a package. */
  readonly file: string | null;
  readonly line: number;
  readonly isTypeOnly: boolean;
  readonly isDynamic: boolean;
  readonly isReexport: boolean;
}

export interface SourceFile {
  /** Within `src`, with forward slashes. */
  readonly path: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** Every file by its path. */
export type House = ReadonlyMap<string, SourceFile>;

/** Reads the library as it is on disk, specs left out. */
export const readHouse = (): House =>
  build(
    readdirSync(source, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file): [string, string] => [
        relative(source, file).split(sep).join('/'),
        readFileSync(file, 'utf8'),
      ])
      .filter(([path]) => !isSpec(path) && !isTemplate(path)),
  );

/** A house from text, to plant faults in. */
export const build = (files: Iterable<readonly [path: string, text: string]>): House =>
  new Map([...files].map(([path, text]) => [path, parse(path, text)]));

const isSpec = (path: string) => path.endsWith('.spec.ts');
/** What the schematics write is other people's code, not a part of the house. */
const isTemplate = (path: string) => /^schematics\/.*\/?files\//.test(path);

function parse(path: string, text: string): SourceFile {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== null) imports.push({ ...found, file: resolve(path, found.specifier), line: lineOf(node) });
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, tree, imports };
}

export const lineOf = (node: ts.Node): number =>
  node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;

const resolve = (from: string, specifier: string): string | null =>
  specifier.startsWith('.')
    ? posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\.js$/, '.ts')
    : null;

function importOf(node: ts.Node): Omit<Import, 'file' | 'line'> | null {
  if (ts.isImportDeclaration(node)) {
    return { ...written(node.moduleSpecifier), isTypeOnly: bringsTypesOnly(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const names = node.exportClause;
    const isTypeOnly =
      node.isTypeOnly ||
      (names !== undefined &&
        ts.isNamedExports(names) &&
        names.elements.length > 0 &&
        names.elements.every((one) => one.isTypeOnly));
    return { ...written(node.moduleSpecifier), isTypeOnly, isReexport: true };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { ...written(node.argument.literal), isTypeOnly: true };
  }
  return isDynamicImport(node) ? { ...written(node.arguments[0] as ts.Expression), isDynamic: true } : null;
}

const written = (literal: ts.Node) => ({
  specifier: ts.isStringLiteralLike(literal) ? literal.text : '',
  isTypeOnly: false,
  isDynamic: false,
  isReexport: false,
});

function bringsTypesOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  const isEachType =
    names !== undefined &&
    ts.isNamedImports(names) &&
    names.elements.length > 0 &&
    names.elements.every((one) => one.isTypeOnly);
  return clause.name === undefined && isEachType;
}

/** `import('x')` and `require('x')`; one whose argument is computed names nothing that can be judged. */
const isDynamicImport = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) &&
  (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require') &&
  node.arguments.length > 0 &&
  ts.isStringLiteralLike(node.arguments[0] as ts.Expression);
