import { parseDuration } from '../../core/duration.js';
import type { OptionMistake } from '../../core/option.js';
import { isPlainText } from '../claims.js';
import { PermissionSet, type PermissionEncoding } from './permissions.js';
import { isSafeName } from './safe-name.js';

/** The lifetimes of a type, in seconds. */
export interface TypeSettings {
  readonly lifetime: number;
  /** At least `lifetime`. */
  readonly sliding: number;
  /** `Infinity` for no end. */
  readonly absolute: number;
}

/** A profile as it was read. Spans are in seconds. */
export interface ProfileSettings {
  readonly name: string;
  readonly issuer: string;
  readonly audience: string;
  readonly types: ReadonlyMap<string, TypeSettings>;
  readonly defaultType: string;
  readonly exchange: ReadonlyMap<string, ReadonlySet<string>>;
  readonly tracked: ReadonlySet<string>;
  /** Each has a row. */
  readonly refreshable: ReadonlySet<string>;
  readonly reuseWindow: number;
  readonly oneTime: ReadonlyMap<string, number>;
  readonly clockTolerance: number;
  readonly maxAge: number | null;
  readonly permissionEncoding: PermissionEncoding;
}

/** What is looked at; anything may stand there. */
interface Given {
  readonly name?: unknown;
  readonly issuer?: unknown;
  readonly audience?: unknown;
  readonly keys?: unknown;
  readonly types?: unknown;
  readonly defaultType?: unknown;
  readonly exchange?: unknown;
  readonly refreshable?: unknown;
  readonly subject?: unknown;
  readonly resolve?: unknown;
  readonly permissions?: unknown;
  readonly grant?: unknown;
  readonly permissionEncoding?: unknown;
  readonly tracking?: unknown;
  readonly oneTime?: unknown;
  readonly clockTolerance?: unknown;
  readonly maxAge?: unknown;
  readonly hooks?: unknown;
}

const known =
  `name issuer audience keys types defaultType exchange refreshable subject resolve permissions grant permissionEncoding
  tracking oneTime clockTolerance maxAge hooks`.split(/\s+/);

const durationRemedy = "Write a duration of a second or more, such as '90s', '15m' or '30d'";
const nameRemedy = 'Use a letter, then letters, digits, "-", "_" and "."; no name that every object has';

/** Reads a profile; every mistake is noted with its path, none is thrown. */
export function readProfile(given: Given): { settings: ProfileSettings; mistakes: OptionMistake[] } {
  const reader = new Reader(isSafeName(given.name) ? `profiles.${given.name}` : 'profiles');
  const types = reader.types(given.types);
  const exchange = reader.exchange(given.exchange, types);
  const chosen =
    given.refreshable === undefined ? null : reader.typeNames('refreshable', given.refreshable, types);
  const tracking = reader.tracking(given.tracking);
  const tracked =
    tracking.types === undefined
      ? new Set([...exchange.keys(), ...(chosen ?? [])])
      : reader.typeNames('tracking.types', tracking.types, types);
  const refreshable = chosen ?? new Set([...exchange.keys()].filter((type) => tracked.has(type)));
  const settings: ProfileSettings = Object.freeze({
    name: reader.name('name', given.name),
    issuer: reader.text('issuer', given.issuer ?? 'nest-guardian'),
    audience: reader.text('audience', given.audience),
    types,
    defaultType: reader.typeName('defaultType', given.defaultType, types),
    exchange,
    tracked,
    refreshable,
    reuseWindow: reader.span('tracking.reuseWindow', tracking.reuseWindow ?? '0s', { min: 0, max: 60 }),
    oneTime: reader.spans('oneTime', given.oneTime ?? {}),
    clockTolerance: reader.span('clockTolerance', given.clockTolerance ?? '0s', { min: 0, max: 60 }),
    maxAge: given.maxAge === undefined ? null : reader.span('maxAge', given.maxAge),
    permissionEncoding: given.permissionEncoding === 'text' ? 'text' : 'bits',
  });
  requireRest(given, reader);
  requireRefreshable(settings, reader);
  return { settings, mistakes: reader.mistakes };
}

function requireRest(given: Given, reader: Reader): void {
  reader.requireKnown('', given, known);
  // A secret that is missing at run time must not become somebody else's.
  if ('keys' in given && (given.keys === undefined || given.keys === null)) {
    reader.note('keys', 'is there and has no value', 'Give keys, or leave the option out');
  }
  for (const name of ['subject', 'resolve'] as const) {
    if (typeof given[name] !== 'function') reader.note(name, 'is not a function', 'Give a function');
  }
  if (given.permissions !== undefined && !(given.permissions instanceof PermissionSet)) {
    reader.note('permissions', 'cannot be read', 'Give what definePermissions returns');
  }
  if ((given.permissions === undefined) !== (given.grant === undefined)) {
    reader.note('grant', 'goes with permissions', 'Give both, or neither');
  }
  if (given.hooks !== undefined && !Array.isArray(given.hooks)) {
    reader.note('hooks', 'is not a list', 'Give a list of classes');
  }
  if (![undefined, 'bits', 'text'].includes(given.permissionEncoding as string | undefined)) {
    reader.note('permissionEncoding', 'cannot be read', 'It must be bits or text');
  }
}

