import { randomUUID } from 'node:crypto';
import { validateHeaderName, validateHeaderValue, type ServerResponse } from 'node:http';
import { inspect, types } from 'node:util';
import { type ArgumentsHost, HttpException, Logger } from '@nestjs/common';
import { BaseExceptionFilter, type ModuleRef } from '@nestjs/core';
import { challengeOn } from '../challenge.js';
import { Clauses, type FallbackAnswer, PhoenixClauses } from './clauses.js';
import { dialects } from './dialects.js';
import { attempt } from './failure.js';
import type { FallbackOptions } from './fallback-options.js';
import { type Problem, readProblem, unknownProblem } from './problem.js';

/** What describes a body that is not sent any more. */
const representationHeaders = [
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-disposition',
  'content-range',
  'etag',
  'last-modified',
  'cache-control',
  'expires',
];

const rawOf = (host: ArgumentsHost): ServerResponse => {
  const response = host.switchToHttp().getResponse<ServerResponse & { raw?: ServerResponse }>();
  return response.raw ?? response;
};

/** An answer as it goes over the wire. */
export interface Printed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

function print({ status, headers = {}, body }: FallbackAnswer): Printed {
  if (!Number.isInteger(status) || status < 200 || status > 599)
    throw new RangeError(`${status} is no status`);
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  return typeof body === 'string'
    ? { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, text: body }
    : {
        status,
        headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
        text: JSON.stringify(body) ?? '',
      };
}

/** Stacks only: the other members of an error may hold what a log must not, such as query parameters. */
const printCause = (cause: unknown): string =>
  attempt(() => {
    if (!types.isNativeError(cause))
      return inspect(cause, { depth: 2, maxStringLength: 500, customInspect: false });
    const { stack, message, cause: deeper } = cause;
    return `${stack ?? message}${deeper === undefined ? '' : `\ncaused by ${printCause(deeper)}`}`;
  }, 'a value that cannot be printed');

const isErrorStatus = (status: number) => Number.isInteger(status) && status >= 400 && status < 600;

/** Nest's way to say 304 and the like; no failure. */
const isNoFailure = (thrown: unknown): boolean =>
  attempt(
    () => thrown instanceof HttpException && thrown.getStatus() >= 200 && thrown.getStatus() < 400,
    false,
  );

interface Broken {
  readonly problem: Problem;
  readonly host: ArgumentsHost;
  readonly causes: readonly unknown[];
}

/** How an ending is written: what a clause answered, or the problem that is left. */
interface Writing<T> {
  answer(answer: FallbackAnswer): T;
  problem(told: Problem): T;
}

/** The fallback as far as it is HTTP. Always answers, once, and never throws. */
export abstract class HttpFallback extends BaseExceptionFilter {
  protected readonly logger = new Logger('Fallback');
  private readonly write: (typeof dialects)['problem'];
  private readonly clauses: Clauses;

  constructor({ clauses = [], dialect, preset }: FallbackOptions, moduleRef: ModuleRef) {
    super();
    this.write = dialects[dialect ?? preset ?? 'problem'];
    const all = preset === 'phoenix' ? [...clauses, PhoenixClauses] : clauses;
    this.clauses = new Clauses(moduleRef, all, (thrown) => this.read(thrown).code);
  }

  /** The call's key among those that `rememberRoute` remembers. */
  protected abstract callOf(host: ArgumentsHost): object | null | undefined;

