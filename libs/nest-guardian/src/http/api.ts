import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Logger } from '@nestjs/common';
import { AuthError, isAuthError } from '../core/auth-error.js';
import type { AuthProvider } from '../core/auth-provider.js';
import { common } from '../core/conditions.js';
import { withinDeadline } from '../core/deadline.js';
import type { NextUrl, Operation, Page, Paged, Redirect } from '../core/operation.js';
import type { Offer } from '../features/feature.js';
import { apiVersionHeader, dialectOf, renderError } from '../wire/errors.js';
import { escapeHtml } from '../wire/html.js';
import { answerPreflight, isPreflight, writeCorsHeaders } from './cors.js';
import { type Failure, isFailure } from './fallback/failure.js';
import { cutOff, type HostRequest, readBodyFor } from './read-body.js';
import { type CallerOptions, readCaller } from './read-caller.js';
import { readInput } from './read-input.js';
import { junctions } from './junctions.js';
import { chooseOffer, type Match, RouteTable } from './route-table.js';

/** Where a request below the prefix leads. */
export interface ApiMatch {
  readonly found: Match | 'wrong method' | null;
  readonly search: string;
}

export interface ApiOptions extends CallerOptions {
  /** Without slashes at the ends; empty for none. */
  readonly prefix: string;
  /** How long a request may take, its body included, in milliseconds. @default 10 000, as GoTrue's */
  readonly deadline?: number;
}

/**
 * GoTrue's HTTP API on `node:http`, so that it answers alike whatever framework stands around it and whatever
 * pipes, interceptors and body parsers the host has.
 */
export class Api {
  readonly #routes: RouteTable;
  readonly #prefix: string;

  constructor(
    private readonly provider: AuthProvider,
    offers: readonly Offer[],
    private readonly options: ApiOptions & { readonly logger: Pick<Logger, 'error'> },
  ) {
    this.#routes = new RouteTable(offers);
    this.#prefix = options.prefix === '' ? '' : `/${options.prefix}`;
  }

