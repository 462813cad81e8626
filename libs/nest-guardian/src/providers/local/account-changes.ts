import type { AccountWork } from '../../core/ports/account-work.js';
import type { UnitOfWork } from '../../core/ports/persistence.js';
import type { UserChange, UserStore } from '../../core/ports/stores.js';
import type { User } from '../../core/records.js';
import { overlay } from './overlay.js';

type Kind = 'userCreated' | 'userUpdated' | 'userDeleted';

/** Which accounts a request has changed, and the application's own work on them. */
export class AccountChanges {
  readonly #created = new Set<string>();
  readonly #updated = new Set<string>();
  readonly #deleted = new Map<string, User>();

  constructor(private readonly find: () => Promise<readonly AccountWork[]>) {}

  /** The same store, which is listened to. */
  watch(users: UserStore): UserStore {
    const noteUpdate = async <T>(id: string, written: Promise<T>): Promise<T> => {
      const result = await written;
      if (result !== null) this.#updated.add(id);
      return result;
    };
    return overlay<UserStore>(users, {
      insert: async (user) => {
        const inserted = await users.insert(user);
        if (inserted !== null) this.#created.add(inserted.id);
        return inserted;
      },
      delete: async (id) => {
        const user = await users.findById(id);
        const isDeleted = await users.delete(id);
        if (isDeleted && user !== null) this.#deleted.set(id, user);
        return isDeleted;
      },
      update: (id, change, at) => {
        const written = users.update(id, change, at);
        return saysMore(change) ? noteUpdate(id, written) : written;
      },
      softDelete: (user, at) => noteUpdate(user.id, users.softDelete(user, at)),
      insertIdentity: (identity) => noteUpdate(identity.userId, users.insertIdentity(identity)),
      mergeIdentityData: (id, provider, change) =>
        noteUpdate(id, users.mergeIdentityData(id, provider, change)),
      replaceIdentityData: (identity, change) =>
        noteUpdate(identity.userId, users.replaceIdentityData(identity, change)),
      deleteIdentity: (identity) => noteUpdate(identity.userId, users.deleteIdentity(identity)),
      verifyIdentities: (id, email, at) => noteUpdate(id, users.verifyIdentities(id, email, at)),
      clearUnproved: (id, left) => noteUpdate(id, users.clearUnproved(id, left)),
    });
  }

  /** Has the application do its part, in the transaction of the unit of work. */
  async doWork(unit: UnitOfWork): Promise<void> {
    const updated = [...this.#updated].filter((id) => !this.#created.has(id));
    const changes: readonly (readonly [Kind, readonly User[]])[] = [
      ['userCreated', await presentUsers(this.#created, unit)],
      ['userUpdated', await presentUsers(updated, unit)],
      ['userDeleted', [...this.#deleted.values()]],
    ];
    if (changes.every(([, users]) => users.length === 0)) return;
    // Race: taken once. Work that goes on after its request was given up must not open another transaction.
    const manager = await unit.manager();
    const works = await this.find();
    for (const [kind, users] of changes) {
      const told = works.flatMap((work) => users.map((user) => () => work[kind]?.(user, manager)));
      for (const tell of told) await tell();
    }
  }
}

/** Whether it is about the person, and not merely about when they were sent something. */
const saysMore = (change: UserChange): boolean =>
  Object.entries(change).some(([name, value]) => value !== undefined && !name.endsWith('SentAt'));

async function presentUsers(ids: Iterable<string>, { users }: UnitOfWork): Promise<User[]> {
  const found: User[] = [];
  for (const id of ids) {
    const user = await users.findById(id);
    if (user !== null) found.push(user);
  }
  return found;
}