  /** The call as the log names it. */
  protected nameOf(host: ArgumentsHost): string {
    const request = host.switchToHttp().getRequest<object>();
    // The query may carry a token.
    const [path] = String(this.adapter.getRequestUrl(request)).split(/[?#]/, 1);
    return `${this.adapter.getRequestMethod(request)} ${path}`;
  }

  protected async answer(thrown: unknown, host: ArgumentsHost): Promise<void> {
    try {
      if (this.isAnswered(host)) this.cutShort(thrown, host);
      else if (isNoFailure(thrown)) super.catch(thrown, host);
      else this.send(await this.describe(thrown, host), host);
    } catch (broken) {
      this.report(randomUUID(), host, [broken, thrown]);
      rawOf(host).destroy();
    }
  }

  /** Whether it is too late for another answer. */
  isAnswered(host: ArgumentsHost): boolean {
    return this.adapter.isHeadersSent(host.switchToHttp().getResponse());
  }

  /** Says what the answer to this failure is, without sending it. Never rejects. */
  describe(thrown: unknown, host: ArgumentsHost): Promise<Printed> {
    return this.settle(thrown, host, { answer: print, problem: (told) => this.printProblem(told, host) });
  }

  /** Asks the clauses, and writes what comes of it. Never rejects, as long as the unknown problem can be written. */
  protected async settle<T>(thrown: unknown, host: ArgumentsHost, writing: Writing<T>): Promise<T> {
    try {
      const outcome = await this.clauses.ask(thrown, host, this.callOf(host));
      if ('answer' in outcome) return writing.answer(outcome.answer);
      const problem = this.read(outcome.left);
      return this.render({ problem, host, causes: [outcome.left] }, writing);
    } catch (broken) {
      return this.render({ problem: unknownProblem, host, causes: [broken, thrown] }, writing);
    }
  }

  private get adapter() {
    if (!this.httpAdapterHost) throw new TypeError('FallbackFilter has to be made by Nest');
    return this.httpAdapterHost.httpAdapter;
  }

  /** Errors of body parsers and of Fastify are no `HttpException`, but Nest knows how to read them. */
  protected read(thrown: unknown): Problem {
    const isHttpError: boolean = attempt(() => this.isHttpError(thrown), false);
    if (!isHttpError) return readProblem(thrown);
    const error = thrown as Error & { statusCode: number };
    return readProblem(new HttpException(this.getHttpErrorMessage(error), error.statusCode));
  }

  /** What is the server's fault is logged under an id, and the client reads the id. */
  private render<T>({ problem: read, host, causes }: Broken, { problem: write }: Writing<T>): T {
    const isKnown = isErrorStatus(read.status) && read.status !== 500;
    if (isKnown && read.status < 500) return write(read);
    const id = randomUUID();
    const problem = isKnown ? read : unknownProblem;
    const written = write({ ...problem, members: { ...problem.members, id } });
    this.report(id, host, causes);
    return written;
  }

  private printProblem(read: Problem, host: ArgumentsHost): Printed {
    const { contentType, body } = this.write(read);
    const challenged = challengeOn(host.getArgByIndex<object>(0), read);
    const challenge: Record<string, string> = challenged ? { 'www-authenticate': challenged } : {};
    // As under our prefix: what is away comes back.
    const retry: Record<string, string> = read.status === 503 ? { 'retry-after': '1' } : {};
    const headers = { 'content-type': contentType, ...challenge, ...retry };
    return print({ status: read.status, headers, body });
  }

  private send({ status, headers, text }: Printed, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Pick<ServerResponse, 'removeHeader'>>();
    // Race: while a clause was awaited, somebody else may have answered.
    if (this.isAnswered(host)) return;
    for (const name of representationHeaders) response.removeHeader(name);
    for (const [name, value] of Object.entries(headers)) this.adapter.setHeader(response, name, value);
    this.adapter.reply(response, text, status);
  }

  /** An answer that was finished stays. One that was not is cut off, so that it cannot pass for whole. */
  private cutShort(thrown: unknown, host: ArgumentsHost): void {
    this.report(randomUUID(), host, [thrown]);
    if (!rawOf(host).writableEnded) rawOf(host).destroy();
  }

  private report(id: string, host: ArgumentsHost, causes: readonly unknown[]): void {
    attempt(() => {
      const cause = causes.map(printCause).join('\nwhile answering ');
      this.logger.error(`${id} ${this.nameOf(host)} ${cause}`);
      // A logger of the application that fails must not take the answer with it.
    }, undefined);
  }
}
