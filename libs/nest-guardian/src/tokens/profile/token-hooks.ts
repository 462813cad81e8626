import { deny, isAuthError } from '../../core/auth-error.js';
import { type OwnClaims, mistakeInCustom, type VerifiedClaims } from './token-claims.js';
import { tokenRefusals } from './token-conditions.js';

/** A token that was made. */
export interface IssuedToken<Type extends string = string> {
  /** It is a secret: not for logs. */
  readonly token: string;
  readonly claims: VerifiedClaims<Type>;
  readonly expiresAt: Date;
}

/** What a token is being made for. */
export interface MakingToken {
  readonly profile: string;
  readonly type: string;
  readonly by: 'issue' | 'refresh' | 'exchange' | 'impersonate';
  readonly resource: unknown;
}

/**
 * Asked whenever something happens to a token; every method is optional. What throws refuses, and so does an answer that
 * is none; an `AuthError` goes out as it is. Classes are asked in the order of `hooks`, one after another.
 */
export abstract class TokenHooks {
  /**
   * Before a token is signed, be it issued, refreshed or exchanged. What is returned takes the place of the claims
   * beside the profile's own, which are frozen; nothing leaves them as they are.
   */
  beforeIssue?(claims: OwnClaims, making: MakingToken): OwnClaims | void | Promise<OwnClaims | void>;
  /** When a token is signed and nobody has it yet. Nothing is written when this refuses. */
  afterIssue?(issued: IssuedToken, making: MakingToken): void | Promise<void>;
  /** Whenever a token is verified, when it has passed every other check; also for one that is remembered. */
  verify?(claims: VerifiedClaims): void | Promise<void>;
  /** When every `verify` has let the token pass. */
  afterVerify?(claims: VerifiedClaims): void | Promise<void>;
  /** When a token was refreshed. The old one is spent; when this refuses, the new one is revoked. */
  afterRefresh?(issued: IssuedToken, from: VerifiedClaims): void | Promise<void>;
  /** When a token was exchanged. When this refuses, a new one with a row is revoked. */
  afterExchange?(issued: IssuedToken, from: VerifiedClaims): void | Promise<void>;
  /** When a token was revoked. The revocation stays whatever this does. */
  afterRevoke?(claims: VerifiedClaims): void | Promise<void>;
}

type HookName = Exclude<keyof TokenHooks, 'beforeIssue'>;
type HookArguments<N extends HookName> = Parameters<NonNullable<TokenHooks[N]>>;

/** Asks the hooks of a profile, and refuses where one of them fails. */
export class HookChain {
  constructor(
    private readonly find: (() => Promise<readonly TokenHooks[]>) | null,
    /** Hears what the client is not told. */
    private readonly onFailure: (hook: string, cause: unknown) => void,
  ) {}

  /** Without hooks, verifying needs no promise. */
  get isEmpty(): boolean {
    return this.find === null;
  }

  /** Finds the hooks, so that one which cannot be made is told at boot. */
  async prepare(): Promise<void> {
    await this.#all();
  }

  async beforeIssue(claims: OwnClaims, making: MakingToken): Promise<OwnClaims> {
    // What was checked must not be changed afterwards, neither by a hook in its place nor by who gave it.
    let current = Object.freeze({ ...claims });
    for (const hooks of await this.#all()) {
      const said = await this.#guard('beforeIssue', () => hooks.beforeIssue?.(current, making));
      if (said === undefined) continue;
      const mistake = mistakeInCustom(said);
      if (mistake !== null) this.#refuse('beforeIssue', new TypeError(mistake));
      current = Object.freeze({ ...said });
    }
    return current;
  }

  async tell<N extends HookName>(name: N, ...args: HookArguments<N>): Promise<void> {
    for (const hooks of await this.#all()) {
      const said: unknown = await this.#guard(name, () =>
        (hooks[name] as ((...all: HookArguments<N>) => unknown) | undefined)?.apply(hooks, args),
      );
      // `false` may be meant as a no. Whoever means one has to throw it.
      if (said !== undefined) this.#refuse(name, new TypeError('A hook answers with nothing, or throws'));
    }
  }

  #all(): Promise<readonly TokenHooks[]> | readonly TokenHooks[] {
    return this.find?.() ?? [];
  }

  async #guard<T>(name: string, ask: () => T | Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      if (isAuthError(cause)) throw cause;
      this.#refuse(name, cause);
    }
  }

  #refuse(name: string, cause: unknown): never {
    this.onFailure(name, cause);
    deny(tokenRefusals.tokenHookFailed);
  }
}
