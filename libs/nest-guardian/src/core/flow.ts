import type { InputOf, OutputOf } from './operation.js';

/** How an operation is done locally: a function of input and needs. `Needs` says all it may touch. */
export type Flow<Op, Needs> = (input: InputOf<Op>, needs: Needs) => Promise<OutputOf<Op>>;
