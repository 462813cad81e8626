import type { User } from '../records.js';

/**
 * What an application writes in the same transaction as an account changes: `overrideProvider`, or a class under
 * `accountWork` of `forRoot`. `manager` is the transaction's own (TypeORM's `EntityManager`): what is written with it
 * stays if the account does. What is thrown undoes all of it and is the answer. Nothing slow belongs here: the
 * transaction waits.
 */
export abstract class AccountWork {
  userCreated?(user: User, manager: unknown): Promise<void>;
  userUpdated?(user: User, manager: unknown): Promise<void>;
  userDeleted?(user: User, manager: unknown): Promise<void>;
}
