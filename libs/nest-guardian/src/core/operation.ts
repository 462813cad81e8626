import type { Condition } from './condition.js';

/**
 * Who may ask. `anyone` needs no token; `user` a valid token of an existing user; `member` the same but not
 * an anonymous one; `admin` a token whose role is an administrator's.
 */
export type Access = 'anyone' | 'user' | 'member' | 'admin';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Something that can be asked: its route, who may ask, what goes in, what comes out. */
export interface Operation<I = unknown, O = unknown> {
  readonly name: string;
  readonly method: Method;
  /** Below the prefix, with parameters as `/factors/:factor_id`. */
  readonly path: string;
  readonly access: Access;
  /** At a route that several operations share: the key under which this one is found (see `http/junctions`). */
  readonly joins?: string;
  /** Query members that a client always sends, e.g. `{ grant_type: 'password' }`. */
  readonly fixed?: Readonly<Record<string, string>>;
  /** Members of the input that travel in the query; all of them for `all`. The rest travel in the body. */
  readonly query?: readonly string[] | 'all';
  /** Set where the body may say in `redirect_to` where links lead; what the query says counts where that is not allowed. */
  readonly redirectInBody?: true;
  /** `json` is the default; `url` is a `NextUrl`; `paged` is a `Paged`; `nothing` is a 204; `redirect` is a `Redirect` or, where a person has to look first, a `Page`. */
  readonly answers?: 'json' | 'nothing' | 'url' | 'redirect' | 'page' | 'paged';
  /** Set where a member that comes twice is refused: two programs might read two requests. */
  readonly eachOnce?: true;
  /** Set on a GET that changes something all the same (redeems a link, sends a code): nobody repeats it. */
  readonly changes?: true;
  /** Whether a server's answer can be one, loosely: what we rely on is there and of the right type. */
  readonly fits?: (answer: unknown) => boolean;
  /** Set on what only this process can answer: it is never asked of another server. */
  readonly staysHere?: true;
  /** What is said when the feature is switched off or not there. */
  readonly off: Condition;
  /** Types only; never there at run time. */
  readonly types?: { readonly input: I; readonly output: O };
}

export type InputOf<T> = T extends Operation<infer I, unknown> ? I : never;
export type OutputOf<T> =
  T extends Operation<never, infer O> ? O : T extends Operation<infer _, infer O> ? O : never;

/** What an operation with `answers: 'redirect'` returns. */
export interface Redirect {
  readonly location: string;
  readonly status: 302 | 303;
  /** `Set-Cookie` lines, by which the browser is known when it comes back. */
  readonly cookies?: readonly string[];
}

/**
 * Where the browser is to go next: told as `{ url }` to a client that asks with `skip_http_redirect=true`, as all of ours
 * do, and otherwise a redirect.
 */
export interface NextUrl {
  readonly url: string;
  /** `Set-Cookie` lines, by which the browser is known when it comes back. Whoever hands on the address hands them on. */
  readonly cookies?: readonly string[];
}

/** Some of many, with what GoTrue tells in the headers `X-Total-Count` and `Link`. */
export interface Paged<B> {
  readonly body: B;
  readonly total: number;
  /** RFC 8288; empty where there is no other page. */
  readonly link: string;
}

/** A page for a person's browser. It loads nothing from anywhere, and nobody keeps it. */
export interface Page {
  readonly html: string;
  /** `Set-Cookie` lines, by which the browser is known when it comes back. */
  readonly cookies?: readonly string[];
}

/** Declares an operation: `operation<Input, Output>()({ name, method, path, ... })`. */
export const operation =
  <I, O>() =>
  (declared: Omit<Operation<I, O>, 'types'>): Operation<I, O> =>
    Object.freeze(declared);
