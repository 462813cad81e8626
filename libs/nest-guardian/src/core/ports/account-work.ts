import type { User } from '../records.js';

/**
 * What an application writes in the same transaction as an account changes: a class under `accountWork` of `forRoot`.
 * `manager` is the transaction's own (TypeORM's `EntityManager`): what is written with it stays if the account does.
 * What is thrown undoes all of it and is the answer. Nothing slow belongs here: the transaction waits. Each is called
 * at the end of a request, once for every user, who is given as they are then; whoever was made in the same request
 * is not told of as changed too.
 */
export abstract class AccountWork {
  userCreated?(user: User, manager: unknown): Promise<void>;
  /**
   * What the account says of the person has changed, or somebody was banned, or deleted softly: then `deletedAt` is
   * set. That they signed in, or were sent something, is no change.
   */
  userUpdated?(user: User, manager: unknown): Promise<void>;
  /** Gets the user as they were, and is called when the row is gone already. */
  userDeleted?(user: User, manager: unknown): Promise<void>;
}