  /** Where the request leads, or null: then it is the host's and stays untouched. */
  match(request: IncomingMessage): ApiMatch | null {
    const url = request.url ?? '/';
    // Asked of every request of the host, so the common no comes first and costs nothing.
    if (!url.startsWith(this.#prefix)) return null;
    const [path = '', search = ''] = splitUrl(url);
    if (!(path === this.#prefix || path.startsWith(`${this.#prefix}/`))) return null;
    const found = this.#routes.find(request.method ?? 'GET', path.slice(this.#prefix.length));
    // Without a prefix we live among the host's own routes, and unknown ones are its to refuse.
    if (this.#prefix === '' && found === null) return null;
    return { found, search };
  }

  /** Never rejects, since nobody waits for it. An answer that the host has given meanwhile stays. */
  answer(request: HostRequest, response: ServerResponse, match: ApiMatch): Promise<void> {
    return (
      this.#answer(request, response, match)
        .catch((error: unknown) => this.#refuse(request, response, error))
        // A logger that fails, or an error that cannot be written: the client sees the connection break.
        .catch(() => void response.destroy())
    );
  }

  async #answer(request: HostRequest, response: ServerResponse, { found, search }: ApiMatch): Promise<void> {
    if (response.headersSent) return;
    writeCorsHeaders(request, response);
    if (isPreflight(request)) return answerPreflight(response);
    if (found === null) return writeText(response, 404, '404 page not found\n');
    if (found === 'wrong method') return void response.writeHead(405).end();
    const asked = { ...found, query: new URLSearchParams(search) };
    const { deadline = 10_000 } = this.options;
    const { operation, answer } = await withinDeadline(deadline, (until) =>
      this.#execute(request, asked, until),
    );
    if (response.headersSent) return;
    const isAskedFor = asked.query.get('skip_http_redirect') === 'true';
    if (operation.answers === 'url' && !isAskedFor) return writeNext(response, answer as NextUrl);
    writeAnswer(response, operation, answer);
  }

  async #execute(
    request: HostRequest,
    { route, params, query }: Match & { readonly query: URLSearchParams },
    until: number,
  ): Promise<{ readonly operation: Operation; readonly answer: unknown }> {
    // An unknown grant type is refused before the body is looked at, as GoTrue does.
    const early = junctions[route.name]?.readsQueryOnly ? chooseOffer(route, query, {}) : null;
    const body = await readBodyFor(early === null ? [...route.offers.values()] : [early], request);
    const offer = early ?? chooseOffer(route, query, body ?? {});
    const input = readInput(offer, { params, query, body });
    const caller = { ...readCaller(request, query, this.options), until };
    const answer = await this.provider.execute(offer.operation, input, caller);
    return { operation: offer.operation, answer };
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    // Who went away in the middle of a question hears no answer, and it is nobody's failure.
    if (request.socket.destroyed && !request.complete) return;
    const known = knownAs(error);
    const id = randomUUID();
    if (known.status >= 500) {
      const cause = known.cause instanceof Error ? known.cause.stack : known.cause;
      this.options.logger.error(
        `${known.code} ${id} ${request.method} ${splitUrl(request.url ?? '')[0]}`,
        cause,
      );
    }
    if (response.headersSent) return;
    const dialect = dialectOf(request.headers[apiVersionHeader]?.toString());
    const { status, headers, body } = renderError(known, dialect, id);
    if (known.sentOn !== null) {
      return writeRedirect(response, known.sentOn, known.sentOn.isToldTwice ? asText(body) : '');
    }
    writeJson(response, { status, headers, body });
    if (status === 413 || status === 504) cutOff(request);
  }
}

/** What is said under our prefix of whatever was thrown. */
function knownAs(error: unknown): AuthError {
  if (isAuthError(error)) return error;
  // A failure of the application's own work; one without a status of its own shows only its id, as elsewhere.
  if (isFailure(error) && error.status < 500) return ofFailure(error);
  return new AuthError(common.unexpectedFailure, { cause: error });
}

function ofFailure({ code, status, details }: Failure): AuthError {
  const isText = typeof details === 'string';
  const condition = { name: code, code, status, applicationStatus: status, message: isText ? details : code };
  return new AuthError(condition, { members: isText ? {} : details });
}

const splitUrl = (url: string): readonly string[] => {
  const at = url.indexOf('?');
  return at === -1 ? [url] : [url.slice(0, at), url.slice(at + 1)];
};

function writeAnswer(response: ServerResponse, operation: Operation, answer: unknown): void {
  if (operation.answers === 'nothing') return void response.writeHead(204).end();
  if (operation.answers === 'redirect' || operation.answers === 'page') {
    return writeForBrowser(response, answer as Redirect | Page);
  }
  if (operation.answers === 'url') {
    const { url, cookies = [] } = answer as NextUrl;
    setCookies(response, cookies);
    return writeJson(response, { status: 200, headers: { 'cache-control': 'no-store' }, body: { url } });
  }
  if (operation.answers === 'paged') {
    const { body, total, link } = answer as Paged<unknown>;
    const headers = { 'cache-control': 'no-store', 'x-total-count': total, ...(link !== '' && { link }) };
    return writeJson(response, { status: 200, headers, body });
  }
  // GoTrue: its key set and discovery document may be kept for ten minutes. Nothing else may be kept at all (RFC 6749 5.1).
  const isPublic = operation.path.startsWith('/.well-known/');
  const caching = isPublic ? 'public, max-age=600' : 'no-store';
  writeJson(response, { status: 200, headers: { 'cache-control': caching }, body: answer });
}

/** What a person's browser gets may hold a session or a secret: it is kept nowhere, and told to no other page. */
const forBrowser = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
const html = { 'content-type': 'text/html; charset=utf-8' };

function writeForBrowser(response: ServerResponse, answer: Redirect | Page): void {
  if ('location' in answer) return writeRedirect(response, answer);
  setCookies(response, answer.cookies ?? []);
  response.removeHeader('access-control-allow-origin');
  response.writeHead(200, {
    ...forBrowser,
    ...html,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(answer.html);
}

/** @param told what stands in the answer for programs that do not follow */
function writeRedirect(
  response: ServerResponse,
  { status, location, cookies = [] }: Redirect,
  told = '',
): void {
  // RFC 9110 15.4: a note for those who do not follow by themselves, in GoTrue's words. GoTrue: none after a form.
  const isForm = response.req.method === 'POST';
  const note = isForm ? '' : `<a href="${escapeHtml(location)}">${STATUS_CODES[status]}</a>.\n\n`;
  const type = isForm ? { 'content-type': 'text/plain; charset=utf-8' } : html;
  setCookies(response, cookies);
  response.writeHead(status, { ...forBrowser, ...type, location }).end(note + told);
}

const writeNext = (response: ServerResponse, { url, cookies }: NextUrl): void =>
  writeRedirect(response, { status: 302, location: url, cookies });

/** Beside those that the host sets. */
const setCookies = (response: ServerResponse, cookies: readonly string[]): void => {
  if (cookies.length > 0) response.appendHeader('set-cookie', cookies);
};

/** Nothing of it can begin an element where it stands in a page. */
const asText = (body: unknown): string => JSON.stringify(body).replaceAll('<', '\\u003c');

function writeJson(
  response: ServerResponse,
  answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | number>>;
    readonly body: unknown;
  },
): void {
  // Text leaves in one write with the headers; bytes would need a second.
  const text = JSON.stringify(answer.body);
  const length = Buffer.byteLength(text);
  const headers = { 'content-type': 'application/json', 'content-length': length, ...answer.headers };
  response.writeHead(answer.status, { 'x-content-type-options': 'nosniff', ...headers }).end(text);
}

const writeText = (response: ServerResponse, status: number, text: string): void =>
  void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
