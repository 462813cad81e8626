import { Logger } from '@nestjs/common';
import { local, type LocalOptions } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { Announcements } from '../../libs/nest-guardian/src/core/announcements.js';
import { isAuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import type { AuthProvider } from '../../libs/nest-guardian/src/core/auth-provider.js';
import { type Caller, systemCaller } from '../../libs/nest-guardian/src/core/caller.js';
import type { Operation } from '../../libs/nest-guardian/src/core/operation.js';
import { type OutgoingMessage, OutboxStore } from '../../libs/nest-guardian/src/core/ports/outbox.js';
import { PasswordHasher } from '../../libs/nest-guardian/src/core/ports/password-hasher.js';
import { Persistence, UnitOfWork } from '../../libs/nest-guardian/src/core/ports/persistence.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';

/** Fast, and tells right from wrong; hashing is not what these tests are about. */
class PlainHasher extends PasswordHasher {
  hash = async (text: string) => `plain:${text}`;
  verify = async (text: string, hash: string | null) => hash === `plain:${text}`;
  isOutdated = () => false;
  canVerify = (hash: string) => hash.startsWith('plain:');
}

/** What was put in while the unit of work lasted. */
class HeldOutbox extends OutboxStore {
  readonly held: OutgoingMessage[] = [];
  async put(message: OutgoingMessage): Promise<void> {
    this.held.push(message);
  }
}

/** A unit of work whose messages are handed over when it is committed. */
class WatchedUnit extends UnitOfWork {
  readonly users;
  readonly sessions;
  readonly audit;
  readonly factors;
  readonly secrets;
  readonly gotrueSecrets;
  readonly flowStates;
  readonly idpTokens;
  readonly limits;
  readonly outbox = new HeldOutbox();

  constructor(
    private readonly unit: UnitOfWork,
    private readonly sent: OutgoingMessage[],
  ) {
    super();
    this.users = unit.users;
    this.sessions = unit.sessions;
    this.audit = unit.audit;
    this.factors = unit.factors;
    this.secrets = unit.secrets;
    this.gotrueSecrets = unit.gotrueSecrets;
    this.flowStates = unit.flowStates;
    this.idpTokens = unit.idpTokens;
    this.limits = unit.limits;
  }

  manager(): Promise<unknown> {
    return this.unit.manager();
  }

  async commit(): Promise<void> {
    await this.unit.commit();
    this.sent.push(...this.outbox.held);
  }

  rollback(): Promise<void> {
    return this.unit.rollback();
  }
}

class WatchedPersistence extends Persistence {
  readonly sent: OutgoingMessage[] = [];

  constructor(private readonly persistence: Persistence) {
    super();
  }

  begin = () => new WatchedUnit(this.persistence.begin(), this.sent);
  ping = () => this.persistence.ping();
  close = async () => undefined;
}

/**
 * A local provider on a database that is there already; what it would send stays here. It answers as soon as it can:
 * where the time of an answer is the law, `links: { uniformAnswerTime: undefined }` gives the default back.
 */
export class SendingBench {
  readonly clock = new MovableClock();
  readonly caller: Caller = { ...systemCaller, isSystem: false, address: '127.0.0.1', userAgent: 'node' };
  readonly #watched: WatchedPersistence;
  #provider!: AuthProvider;

  private constructor(private readonly database: Database) {
    this.#watched = new WatchedPersistence(database.persistence);
  }

  static async open(database: Database, options: LocalOptions = {}): Promise<SendingBench> {
    // That nothing leaves from here is what is wanted.
    Logger.overrideLogger(['error']);
    const bench = new SendingBench(database);
    const choice = local({
      tokens: { secret: 'this secret is long enough for the specs of mail' },
      site: { url: 'http://127.0.0.1:3000', apiUrl: 'http://127.0.0.1:9999' },
      migrations: 'off',
      ...options,
      links: { uniformAnswerTime: '0s', ...options.links },
    });
    if (choice.mistakes.length > 0) throw new Error(JSON.stringify(choice.mistakes));
    const found = new Map<unknown, unknown>([
      [PasswordHasher, new PlainHasher()],
      [Persistence, bench.#watched],
    ]);
    bench.#provider = await choice.create({
      listensAt: () => null,
      prefix: 'auth/v1',
      clock: bench.clock,
      announcements: new Announcements(() => undefined),
      find: <T>(token: unknown) => found.get(token) as T | undefined,
      log: () => undefined,
    });
    return bench;
  }

  ask<I, O>(operation: Operation<I, O>, input: I, caller = this.caller): Promise<O> {
    return this.#provider.execute(operation, input, caller);
  }

  /** What is answered, as JSON has it, or the refusal. */
  async answerOf<I, O>(operation: Operation<I, O>, input: I, caller = this.caller): Promise<unknown> {
    try {
      return JSON.parse(JSON.stringify(await this.ask(operation, input, caller)));
    } catch (error) {
      if (!isAuthError(error)) throw error;
      return `${error.status} ${error.code}: ${error.message}`;
    }
  }

  /** What has been sent to this address or number, the oldest first. */
  sentTo(recipient: string): readonly OutgoingMessage[] {
    return this.#watched.sent.filter((message) => message.recipient === recipient);
  }

  /** The last of those; there has to be one. */
  lastTo(recipient: string): OutgoingMessage {
    const last = this.sentTo(recipient).at(-1);
    if (last === undefined) throw new Error(`Nothing was sent to ${recipient}`);
    return last;
  }

  query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.database.dataSource.query(sql, [...values]);
  }
}
