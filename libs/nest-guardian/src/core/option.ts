import { parseDuration } from './duration.js';
import { durationOf, flagOf, listOf, numberOf } from './variable-text.js';

/** One mistake in the options: where, what is wrong, and what to do about it. Never quotes a secret. */
export interface OptionMistake {
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
}

/** All mistakes at once, as the application's developer reads them at boot. */
export class OptionsError extends TypeError {
  constructor(readonly mistakes: readonly OptionMistake[]) {
    const lines = mistakes.map(({ path, reason, remedy }) => `  - ${path}: ${reason}. ${remedy}`);
    super(`nest-guardian cannot start with these options:\n${lines.join('\n')}`);
    this.name = 'OptionsError';
  }
}

/** An option of a feature: its default, how a given value is read, what GoTrue calls it in the environment. */
export interface Option<T> {
  readonly default: T;
  /** Returns the value, or a sentence that says what it has to be. */
  readonly read: (value: unknown) => { readonly value: T } | { readonly mustBe: string };
  /** The variable of `contract/gotrue-environment.md`, if GoTrue has one. */
  readonly env?: string;
  /** What the text of a variable says, in the form that `read` takes; left out, the text itself. */
  readonly fromText?: (text: string) => unknown;
  /** The variable says the opposite. */
  readonly isOpposite?: true;
}

export type OptionShape = Readonly<Record<string, Option<unknown>>>;
export type Settings<S extends OptionShape> = {
  readonly [K in keyof S]: S[K] extends Option<infer T> ? T : never;
};
/** What a developer may write: `'15m'` for a duration, whatever the setting is otherwise. */
export type Given<S extends OptionShape> = {
  readonly [K in keyof S]?: S[K] extends Duration
    ? string | number
    : S[K] extends Option<infer T>
      ? T
      : never;
};

export interface Duration extends Option<number> {
  readonly isDuration: true;
}

const take =
  <T>(is: (value: unknown) => value is T, mustBe: string): Option<T>['read'] =>
  (value) =>
    is(value) ? { value } : { mustBe };

export const flag = (byDefault: boolean, env?: string): Option<boolean> => ({
  default: byDefault,
  env,
  fromText: flagOf,
  read: take((value): value is boolean => typeof value === 'boolean', 'true or false'),
});

/** For a variable that says the opposite of its option: `opposite(flag(true, 'GOTRUE_DISABLE_SIGNUP'))`. */
export const opposite = (option: Option<boolean>): Option<boolean> => ({
  ...option,
  isOpposite: true,
  fromText: (text) => {
    const said = flagOf(text);
    return typeof said === 'boolean' ? !said : said;
  },
});

export const integer = (
  byDefault: number,
  { min, max }: { readonly min: number; readonly max: number },
  env?: string,
): Option<number> => ({
  default: byDefault,
  env,
  fromText: numberOf,
  read: take(
    (value): value is number =>
      Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
    `a whole number from ${min} to ${max}`,
  ),
});

export const text = (byDefault: string, env?: string): Option<string> => ({
  default: byDefault,
  env,
  fromText: (said) => said,
  read: take((value): value is string => typeof value === 'string', 'text'),
});

export const texts = (byDefault: readonly string[], env?: string): Option<readonly string[]> => ({
  default: byDefault,
  env,
  fromText: listOf,
  read: take(
    (value): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== ''),
    'a list of texts',
  ),
});

export const choice = <const T extends string | number>(
  choices: readonly T[],
  byDefault: NoInfer<T>,
  env?: string,
): Option<T> => ({
  default: byDefault,
  env,
  fromText: (said) => choices.find((one) => String(one) === said) ?? said,
  read: take((value): value is T => choices.includes(value as T), `one of ${choices.join(', ')}`),
});

/** A span of time, given as `'15m'`; the setting is in milliseconds. */
export const duration = (byDefault: string, env?: string): Duration => ({
  isDuration: true,
  default: parseDuration(byDefault) as number,
  env,
  fromText: durationOf,
  read: (value) => {
    const milliseconds = typeof value === 'string' ? parseDuration(value) : null;
    return milliseconds === null
      ? { mustBe: "a duration such as '90s', '15m', '12h' or '30d'" }
      : { value: milliseconds };
  },
});

/** Where options stand, and where what is wrong with them is noted. */
export interface OptionsAt {
  readonly path: string;
  readonly mistakes: OptionMistake[];
}

/** Reads what was given against the shape; every mistake is noted, none is thrown. */
export function readOptions<S extends OptionShape>(
  shape: S,
  given: unknown,
  { path, mistakes }: OptionsAt,
): Settings<S> {
  const isObject = typeof (given ?? {}) === 'object' && !Array.isArray(given);
  if (!isObject) mistakes.push({ path, reason: 'is not an object', remedy: 'Give the options by name' });
  const values = (isObject ? (given ?? {}) : {}) as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values).filter((key) => !Object.hasOwn(shape, key))) {
    mistakes.push({
      path: `${path}.${name}`,
      reason: 'is not an option',
      remedy: `Options here are ${Object.keys(shape).join(', ')}`,
    });
  }
  const settings = Object.entries(shape).map(([name, option]) => {
    if (values[name] === undefined) return [name, option.default];
    const read = option.read(values[name]);
    if ('value' in read) return [name, read.value];
    mistakes.push({
      path: `${path}.${name}`,
      reason: 'cannot be read',
      remedy: `It must be ${read.mustBe}`,
    });
    return [name, option.default];
  });
  return Object.freeze(Object.fromEntries(settings)) as Settings<S>;
}
