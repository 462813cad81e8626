import { randomUUID } from 'node:crypto';
import { local, type LocalOptions } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { Announcements } from '../../libs/nest-guardian/src/core/announcements.js';
import { isAuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import type { AuthProvider } from '../../libs/nest-guardian/src/core/auth-provider.js';
import { type Caller, systemCaller } from '../../libs/nest-guardian/src/core/caller.js';
import type { Operation } from '../../libs/nest-guardian/src/core/operation.js';
import { PasswordHasher } from '../../libs/nest-guardian/src/core/ports/password-hasher.js';
import {
  signInWithPassword,
  signUp,
} from '../../libs/nest-guardian/src/features/password/password.contract.js';
import { refreshSession } from '../../libs/nest-guardian/src/features/session/session.contract.js';
import { getUser } from '../../libs/nest-guardian/src/features/user/user.contract.js';
import type { Database } from '../../libs/nest-guardian/src/persistence/database.js';
import type { SessionBody } from '../../libs/nest-guardian/src/wire/session.js';

const password = 'correct horse 9 battery';

/** Fast, and tells right from wrong; hashing is not what these tests are about. */
class PlainHasher extends PasswordHasher {
  hash = async (text: string) => `plain:${text}`;
  verify = async (text: string, hash: string | null) => hash === `plain:${text}`;
  canVerify = (hash: string) => hash.startsWith('plain:');
  isOutdated = () => false;
}

export type Claims = Readonly<Record<string, unknown>> & { readonly session_id: string };

export const claimsOf = ({ access_token }: SessionBody): Claims =>
  JSON.parse(Buffer.from(access_token.split('.')[1] as string, 'base64url').toString()) as Claims;

/** A local provider on a database that is there already, with a clock that stands still. */
export class SessionBench {
  readonly caller: Caller = { ...systemCaller, isSystem: false, address: '127.0.0.1', userAgent: 'node' };

  private constructor(
    readonly provider: AuthProvider,
    readonly clock: MovableClock,
    private readonly database: Database,
  ) {}

  static async open(
    database: Database,
    options: LocalOptions,
    clock = new MovableClock(),
  ): Promise<SessionBench> {
    const choice = local({
      tokens: { secret: 'this secret is long enough for the specs of sessions' },
      password: { autoconfirm: true },
      database: database.dataSource,
      migrations: 'off',
      ...options,
    });
    if (choice.mistakes.length > 0) throw new Error(JSON.stringify(choice.mistakes));
    const hasher = new PlainHasher();
    const provider = await choice.create({
      listensAt: () => null,
      prefix: 'auth/v1',
      clock,
      announcements: new Announcements(() => undefined),
      find: <T>(token: unknown) => (token === PasswordHasher ? hasher : undefined) as T | undefined,
      log: () => undefined,
    });
    return new SessionBench(provider, clock, database);
  }

  /** Stops what works beside the requests. The database stays. */
  async close(): Promise<void> {
    await (this.provider as { close?(): Promise<void> }).close?.();
  }

  ask<I, O>(operation: Operation<I, O>, input: I, caller = this.caller): Promise<O> {
    return this.provider.execute(operation, input, caller);
  }

  /** A new person, signed in. */
  async signUp(): Promise<SessionBody> {
    return (await this.ask(signUp, { email: `${randomUUID()}@example.com`, password })) as SessionBody;
  }

  /** One more session of the same person. */
  signIn({ user }: SessionBody): Promise<SessionBody> {
    return this.ask(signInWithPassword, { email: user.email, password });
  }

  refresh(refreshToken: string): Promise<SessionBody> {
    return this.ask(refreshSession, { refresh_token: refreshToken });
  }

  /** The code and words of the refusal; `'it was accepted'` if there is none. */
  async refusalOf(refreshToken: string): Promise<string> {
    try {
      await this.refresh(refreshToken);
      return 'it was accepted';
    } catch (error) {
      if (!isAuthError(error)) throw error;
      return `${error.status} ${error.code}: ${error.message}`;
    }
  }

  /** Whether the session of the access token still stands. */
  async isOpen({ access_token: bearer }: SessionBody): Promise<boolean> {
    return this.ask(getUser, {}, { ...this.caller, bearer }).then(
      () => true,
      (error: unknown) => {
        if (!isAuthError(error)) throw error;
        return false;
      },
    );
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.database.dataSource.query(sql, [...values]);
  }

  /** The refresh tokens of version 1 of a session, the oldest first, as `token<parent`, revoked ones in brackets. */
  async storedTokens(sessionId: string): Promise<string[]> {
    const rows = await this.query(
      'SELECT token, parent, revoked FROM auth.refresh_tokens WHERE session_id = $1 ORDER BY id',
      [sessionId],
    );
    return rows.map(({ token, parent, revoked }) => {
      const text = parent === null ? `${token}` : `${token}<${parent}`;
      return revoked ? `(${text})` : text;
    });
  }
}
