import { beforeEach, describe, expect, it } from '@jest/globals';
import { inUnit } from '../../../../../test/support/in-unit.js';
import { newUser } from '../../../../../test/support/people.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { AccountWork } from '../../core/ports/account-work.js';
import type { UnitOfWork } from '../../core/ports/persistence.js';
import type { UserStore } from '../../core/ports/stores.js';
import type { User } from '../../core/records.js';
import { AccountChanges } from './account-changes.js';

const at = new Date('2026-08-20T10:00:00.123Z');

onBothDatabases('changes of accounts', (open) => {
  const heard: string[] = [];
  const told: User[] = [];
  class Hears extends AccountWork {
    override userCreated = async (user: User) => void heard.push(`created ${this.#see(user)}`);
    override userUpdated = async (user: User) => void heard.push(`updated ${this.#see(user)}`);
    override userDeleted = async (user: User) => void heard.push(`deleted ${this.#see(user)}`);

    #see(user: User): string {
      told.push(user);
      return user.id;
    }
  }
  beforeEach(() => {
    heard.length = 0;
    told.length = 0;
  });

  /** What is told of, when a request does this. */
  const request = (does: (users: UserStore, unit: UnitOfWork) => Promise<unknown>): Promise<string[]> =>
    inUnit(open(), async (unit) => {
      const changes = new AccountChanges(async () => [new Hears()]);
      await does(changes.watch(unit.users), unit);
      await changes.doWork(unit);
      return [...heard];
    });
  const present = async (): Promise<User> => {
    const user = newUser({ passwordHash: 'old' });
    await inUnit(open(), ({ users }) => users.insert(user));
    return inUnit(open(), async ({ users }) => (await users.findById(user.id)) as User);
  };

  it('are told once each, created before updated before deleted', async () => {
    const [ann, bob] = [await present(), await present()];
    const cid = newUser();
    const said = await request(async (users) => {
      await users.delete(bob.id);
      await users.update(ann.id, { role: 'a' }, at);
      await users.update(ann.id, { userMetadataMerge: { name: 'Ann' } }, at);
      await users.insert(cid);
      await users.update(cid.id, { role: 'c' }, at);
    });
    expect(said).toEqual([`created ${cid.id}`, `updated ${ann.id}`, `deleted ${bob.id}`]);
    expect(told).toMatchObject([{ role: 'c' }, { userMetadata: { name: 'Ann' } }, { email: bob.email }]);
  });

  it('of somebody who came and went are told, too', async () => {
    const user = newUser();
    const said = await request(async (users) => {
      await users.insert(user);
      await users.delete(user.id);
    });
    expect(said).toEqual([`deleted ${user.id}`]);
  });

  it.each<[string, (users: UserStore, user: User) => Promise<unknown>]>([
    ['a soft deletion', (users, user) => users.softDelete(user, at)],
    ['a ban', (users, { id }) => users.update(id, { bannedUntil: at }, at)],
    ['a new password', (users, { id }) => users.update(id, { passwordHash: 'new' }, at)],
    [
      'a new identity',
      (users, { id }) =>
        users.insertIdentity({ userId: id, provider: 'email', providerId: id, identityData: {}, at }),
    ],
    ['a proved address', (users, user) => users.verifyIdentities(user.id, user.email ?? '', at)],
    ['what was unproved', (users, { id }) => users.clearUnproved(id, { userMetadata: {}, at })],
  ])('are told of %s', async (_, does) => {
    const user = await present();
    expect(await request((users) => does(users, user))).toEqual([`updated ${user.id}`]);
  });

  it.each<[string, (users: UserStore, user: User) => Promise<unknown>]>([
    ['a look', (users, { id }) => users.findById(id)],
    ['a password that is hashed anew', (users, { id }) => users.replacePasswordHash(id, 'old', 'new')],
    ['something that was sent', (users, { id }) => users.update(id, { recoverySentAt: at }, at)],
    ['an address that is taken', (users, user) => users.insert(newUser({ email: user.email }))],
    ['nobody', (users) => users.delete(newUser().id)],
  ])('are not told of %s', async (_, does) => {
    const user = await present();
    expect(await request((users) => does(users, user))).toEqual([]);
  });

  it('are whatever an identity provider says anew, and an identity taken away', async () => {
    const { id: userId } = await present();
    const identity = { userId, provider: 'acme', providerId: userId, identityData: {}, at };
    const given = await inUnit(open(), ({ users }) => users.insertIdentity(identity));
    const { id = '' } = given ?? {};
    expect(
      await request((users) => users.replaceIdentityData({ id, userId }, { data: { name: 'A' }, at })),
    ).toEqual([`updated ${userId}`]);
    expect(told[0]?.identities).toMatchObject([{ identityData: { name: 'A' } }]);
    heard.length = 0;
    expect(await request((users) => users.deleteIdentity({ id, userId }))).toEqual([`updated ${userId}`]);
  });

  it('open no transaction where there is none', async () => {
    const user = await present();
    await request(async (users, unit) => {
      unit.manager = () => Promise.reject(new Error('a transaction was opened'));
      await users.findById(user.id);
    });
  });

  describe('by several classes', () => {
    it('are told to each of them, one after another, and to none after one that throws', async () => {
      const user = await present();
      const order: string[] = [];
      const work = (name: string, error?: Error): AccountWork => ({
        userUpdated: async () => {
          order.push(name);
          if (error) throw error;
        },
      });
      const refused = inUnit(open(), async (unit) => {
        const all = [work('first'), work('second', new Error('no')), work('third')];
        const changes = new AccountChanges(async () => all);
        await changes.watch(unit.users).update(user.id, { role: 'x' }, at);
        await changes.doWork(unit);
      });
      await expect(refused).rejects.toThrow('no');
      expect(order).toEqual(['first', 'second']);
      expect(await inUnit(open(), ({ users }) => users.findById(user.id))).toMatchObject({ role: user.role });
    });
  });
});
