import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { AuthError } from '../core/auth-error.js';
import type { Bearer } from '../wire/bearer.js';

/** What the client may read of a failure, in every context but HTTP. Plain JSON, whatever was thrown. */
export interface Refusal {
  readonly code: string;
  /** The HTTP status that the same failure has on the application's own routes. */
  readonly status: number;
  readonly message: string;
  /** Further members of the failure. */
  readonly [member: string]: unknown;
}

/** How a call ended that did not go well: with a refusal, or with what a clause answered in its place. */
export type Ending = { readonly refusal: Refusal } | { readonly value: unknown };

/** What a call leaves open behind it: the connection of a subscription, which is the call's carrier, or a stream of events. */
export interface Lasting {
  end(refusal: AuthError): void;
  /** Calls back when it is over by itself, or at once where it is already. */
  whenOver(stop: () => void): void;
}

/** What a guard needs to know of a kind of request. */
export interface ContextKind {
  /**
   * What an admission belongs to: the real request, the socket, the context of one message. Never something that a
   * client writes, such as a payload. Null where Nest hands over no such thing; then nobody is let in.
   */
  carrierOf(host: ArgumentsHost): object | null;
  /** The bearer token with which it came. */
  bearerOf(carrier: object): Bearer;
  /**
   * Waits where it is not yet settled whether there may be calls at all, such as on a socket that is being let in.
   * @throws noAuthorization where there may be none, not even of what is public
   */
  ready?(carrier: object): Promise<void> | undefined;
  /** Whether the call leaves something open, which has to end with the session of whoever was let in. */
  isLasting?(context: ExecutionContext): boolean;
  /** What that is. Asked only of calls that were let in. */
  lastingOf?(context: ExecutionContext): Lasting;
  /** What stands for this one call among those that share a carrier; the same for guard, interceptor and filter. */
  callOf(host: ArgumentsHost): object | null;
  /** Remembers more of a call that the filter may ask about; called by guard and interceptor. */
  remember?(context: ExecutionContext): void;
}

/** The same for kinds that are not HTTP, and how a failure is told there. */
export interface MessageKind extends ContextKind {
  /** The call as a log names it. Carries nothing that a client wrote but the name of what it called. */
  nameOf(host: ArgumentsHost): string;
  /** Whether there is nobody to whom the failure could be told, so that it has to be logged and counted. */
  isUnheard(host: ArgumentsHost): boolean;
  /** Whether Nest can send what a handler returned. Nobody catches what it throws where it cannot. */
  canSend(value: unknown, host: ArgumentsHost): boolean;
  /**
   * Tells the caller how the call ended, in what it returns or throws to Nest. Never throws anything else, and leaves no
   * rejected promise where Nest awaits none.
   * @param ending never rejects
   */
  end(ending: Promise<Ending>, host: ArgumentsHost): unknown;
}

/** Makes something a key of a `WeakMap`, or null. */
export const objectOrNull = (value: unknown): object | null =>
  (typeof value === 'object' && value !== null) || typeof value === 'function' ? (value as object) : null;
