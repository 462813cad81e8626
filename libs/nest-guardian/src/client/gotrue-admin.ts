import type { InputOf, OutputOf } from '../core/operation.js';
import type { OfUser } from '../features/admin/admin.contract.js';
import { listAuditEntries } from '../features/admin-audit/admin-audit.contract.js';
import {
  deleteUserFactor,
  listUserFactors,
  updateUserFactor,
} from '../features/admin-factors/admin-factors.contract.js';
import { generateLink } from '../features/admin-links/admin-links.contract.js';
import {
  endUserSession,
  endUserSessions,
  listUserSessions,
} from '../features/admin-sessions/admin-sessions.contract.js';
import {
  createUser,
  deleteUser,
  getUserById,
  listUsers,
  updateUserById,
} from '../features/admin-users/admin-users.contract.js';
import type { Connection } from './connection.js';

type Answer<Op> = Promise<OutputOf<Op>>;
/** What is said of somebody, beside who it is. */
type Change<Op, Names extends string = never> = Omit<InputOf<Op>, keyof OfUser | Names>;

/** What an administrator asks of a GoTrue server. Needs the option `serviceRoleKey`. */
export class GoTrueAdmin {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  listUsers(query: InputOf<typeof listUsers> = {}): Answer<typeof listUsers> {
    return this.#connection.request(listUsers, query);
  }

  getUserById(user_id: string): Answer<typeof getUserById> {
    return this.#connection.request(getUserById, { user_id });
  }

  createUser(user: InputOf<typeof createUser>): Answer<typeof createUser> {
    return this.#connection.request(createUser, user);
  }

  updateUserById(user_id: string, changes: Change<typeof updateUserById>): Answer<typeof updateUserById> {
    return this.#connection.request(updateUserById, { ...changes, user_id });
  }

  async deleteUser(user_id: string, shouldSoftDelete = false): Promise<void> {
    await this.#connection.request(deleteUser, { user_id, should_soft_delete: shouldSoftDelete });
  }

  /** Makes a link and mails it to nobody. */
  generateLink(link: InputOf<typeof generateLink>): Answer<typeof generateLink> {
    return this.#connection.request(generateLink, link);
  }

  listFactors(user_id: string): Answer<typeof listUserFactors> {
    return this.#connection.request(listUserFactors, { user_id });
  }

  updateFactor(
    user_id: string,
    factor_id: string,
    changes: Change<typeof updateUserFactor, 'factor_id'>,
  ): Answer<typeof updateUserFactor> {
    return this.#connection.request(updateUserFactor, { ...changes, user_id, factor_id });
  }

  deleteFactor(user_id: string, factor_id: string): Answer<typeof deleteUserFactor> {
    return this.#connection.request(deleteUserFactor, { user_id, factor_id });
  }

  /** Of a server of ours: a GoTrue server has neither this route nor those of the next two. */
  listSessions(user_id: string): Answer<typeof listUserSessions> {
    return this.#connection.request(listUserSessions, { user_id });
  }

  endSession(user_id: string, session_id: string): Promise<void> {
    return this.#connection.request(endUserSession, { user_id, session_id });
  }

  endSessions(user_id: string): Promise<void> {
    return this.#connection.request(endUserSessions, { user_id });
  }

  listAuditEntries(query: InputOf<typeof listAuditEntries> = {}): Answer<typeof listAuditEntries> {
    return this.#connection.request(listAuditEntries, query);
  }
}
