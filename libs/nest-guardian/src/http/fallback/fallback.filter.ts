import { randomUUID } from 'node:crypto';
import { validateHeaderName, validateHeaderValue, type ServerResponse } from 'node:http';
import { inspect, types } from 'node:util';
import { type ArgumentsHost, Catch, HttpException, Inject, Logger } from '@nestjs/common';
import { BaseExceptionFilter, ModuleRef } from '@nestjs/core';
import { challengeOn } from '../challenge.js';
import { Clauses, type FallbackAnswer, PhoenixClauses } from './clauses.js';
import { dialects } from './dialects.js';
import { attempt, OurFailure } from './failure.js';
import { FALLBACK_OPTIONS, type FallbackOptions } from './fallback-options.js';
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

/**
 * The one place where failures become responses. It takes our own failures and no other error, unless it is
 * the `TotalFallbackFilter`. It always answers, once, and never throws.
 */
@Catch(OurFailure)
export class FallbackFilter extends BaseExceptionFilter {
  private readonly logger = new Logger('Fallback');
  private readonly write: (typeof dialects)['problem'];
  private readonly clauses: Clauses;

  constructor(
    @Inject(FALLBACK_OPTIONS) { clauses = [], dialect, preset }: FallbackOptions,
    moduleRef: ModuleRef,
  ) {
    super();
    this.write = dialects[dialect ?? preset ?? 'problem'];
    const all = preset === 'phoenix' ? [...clauses, PhoenixClauses] : clauses;
    this.clauses = new Clauses(moduleRef, all, (thrown) => this.read(thrown).code);
  }

  override async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    if (host.getType() !== 'http') throw thrown;
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
  async describe(thrown: unknown, host: ArgumentsHost): Promise<Printed> {
    try {
      const outcome = await this.clauses.ask(thrown, host);
      return 'answer' in outcome
        ? print(outcome.answer)
        : this.render(this.read(outcome.left), host, [outcome.left]);
    } catch (broken) {
      return this.render(unknownProblem, host, [broken, thrown]);
    }
  }

  private get adapter() {
    if (!this.httpAdapterHost) throw new TypeError('FallbackFilter has to be made by Nest');
    return this.httpAdapterHost.httpAdapter;
  }

  /** Errors of body parsers and of Fastify are no `HttpException`, but Nest knows how to read them. */
  private read(thrown: unknown): Problem {
    const isHttpError: boolean = attempt(() => this.isHttpError(thrown), false);
    if (!isHttpError) return readProblem(thrown);
    const error = thrown as Error & { statusCode: number };
    return readProblem(new HttpException(this.getHttpErrorMessage(error), error.statusCode));
  }

  private render(read: Problem, host: ArgumentsHost, causes: readonly unknown[]): Printed {
    const isKnown = isErrorStatus(read.status) && read.status !== 500;
    if (isKnown && read.status < 500) return this.printProblem(read, host);
    const id = randomUUID();
    const problem = isKnown ? read : unknownProblem;
    const printed = this.printProblem({ ...problem, members: { ...problem.members, id } }, host);
    this.report(id, host, causes);
    return printed;
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
    const request = host.switchToHttp().getRequest<object>();
    attempt(() => {
      // The query may carry a token.
      const [path] = String(this.adapter.getRequestUrl(request)).split(/[?#]/, 1);
      const cause = causes.map(printCause).join('\nwhile answering ');
      this.logger.error(`${id} ${this.adapter.getRequestMethod(request)} ${path} ${cause}`);
      // A logger of the application that fails must not take the answer with it.
    }, undefined);
  }
}

/** The same for whatever is thrown; what `everything: true` puts in place of the `FallbackFilter`. */
@Catch()
export class TotalFallbackFilter extends FallbackFilter {}
