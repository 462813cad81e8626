import type { Bindings } from './bindings.js';

/** The beginnings of messages whose rest is in Go's own words. */
const tails = [
  'Could not parse request body as JSON: ',
  'invalid JWT: unable to parse or verify signature, ',
];

const messages = new Set(['message', 'msg', 'error_description']);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says in what the answer differs from the recorded one, one line each; binds what it meets for the first time. */
export class Comparison {
  readonly faults: string[] = [];

  constructor(private readonly bindings: Bindings) {}

  value(path: string, expected: unknown, actual: unknown): void {
    if (Array.isArray(expected)) this.#list(path, expected, actual);
    else if (isObject(expected)) this.#object(path, expected, actual);
    else if (typeof expected === 'string') this.#text(path, expected, actual);
    else if (expected !== actual) this.#fault(path, expected, actual);
  }

  #object(path: string, expected: Readonly<Record<string, unknown>>, actual: unknown): void {
    if (!isObject(actual)) return this.#fault(path, expected, actual);
    for (const [key, value] of Object.entries(expected)) this.value(`${path}.${key}`, value, actual[key]);
    for (const key of Object.keys(actual).filter((name) => !Object.hasOwn(expected, name))) {
      this.faults.push(`${path}.${key} is there and should not be`);
    }
  }

  #list(path: string, expected: readonly unknown[], actual: unknown): void {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return this.#fault(path, expected, actual);
    const rest = path.endsWith('.identities') ? inOrderOf(expected, actual) : actual;
    expected.forEach((item, index) => this.value(`${path}.${index}`, item, rest[index]));
  }

  #text(path: string, expected: string, actual: unknown): void {
    const tail =
      messages.has(path.split('.').at(-1) as string) && tails.find((start) => expected.startsWith(start));
    const isSame = tail
      ? typeof actual === 'string' && actual.startsWith(tail)
      : this.bindings.matches(expected, actual);
    if (!isSame) this.#fault(path, expected, actual);
  }

  #fault(path: string, expected: unknown, actual: unknown): void {
    this.faults.push(`${path} is ${JSON.stringify(actual)} and should be ${JSON.stringify(expected)}`);
  }
}

/** Identities come in no promised order; one of each provider is enough to tell them apart. */
function inOrderOf(expected: readonly unknown[], actual: readonly unknown[]): readonly unknown[] {
  const provider = (item: unknown) => (isObject(item) ? item.provider : undefined);
  const order = expected.map(provider);
  return actual.toSorted((a, b) => order.indexOf(provider(a)) - order.indexOf(provider(b)));
}
