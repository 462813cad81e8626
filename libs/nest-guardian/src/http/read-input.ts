import { type ValidationError, validateSync } from 'class-validator';
import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Operation } from '../core/operation.js';
import { asItIs, type Offer } from '../features/feature.js';

export interface RequestParts {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Null where the operation reads no body. */
  readonly body: Readonly<Record<string, unknown>> | null;
}

/**
 * Puts the operation's input together: parameters from the path, the declared members from the query, the rest
 * from the body. Unknown members are dropped, a null is as good as absent, a wrong type is `badJson`.
 */
export function readInput({ operation, input }: Offer, parts: RequestParts): object {
  const { body } = parts;
  requireOneTarget(parts.query);
  if (operation.eachOnce) requireEachOnce(parts);
  const fromBody = input === null || body === null ? {} : shapeOf(input, body);
  return { ...fromBody, ...fromQuery(operation, parts.query), ...parts.params };
}

/** Of several, one program would judge the first and another follow the last. */
function requireOneTarget(query: URLSearchParams): void {
  if (query.getAll('redirect_to').length > 1 || query.has('redirect_to[]')) {
    deny(common.badRequest, { value: 'redirect_to must be given once' });
  }
}

/** RFC 6749 3.1. A form that says a member twice has been refused already. */
function requireEachOnce({ query, body }: RequestParts): void {
  const names = [...query.keys(), ...Object.keys(body ?? {})];
  // Whoever wrote it, it is not repeated.
  if (new Set(names).size < names.length) {
    deny(common.badRequest, { value: 'Every parameter must be given once' });
  }
}

function fromQuery({ query: names = [] }: Operation, query: URLSearchParams): Record<string, string> {
  const all = Object.fromEntries([...query].reverse());
  if (names === 'all') return all;
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(all, name)).map((name) => [name, all[name] as string]),
  );
}

function shapeOf(shape: NonNullable<Offer['input']>, body: Readonly<Record<string, unknown>>): object {
  if (shape === asItIs) return body;
  const Shape = shape as new () => object;
  // The validator finds its rules by `constructor`, and nothing that a client sends may take its place.
  const members = Object.entries(body).filter(
    ([name, value]) => value !== null && !(name in Object.prototype),
  );
  const instance = Object.assign(new Shape(), Object.fromEntries(members));
  const [wrong] = validateSync(instance, { whitelist: true, forbidUnknownValues: false, validationError });
  if (wrong !== undefined) deny(common.badJson, { value: describe(wrong) });
  return { ...instance };
}

/** The value stays out of what is said about it: it may be a secret. */
const validationError = { target: false, value: false };

const describe = ({ constraints, children, property }: ValidationError): string =>
  Object.values(constraints ?? {})[0] ?? children?.map(describe)[0] ?? `${property} has the wrong type`;