function requireRefreshable({ types, tracked, refreshable }: ProfileSettings, reader: Reader): void {
  for (const type of refreshable) {
    if (tracked.has(type)) continue;
    reader.note('refreshable', `names ${type}, which has no row`, 'Name it in tracking.types too');
  }
  for (const [type, { lifetime, sliding }] of types) {
    if (sliding <= lifetime || refreshable.has(type)) continue;
    reader.note(`types.${type}.sliding`, 'is for a type that cannot be refreshed', 'Name it in refreshable');
  }
}

type Bounds = { readonly min?: number; readonly max?: number };

class Reader {
  readonly mistakes: OptionMistake[] = [];

  constructor(private readonly path: string) {}

  note(name: string, reason: string, remedy: string): void {
    this.mistakes.push({ path: `${this.path}.${name}`, reason, remedy });
  }

  /** @param path ends with a dot where it is not empty */
  requireKnown(path: string, value: object, names: readonly string[]): void {
    for (const name of Object.keys(value).filter((key) => !names.includes(key))) {
      this.note(`${path}${name}`, 'is not an option', `Options here are ${names.join(', ')}`);
    }
  }

  name(path: string, value: unknown): string {
    if (isSafeName(value)) return value;
    this.note(path, 'cannot be a name', nameRemedy);
    return '';
  }

  text(path: string, value: unknown): string {
    if (isPlainText(value) && value !== '') return value as string;
    this.note(path, 'is not text', 'Give a text that is not empty');
    return '';
  }

  /** Seconds. */
  span(path: string, value: unknown, { min = 1, max = Infinity }: Bounds = {}): number {
    const seconds = typeof value === 'string' ? Math.floor((parseDuration(value) ?? NaN) / 1000) : NaN;
    if (seconds >= min && seconds <= max) return seconds;
    const remedy = max === Infinity ? durationRemedy : `Write a duration of at most ${max}s`;
    this.note(path, Number.isNaN(seconds) ? 'is no duration' : 'is too short or too long', remedy);
    return min;
  }

  spans(path: string, value: unknown): Map<string, number> {
    return this.#named(path, value, (at, one) => this.span(at, one));
  }

  types(value: unknown): Map<string, TypeSettings> {
    const types = this.#named('types', value, (at, one) => this.#type(at, one));
    if (types.size === 0) this.note('types', 'has no type', "Write them like { access: '15m' }");
    return types;
  }

  #type(path: string, value: unknown): TypeSettings {
    const given = (typeof value === 'object' && value !== null ? value : { lifetime: value }) as {
      readonly [member: string]: unknown;
    };
    this.requireKnown(`${path}.`, given, ['lifetime', 'sliding', 'absolute']);
    const lifetime = this.span(`${path}.lifetime`, given.lifetime);
    const sliding = given.sliding === undefined ? lifetime : this.span(`${path}.sliding`, given.sliding);
    const absolute = given.absolute === undefined ? Infinity : this.span(`${path}.absolute`, given.absolute);
    if (sliding < lifetime || absolute < sliding) {
      this.note(path, 'ends before it begins', 'lifetime, sliding and absolute go from short to long');
    }
    return Object.freeze({ lifetime, sliding, absolute });
  }

  exchange(value: unknown = {}, types: ReadonlyMap<string, TypeSettings>): Map<string, Set<string>> {
    const table = this.#named('exchange', value, (at, targets) => this.typeNames(at, targets, types));
    for (const from of table.keys()) this.typeName(`exchange.${from}`, from, types);
    return table;
  }

  tracking(value: unknown = {}): { readonly types?: unknown; readonly reuseWindow?: unknown } {
    if (value === false) return { types: [] };
    if (typeof value === 'object' && value !== null) {
      this.requireKnown('tracking.', value, ['types', 'reuseWindow']);
      return value;
    }
    this.note('tracking', 'cannot be read', 'Give { types: [...] }, or false');
    return {};
  }

  typeName(path: string, value: unknown, types: ReadonlyMap<string, TypeSettings>): string {
    if (typeof value === 'string' && types.has(value)) return value;
    this.note(path, 'is not one of the types', `Types are ${[...types.keys()].join(', ')}`);
    return '';
  }

  typeNames(path: string, value: unknown, types: ReadonlyMap<string, TypeSettings>): Set<string> {
    if (!Array.isArray(value)) {
      this.note(path, 'is not a list', 'Give a list of types');
      return new Set();
    }
    return new Set(value.map((one) => this.typeName(path, one, types)));
  }

  #named<T>(path: string, value: unknown, read: (path: string, value: unknown) => T): Map<string, T> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.note(path, 'is not an object', 'Give it by name');
      return new Map();
    }
    // An own `__proto__` is a name like any other here, and refused as one.
    const entries = Object.entries(value);
    return new Map(
      entries.map(([name, one]) => [this.name(`${path}.${name}`, name), read(`${path}.${name}`, one)]),
    );
  }
}
