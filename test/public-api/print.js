import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { entryPoints, root, source } from '../architecture/house.js';
/** What the entry points export, as the compiler sees it. */
export function publicApi() {
    const files = entryPoints.filter((path) => existsSync(join(source, path)));
    const program = ts.createProgram(files.map((path) => join(source, path)), compilerOptions());
    return Object.fromEntries(files.map((path) => [nameOf(path), exportsOf(program, path)]));
}
const nameOf = (path) => path === 'index.ts' ? 'nest-guardian' : `nest-guardian/${path.replace(/\.ts$/, '')}`;
function compilerOptions() {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root).options;
}
function exportsOf(program, path) {
    const checker = program.getTypeChecker();
    const file = program.getSourceFile(join(source, path));
    const module = file && checker.getSymbolAtLocation(file);
    const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
    return Object.fromEntries(symbols
        .map((symbol) => [symbol.name, kindOf(symbol, checker)])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
function kindOf(symbol, checker) {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const { flags, valueDeclaration } = isAlias ? checker.getAliasedSymbol(symbol) : symbol;
    if ((flags & ts.SymbolFlags.Value) === 0)
        return 'type';
    if (isAlias && isTypeOnlyExport(symbol))
        return 'type';
    if ((flags & ts.SymbolFlags.Class) !== 0)
        return isAbstract(valueDeclaration) ? 'abstract class' : 'class';
    if ((flags & ts.SymbolFlags.Function) !== 0)
        return 'function';
    const type = valueDeclaration && checker.getTypeAtLocation(valueDeclaration);
    return type !== undefined && type.getCallSignatures().length > 0 ? 'function' : 'const';
}
const isTypeOnlyExport = (symbol) => (symbol.declarations ?? []).some((one) => ts.isExportSpecifier(one) && (one.isTypeOnly || one.parent.parent.isTypeOnly));
const isAbstract = (declaration) => declaration !== undefined && (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Abstract) !== 0;
