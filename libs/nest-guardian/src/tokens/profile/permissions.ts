import { decodeBase64url } from '../base64url.js';
import { isSafeName } from './safe-name.js';

export type PermissionsGiven = Readonly<Record<string, readonly string[]>>;

/** `'notes:read' | 'notes:write'` of `{ notes: ['read', 'write'] }`. */
export type PermissionOf<G extends PermissionsGiven> = {
  [S in keyof G & string]: `${S}:${G[S][number]}`;
}[keyof G & string];

/** All of one list, at least one of another, or both. */
export interface PermissionsWanted<P extends string = string> {
  readonly all?: readonly P[];
  readonly any?: readonly P[];
}

export type PermissionEncoding = 'bits' | 'text';

/** What is written into the claim `pem`: by set, bits in base64url or names. */
export type EncodedPermissions = Readonly<Record<string, string | readonly string[]>>;

/** The permissions that there are. A name that is not among them is refused wherever it is written. */
export class PermissionSet<P extends string = string> {
  readonly names: readonly P[];
  readonly #known: ReadonlySet<string>;
  readonly #sets: ReadonlyMap<string, readonly string[]>;

  /** @throws TypeError for names that cannot be */
  constructor(given: PermissionsGiven) {
    const sets = Object.entries(given);
    for (const [set, names] of sets) requireReadable(set, names);
    this.#sets = new Map(sets);
    this.names = sets.flatMap(([set, names]) => names.map((name) => `${set}:${name}` as P));
    this.#known = new Set(this.names);
  }

  has(name: unknown): name is P {
    return typeof name === 'string' && this.#known.has(name);
  }

  encode(held: readonly string[], encoding: PermissionEncoding): EncodedPermissions {
    const holds = new Set(held);
    const encoded: [string, string | readonly string[]][] = [];
    for (const [set, names] of this.#sets) {
      const isHeld = names.map((name) => holds.has(`${set}:${name}`));
      if (!isHeld.includes(true)) continue;
      encoded.push([set, encoding === 'bits' ? toBits(isHeld) : names.filter((_, index) => isHeld[index])]);
    }
    return Object.fromEntries(encoded);
  }

  /**
   * The permissions that a claim says, in either encoding, or null for what is none. What is not known any more is left
   * out.
   */
  decode(claim: unknown): readonly P[] | null {
    if (typeof claim !== 'object' || claim === null || Array.isArray(claim)) return null;
    const found: string[] = [];
    for (const [set, value] of Object.entries(claim)) {
      const names = this.#sets.get(set) ?? [];
      const held = typeof value === 'string' ? fromBits(value, names) : fromText(value, names);
      if (held === null) return null;
      found.push(...held.map((name) => `${set}:${name}`));
    }
    return Object.freeze(found as P[]);
  }
}

/**
 * Declares what tokens may permit: `definePermissions({ notes: ['read', 'write'] })`. Where they are written as bits,
 * the order is what counts: new names go to the end, and none is ever taken out.
 * @throws TypeError for a name that cannot be, or that is there twice
 */
export const definePermissions = <const G extends PermissionsGiven>(
  given: G,
): PermissionSet<PermissionOf<G>> => new PermissionSet<PermissionOf<G>>(given);

/** Whether those held are enough. To ask for nothing is not allowed, and nothing is enough for it. */
export function isPermitted(held: readonly string[], { all, any }: PermissionsWanted): boolean {
  if (all === undefined && any === undefined) return false;
  const holds = (name: string): boolean => held.includes(name);
  return (all?.every(holds) ?? true) && (any?.some(holds) ?? true);
}

/** What is wrong with a question about permissions, or null. */
export function mistakeInWanted(wanted: PermissionsWanted, set: PermissionSet | null): string | null {
  const lists = [wanted?.all, wanted?.any].filter((list) => list !== undefined);
  if (lists.length === 0 || lists.some((list) => !Array.isArray(list) || list.length === 0)) {
    return 'asks for nothing, which would let everybody in';
  }
  const unknown = lists.flat().find((name) => set !== null && !set.has(name));
  return unknown === undefined ? null : `asks for ${String(unknown)}, which is not defined`;
}

function requireReadable(set: string, names: readonly string[]): void {
  const all = Array.isArray(names) ? [set, ...names] : [];
  if (all.length < 2 || !all.every(isSafeName)) {
    throw new TypeError(`Permissions ${set}: names are letters, digits, "-", "_" and ".", and at least one`);
  }
  if (new Set(names).size !== names.length) throw new TypeError(`Permissions ${set}: a name is there twice`);
}

/** The first name is the lowest bit of the first byte. */
function toBits(isHeld: readonly boolean[]): string {
  const bytes = Buffer.alloc(Math.ceil((isHeld.lastIndexOf(true) + 1) / 8));
  for (const [bit, held] of isHeld.entries()) {
    if (held) bytes[bit >> 3] = (bytes[bit >> 3] as number) | (1 << (bit & 7));
  }
  return bytes.toString('base64url');
}

function fromBits(text: string, names: readonly string[]): readonly string[] | null {
  const bytes = decodeBase64url(text);
  if (bytes === null) return null;
  return names.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0);
}

const fromText = (value: unknown, names: readonly string[]): readonly string[] | null =>
  Array.isArray(value) ? names.filter((name) => value.includes(name)) : null;
