import type { Option, OptionMistake, OptionShape } from '../core/option.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable of the environment, and the option that it sets. */
export interface Variable {
  readonly name: string;
  /** Names that are read when the first is not set. */
  readonly also?: readonly string[];
  /** Where in the options its value stands; left out for one that is only judged. */
  readonly path?: string;
  /** What its text says; left out, the text itself. */
  readonly fromText?: (text: string, env: Environment) => unknown;
  /** Why the text cannot be used, where the option itself would not say so. */
  readonly refuse?: (text: string) => Omit<OptionMistake, 'path'> | null;
  /** The declared option that it sets. */
  readonly option?: Option<unknown>;
  /** What the printed list says of it, where no docstring of an option does. */
  readonly says?: string;
}

/**
 * The variables of declared options: GoTrue's name where there is one, and otherwise `GUARDIAN_`, the prefix and
 * the option's own name. An option that no text can express has none.
 */
export function variablesOf(group: string, shape: OptionShape, prefix = group): Variable[] {
  return Object.entries(shape)
    .filter(([, { env, fromText }]) => env !== undefined || fromText !== undefined)
    .map(([name, option]) => ({
      name: option.env ?? `GUARDIAN_${upperSnake(prefix)}_${upperSnake(name)}`,
      path: `${group}.${name}`,
      fromText: option.fromText,
      option,
    }));
}

const upperSnake = (name: string): string => name.replace(/[A-Z]/g, '_$&').toUpperCase();

/** The name under which the variable is set; the first one where it is not. */
export const nameIn = (env: Environment, { name, also = [] }: Variable): string =>
  [name, ...also].find((one) => isSet(env, one)) ?? name;

/** Files of variables leave unwanted ones empty, which is as good as leaving them out. */
export const isSet = (env: Environment, name: string): boolean => (env[name] ?? '') !== '';

/** The options that the variables set, nested by their paths; what cannot be used is noted and left out. */
export function readVariables(
  variables: readonly Variable[],
  env: Environment,
  mistakes: OptionMistake[],
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const variable of variables) {
    const name = nameIn(env, variable);
    const text = env[name] ?? '';
    if (text === '') continue;
    const refusal = variable.refuse?.(text) ?? null;
    if (refusal !== null) mistakes.push({ path: name, ...refusal });
    else if (variable.path !== undefined) {
      place(options, variable.path.split('.'), variable.fromText ? variable.fromText(text, env) : text);
    }
  }
  return options;
}

type Tree = Record<string, unknown>;

/** Puts the value where the path leads. Several variables may each give a part of one object. */
function place(tree: Tree, [name = '', ...rest]: readonly string[], value: unknown): void {
  const branch = tree[name];
  if (rest.length > 0) {
    tree[name] = isTree(branch) ? branch : {};
    return place(tree[name] as Tree, rest, value);
  }
  tree[name] = isTree(branch) && isTree(value) ? { ...branch, ...value } : value;
}

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same mistakes, each at the variable that its option is set by. */
export const atVariables = (
  mistakes: readonly OptionMistake[],
  variables: readonly Variable[],
  env: Environment,
): OptionMistake[] =>
  mistakes.map((mistake) => {
    const fitting = variables.filter(({ path }) => path !== undefined && isWithin(path, mistake.path));
    const variable = fitting.find((one) => isSet(env, nameIn(env, one))) ?? fitting[0];
    if (variable?.path === undefined) return mistake;
    return { ...mistake, path: `${nameIn(env, variable)}${mistake.path.slice(variable.path.length)}` };
  });

const isWithin = (path: string, whole: string): boolean =>
  whole === path || whole.startsWith(`${path}.`) || whole.startsWith(`${path}[`);
