import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import type { Operation } from '../core/operation.js';

/** A request as it goes out, save for the headers that say who asks. */
export interface OutgoingRequest {
  /** Method and route without values, for the log. */
  readonly label: string;
  readonly method: string;
  readonly url: string;
  readonly body?: string;
  /** Whether it changes nothing, so that it may be sent again. */
  readonly isRead: boolean;
}

type Members = Readonly<Record<string, unknown>>;

/** Puts each member of the input where the contract says it travels: path, query or body. */
export function buildRequest<I, O>(baseUrl: string, operation: Operation<I, O>, input: I): OutgoingRequest {
  const { method, path, fixed, query } = operation;
  const members = (input ?? {}) as Members;
  const inPath = new Set(Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name as string));
  const isInQuery = (name: string): boolean => query === 'all' || (query?.includes(name) ?? false);
  const others = Object.entries(members).filter(([name]) => !inPath.has(name));
  const parameters = new URLSearchParams(fixed);
  for (const [name, value] of others) if (isInQuery(name)) append(parameters, name, value);
  const body = Object.fromEntries(others.filter(([name]) => !isInQuery(name)));
  const search = parameters.size === 0 ? '' : `?${parameters.toString()}`;
  return {
    label: `${method} ${path}`,
    method,
    url: `${baseUrl}${fill(path, members)}${search}`,
    body: hasBody(operation, body) ? JSON.stringify(body) : undefined,
    isRead: method === 'GET' && operation.changes !== true,
  };
}

function append(parameters: URLSearchParams, name: string, value: unknown): void {
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  for (const each of values) if (each !== undefined && each !== null) parameters.append(name, String(each));
}

function fill(path: string, members: Members): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = String(members[name] ?? '');
    // A dot segment would climb to another route, because the URL standard resolves it after encoding.
    if (value === '' || value === '.' || value === '..')
      deny(common.badRequest, { value: `Invalid ${name}` });
    return encodeURIComponent(value);
  });
}

function hasBody({ method, query }: Pick<Operation, 'method' | 'query'>, body: Members): boolean {
  if (method === 'GET' || query === 'all') return false;
  return method !== 'DELETE' || Object.keys(body).length > 0;
}
