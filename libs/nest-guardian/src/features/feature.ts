import { deny } from '../core/auth-error.js';
import type { Flow } from '../core/flow.js';
import type { Operation } from '../core/operation.js';
import type { OptionShape } from '../core/option.js';
import type { LocalNeeds } from '../steps/needs.js';
import { requireCaller } from '../steps/require-caller.js';

type InputClass = abstract new () => object;

/** The body goes on as it is, for another server to judge; one that cannot be read is as good as empty. */
export const asItIs = 'as it is';

/** An operation as a feature offers it: how it is done locally, and the shape its body must have. */
export interface Offer {
  readonly operation: Operation;
  /** Null in a feature that only delegates: the local provider then answers with the operation's `off`. */
  readonly flow: Flow<Operation, LocalNeeds> | null;
  /** A class-validator class, `asItIs`, or null for an operation whose body is not read. */
  readonly input: InputClass | typeof asItIs | null;
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
  input: Offer['input'] = null,
): Offer => ({ operation: operation as Operation, flow: flow as Offer['flow'], input });

/** An operation that the local provider refuses with its `off`, and any other provider may answer. */
export const delegated = <I, O>(operation: Operation<I, O>, input: Offer['input'] = null): Offer =>
  offer(operation, null, input);

/** The same, but GoTrue looks at the bearer first: who may not ask does not hear that there is nothing to ask for. */
export const delegatedBehindBearer = <I, O>(
  operation: Operation<I, O>,
  input: Offer['input'] = null,
): Offer => {
  const refuse = async (_: unknown, needs: LocalNeeds): Promise<never> => {
    if (operation.access !== 'admin') await requireCaller(needs);
    return deny(operation.off);
  };
  return offer(operation, refuse, input);
};
