import { entryPoints } from './house.js';
import type { House, Import, SourceFile } from './house.js';

/** A fault and where it is, as `path:line what`. */
export type Fault = string;

/** The floors of the house; a folder that is not here is not in the house. */
const floors: readonly (readonly string[])[] = [
  ['core'],
  ['wire', 'tokens'],
  ['steps'],
  ['features'],
  ['client', 'providers', 'persistence', 'delivery', 'idps', 'http', 'contexts', 'passport'],
  ['module'],
  ['command', 'schematics', 'testing'],
];

const roof = floors.length;

/** Neighbours on floor 4 that may be asked across the corridor. */
const doors: ReadonlyArray<readonly [from: RegExp, to: RegExp]> = [
  [/^providers\/gotrue[./]/, /^client\//],
  [/^contexts\//, /^http\//],
];

const onFloor4 = /\.(feature|input|store|entity|migration)\.ts$/;
const onFloor6 = /\.conformance\.ts$/;

/** The floor a file stands on; entry points stand on the roof. Undefined when the house has no place for it. */
export function floorOf(path: string): number | undefined {
  if (entryPoints.includes(path)) return roof;
  const floor = floors.findIndex((folders) => folders.includes(path.split('/')[0] as string));
  if (floor === -1 || !path.includes('/')) return undefined;
  if (onFloor6.test(path)) return 6;
  return onFloor4.test(path) ? Math.max(4, floor) : floor;
}

/** A conformance suite lives with its bench, wherever it lies. */
const folderOf = (path: string): string => (onFloor6.test(path) ? 'testing' : (path.split('/')[0] as string));

/** Why this import is forbidden, or null. */
function objection(from: SourceFile, { file }: Import): string | null {
  if (file === null) return null;
  if (entryPoints.includes(file)) return `imports the entry point ${file}`;
  if (file.endsWith('/index.ts')) return `imports the barrel ${file}`;
  const here = floorOf(from.path);
  const there = floorOf(file);
  if (here === undefined || there === undefined || there < here) return null;
  if (there > here) return `is on floor ${here} and imports ${file} from floor ${there}`;
  const isDoor = doors.some(([a, b]) => a.test(from.path) && b.test(file));
  return folderOf(from.path) === folderOf(file) || isDoor ? null : `imports its neighbour ${file}`;
}

/** A file imports from lower floors, or from its own folder, and never an entry point or an index. */
export const importLaw = (house: House): Fault[] =>
  [...house.values()].flatMap((file) =>
    file.imports.flatMap((one) => {
      const why = objection(file, one);
      return why === null ? [] : [`${file.path}:${one.line} ${why}`];
    }),
  );

export const strangers = (house: House): Fault[] =>
  [...house.keys()]
    .filter((path) => floorOf(path) === undefined)
    .map((path) => `${path} lies in no folder of the house and is no entry point`);

/** A relative import that leads nowhere would pass every other law. */
export const deadEnds = (house: House): Fault[] =>
  [...house.values()].flatMap((file) =>
    file.imports
      .filter((one) => one.file !== null && one.file.endsWith('.ts') && !house.has(one.file))
      .map((one) => `${file.path}:${one.line} imports ${one.specifier}, which is not there`),
  );

/** Imports of packages that an installation of the library need not bring along. */
export const undeclared = (house: House, declared: readonly string[]): Fault[] =>
  [...house.values()].flatMap((file) =>
    file.imports
      .filter(({ file: inside, specifier }) => inside === null && !specifier.startsWith('node:'))
      .filter(({ specifier }) => !declared.includes(packageOf(specifier)))
      .map(({ specifier, line }) => `${file.path}:${line} imports ${packageOf(specifier)}`),
  );

/** Every ring of files that import each other, types included. */
export function cycles(house: House): Fault[] {
  const rings = new Map<string, Fault>();
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at !== -1) {
      const ring = trail.slice(at);
      rings.set(ring.toSorted().join(), [...ring, path].join(' -> '));
    }
    if (at !== -1 || done.has(path)) return;
    for (const { file } of house.get(path)?.imports ?? []) {
      if (file !== null) walk(file, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of house.keys()) walk(path, []);
  return [...rings.values()];
}

/** The packages that loading this file loads: through imports of values, not through `import()`. */
export function packagesLoadedBy(path: string, house: House): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const load = (here: string): void => {
    if (seen.has(here)) return;
    seen.add(here);
    for (const { file, specifier, line } of (house.get(here)?.imports ?? []).filter(isLoaded)) {
      if (file !== null) load(file);
      else if (!found.has(packageOf(specifier))) found.set(packageOf(specifier), `${here}:${line}`);
    }
  };
  load(path);
  return found;
}

const isLoaded = ({ isTypeOnly, isDynamic }: Import): boolean => !isTypeOnly && !isDynamic;

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
