import type { Flow } from '../core/flow.js';
import type { Operation } from '../core/operation.js';
import type { OptionShape } from '../core/option.js';
import type { LocalNeeds } from '../steps/needs.js';

type InputClass = abstract new () => object;

/** An operation as a feature offers it: how it is done locally, and the shape its body must have. */
export interface Offer {
  readonly operation: Operation;
  /** Null in a feature that only delegates: the local provider then answers with the operation's `off`. */
  readonly flow: Flow<Operation, LocalNeeds> | null;
  /** A class-validator class, or null for an operation whose body is not read. */
  readonly input: InputClass | null;
}

/** What an application switches on. */
export interface Feature {
  readonly name: string;
  readonly offers: readonly Offer[];
  /** Its options, found under the feature's name in those of the local provider. */
  readonly options: OptionShape;
}

/** Pairs an operation with its flow and input; the one place where a flow's own needs are taken on trust. */
export const offer = <I, O>(
  operation: Operation<I, O>,
  flow: Flow<Operation<I, O>, never> | null,
  input: InputClass | null = null,
): Offer => ({ operation: operation as Operation, flow: flow as Offer['flow'], input });

/** An operation that the local provider refuses with its `off`, and any other provider may answer. */
export const delegated = <I, O>(operation: Operation<I, O>, input: InputClass | null = null): Offer =>
  offer(operation, null, input);
