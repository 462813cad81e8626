import { type ArgumentsHost, Catch, Inject, Optional } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Announcements } from '../core/announcements.js';
import type { FallbackAnswer } from '../http/fallback/clauses.js';
import { attempt, OurFailure } from '../http/fallback/failure.js';
import { FALLBACK_OPTIONS, type FallbackOptions } from '../http/fallback/fallback-options.js';
import { HttpFallback } from '../http/fallback/http-fallback.js';
import { phraseOf, type Problem } from '../http/fallback/problem.js';
import type { Ending, Refusal } from './context-kind.js';
import { kindOf, messageKindOf } from './kind-of.js';
import { messageFailed } from './rpc.js';

/** As it will go over the wire; what cannot be written throws here, where the unknown problem takes its place. */
const plain = <T>(value: T): T => (value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T));

const refuse = ({ status, code, detail, members }: Problem): { readonly refusal: Refusal } => {
  const message = detail === undefined ? phraseOf(status) : [detail].flat().join('; ');
  return { refusal: { ...plain(members), code: String(code), status, message } };
};

const ownExceptions = ['WsException', 'RpcException'];

/** By name, along the prototypes: their packages are not imported here, and one's own may extend them. */
const isOwnException = (thrown: object | null): boolean =>
  thrown !== null &&
  (ownExceptions.includes(thrown.constructor?.name) || isOwnException(Object.getPrototypeOf(thrown)));

/** Nest's `WsException` and `RpcException`, whose packages an application need not have: what they say is for the client. */
const readOwnException = (thrown: unknown): Problem | null =>
  attempt(() => {
    if (!(thrown instanceof Error) || !isOwnException(thrown)) return null;
    const error = (thrown as Error & { getError(): unknown }).getError();
    if (typeof error === 'string') return { status: 400, code: 'bad_request', detail: error, members: {} };
    const { status, code, message, ...members } = error as Readonly<Record<string, unknown>>;
    return {
      status: typeof status === 'number' ? status : 400,
      code: typeof code === 'string' ? code : 'bad_request',
      detail: typeof message === 'string' ? message : undefined,
      members,
    };
  }, null);

/** Outside HTTP a clause's body is the answer; with a status of 400 and more, its members belong to a refusal. */
function endWith({ status, body }: FallbackAnswer): Ending {
  if (!(status >= 200 && status < 600)) throw new RangeError(`${status} is no status`);
  if (status < 400) return { value: plain(body) };
  const members =
    typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
  const code = typeof members.code === 'string' ? members.code : 'unknown';
  const detail = typeof body === 'string' ? body : members.message;
  return refuse({ status, code, members, detail: typeof detail === 'string' ? detail : undefined });
}

/**
 * The one place where failures become answers: responses, errors of GraphQL, `exception` events, errors of messages. It
 * takes our own failures and no other error, unless it is the `TotalFallbackFilter`. It always answers, once, and
 * throws nothing but what GraphQL and microservices are to be told.
 */
@Catch(OurFailure)
export class FallbackFilter extends HttpFallback {
  constructor(
    @Inject(FALLBACK_OPTIONS) options: FallbackOptions,
    moduleRef: ModuleRef,
    @Optional() @Inject(Announcements) private readonly announcements: Announcements | null = null,
  ) {
    super(options, moduleRef);
  }

  override catch(thrown: unknown, host: ArgumentsHost): unknown {
    if (host.getType() === 'http') return this.answer(thrown, host);
    const kind = messageKindOf(host);
    if (kind === undefined) throw thrown;
    const ending: Promise<Ending> = this.settle(thrown, host, { answer: endWith, problem: refuse });
    if (attempt(() => kind.isUnheard(host), false)) void ending.then((ended) => this.count(ended, host));
    return kind.end(ending, host);
  }

  /** What a client may read of it where no call is to be answered, such as of a connection. Never rejects. */
  async refusalOf(thrown: unknown, host: ArgumentsHost): Promise<Refusal> {
    const ending: Ending = await this.settle(thrown, host, { answer: endWith, problem: refuse });
    return 'refusal' in ending ? ending.refusal : refuse(this.read(thrown)).refusal;
  }

  protected override callOf(host: ArgumentsHost): object | null | undefined {
    return kindOf(host)?.callOf(host);
  }

  protected override nameOf(host: ArgumentsHost): string {
    return messageKindOf(host)?.nameOf(host) ?? super.nameOf(host);
  }

  protected override read(thrown: unknown): Problem {
    return readOwnException(thrown) ?? super.read(thrown);
  }

  private count(ended: Ending, host: ArgumentsHost): void {
    if ('value' in ended) return;
    const { code, status } = ended.refusal;
    const pattern = this.nameOf(host);
    attempt(() => this.logger.warn(`${pattern} failed and nobody hears of it: ${status} ${code}`), undefined);
    this.announcements?.tell(messageFailed, { pattern, code, status });
  }
}

/** The same for whatever is thrown; what `everything: true` puts in place of the `FallbackFilter`. */
@Catch()
export class TotalFallbackFilter extends FallbackFilter {}
