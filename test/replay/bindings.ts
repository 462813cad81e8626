import { randomBytes, randomUUID } from 'node:crypto';

const placeholder = /\{\{([^}]+)\}\}/g;

/** What may stand where a placeholder stands, by its kind (the part before `#` or `:`). */
const forms: Readonly<Record<string, string>> = {
  'time.fractionZ': String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`,
  timeZ: String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`,
  seconds: String.raw`\d{10}`,
  n: String.raw`\d+`,
  count: String.raw`\d+`,
  last: String.raw`\d+`,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  jwt: String.raw`[\w-]+\.[\w-]+\.[\w-]+`,
  refresh: String.raw`[\w-]{12,}`,
  hash: String.raw`[\w-]{20,}`,
  secret: '[A-Z2-7]{16,}',
  state: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  github: String.raw`\d+`,
};

/** Those that are numbers where they stand alone. */
const numbers = new Set(['seconds', 'n', 'count', 'last']);

/** Those whose next number is another value. A token may be signed twice alike. */
const distinct = new Set(['uuid', 'refresh', 'hash', 'secret', 'state', 'provider_token']);

/** Those that are another value each time they appear, and known only to be sent back. */
const changing = new Set(['jwt', 'otp']);

/** What the recordings only describe. */
const described: Readonly<Record<string, RegExp>> = {
  '(an svg image)': /^(<\?xml [^>]*>\s*)?<svg .*<\/svg>\s*$/s,
};

const kindOf = (name: string): string => name.split(/[#:]/)[0] as string;
const isNamed = (name: string): boolean => /[#:]/.test(name);
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);

export const placeholdersIn = (value: unknown): string[] => [
  ...new Set([...JSON.stringify(value ?? null).matchAll(placeholder)].map(([, name]) => name as string)),
];

/** What the placeholders of one recording stand for, as far as the play has come. */
export class Bindings {
  readonly #values = new Map<string, string>();
  readonly #run = randomBytes(6).toString('hex');

  constructor(base: string) {
    this.#values.set('base', base).set('run', this.#run);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  bind(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** The value with every placeholder replaced; those that nobody has bound are made up and bound. */
  fill<T>(value: T): T {
    if (typeof value === 'string') {
      return value.replace(placeholder, (_, name: string) => this.#get(name)) as T;
    }
    if (Array.isArray(value)) return value.map((item) => this.fill(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.fill(item)])) as T;
  }

  /** Whether the text is the expected one; placeholders that are new are bound on the way. */
  matches(expected: string, actual: unknown): boolean {
    const names = [...expected.matchAll(placeholder)].map(([, name]) => name as string);
    if (names.length === 1 && expected === `{{${names[0]}}}` && numbers.has(names[0] as string)) {
      // In a header it is text.
      return Number.isSafeInteger(typeof actual === 'string' ? Number(actual) : actual);
    }
    if (typeof actual !== 'string') return false;
    if (described[expected] !== undefined) return described[expected].test(actual);
    const captured = new Map<string, number>();
    const pattern = expected.split(placeholder).map((part, index) => {
      if (index % 2 === 0) return escape(part);
      return this.#pattern(part, captured);
    });
    const match = new RegExp(`^${pattern.join('')}$`).exec(actual);
    if (match === null) return false;
    return [...captured].every(([name, group]) => this.#take(name, match[group] as string));
  }

  #pattern(name: string, captured: Map<string, number>): string {
    const known = changing.has(kindOf(name)) ? undefined : this.#known(name);
    // In a query it is encoded.
    if (name === 'base')
      return `(?:${escape(this.#get(name))}|${escape(encodeURIComponent(this.#get(name)))})`;
    if (known !== undefined) return escape(known);
    const form = forms[kindOf(name)] ?? '[^&#"]+';
    if (!isNamed(name)) return `(?:${form})`;
    const group = captured.get(name);
    if (group !== undefined) return String.raw`\${group}`;
    captured.set(name, captured.size + 1);
    return `(${form})`;
  }

  #take(name: string, value: string): boolean {
    const kind = kindOf(name);
    const isTaken = [...this.#values].some(([other, taken]) => kindOf(other) === kind && taken === value);
    if (distinct.has(kind) && isTaken) return false;
    this.bind(name, value);
    return true;
  }

  #known(name: string): string | undefined {
    return ['email', 'EMAIL', 'phone'].includes(kindOf(name)) ? this.#get(name) : this.#values.get(name);
  }

  #get(name: string): string {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name);
    if (isNamed(name)) this.bind(name, made);
    return made;
  }

  #make(name: string): string {
    const [kind, label = ''] = name.split(/[#:]/) as [string, string?];
    if (kind === 'email') return `${label}-${this.#run}@example.com`;
    if (kind === 'EMAIL') return this.#get(`email:${label}`).toUpperCase();
    if (kind === 'phone') return `1555${String(Number.parseInt(this.#run, 16)).slice(-7)}`;
    if (kind === 'uuid') return randomUUID();
    // The provider's answer to a code that it never gave is recorded with the beginning of this one.
    if (kind === 'code') return 'made-up';
    if (kind === 'otp' || kind === 'totp') return '123456';
    return randomBytes(32).toString('hex');
  }
}
