import { afterEach, expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import {
  AdminBench,
  adminPassword as password,
  newAddress,
} from '../../../../../test/support/admin-bench.js';
import { elsewhere, FactorPerson, person } from '../../../../../test/support/factor-person.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { deny } from '../../core/auth-error.js';
import { common } from '../../core/conditions.js';
import {
  createUser,
  deleteUser,
  getUserById,
  listUsers,
  updateUserById,
} from '../../features/admin-users/admin-users.contract.js';
import { signInAnonymously } from '../../features/anonymous/anonymous.contract.js';
import { signInWithPassword } from '../../features/password/password.contract.js';
import { signOut } from '../../features/session/session.contract.js';
import type { SessionBody } from '../../wire/session.js';

const notAdmin = '403 not_admin: User not allowed';

onBothDatabases('who may administer', (open) => {
  const benches: AdminBench[] = [];
  const benchWith = async (options?: LocalOptions): Promise<AdminBench> => {
    const bench = await AdminBench.open(open(), options);
    benches.push(bench);
    return bench;
  };
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });
  const staff: LocalOptions = { admin: { allow: ({ appMetadata }) => appMetadata.staff === true } };
  const signInAs = async (bench: AdminBench, more: object): Promise<SessionBody> => {
    const email = newAddress();
    await bench.ask(createUser, { email, password, email_confirm: true, ...more });
    return bench.ask(signInWithPassword, { email, password });
  };
  const listAs = async (bench: AdminBench, session: SessionBody): Promise<string> => {
    const answer = await bench.ask(listUsers, { per_page: 1 }, bench.as(session));
    return typeof answer === 'string' ? answer : 'allowed';
  };

  it('is whoever has the role, as long as their session and they themselves are there', async () => {
    const bench = await benchWith();
    const boss = () => signInAs(bench, { role: 'service_role' });
    const session = await boss();
    expect(await listAs(bench, session)).toBe('allowed');
    await bench.ask(signOut, {}, bench.as(session));
    expect(await listAs(bench, session)).toMatch(/^403 session_not_found/);
    const banned = await boss();
    await bench.ask(updateUserById, { user_id: banned.user.id, ban_duration: '1h' });
    expect(await listAs(bench, banned)).toMatch(/^403 session_not_found/);
    const gone = await boss();
    await bench.ask(deleteUser, { user_id: gone.user.id });
    expect(await listAs(bench, gone)).toMatch(/^403 user_not_found/);
    const demoted = await boss();
    await bench.ask(updateUserById, { user_id: demoted.user.id, role: 'authenticated' });
    expect(await listAs(bench, demoted)).toBe(notAdmin);
  });

  it('is nobody whose ban leaves the session where it is', async () => {
    const bench = await benchWith({ compatibility: 'gotrue' });
    const session = await signInAs(bench, { role: 'service_role' });
    await bench.ask(updateUserById, { user_id: session.user.id, ban_duration: '1h' });
    expect(await listAs(bench, session)).toBe('403 user_banned: User is banned');
  });

  it('is nobody whose session has passed one of its limits', async () => {
    const over = '403 session_expired: Session is no longer valid';
    for (const limit of [{ timebox: '5m' }, { inactivityTimeout: '5m' }]) {
      const bench = await benchWith({ session: limit });
      const session = await signInAs(bench, { role: 'service_role' });
      expect(await listAs(bench, session)).toBe('allowed');
      bench.clock.advance('6m');
      expect(await listAs(bench, session)).toBe(over);
    }
  });

  it('is whom the application’s rule lets in, and nobody else', async () => {
    const bench = await benchWith(staff);
    expect(await listAs(bench, await signInAs(bench, { app_metadata: { staff: true } }))).toBe('allowed');
    const others = [
      {},
      { app_metadata: { staff: 'yes' } },
      { user_metadata: { staff: true } },
      { role: 'staff' },
    ];
    for (const other of others) expect(await listAs(bench, await signInAs(bench, other))).toBe(notAdmin);
    const without = await benchWith();
    const person = await signInAs(without, { app_metadata: { staff: true } });
    expect(await listAs(without, person)).toBe(notAdmin);
  });

  it('is nobody by a rule that says anything but yes, or fails', async () => {
    const answers: (() => unknown)[] = [() => 'yes', () => 1, () => ({}), async () => 'yes', () => undefined];
    for (const allow of answers) {
      const bench = await benchWith({ admin: { allow: allow as () => boolean } });
      expect(await listAs(bench, await bench.bench.signUp())).toBe(notAdmin);
    }
    const refusing = await benchWith({ admin: { allow: () => deny(common.overloaded) } });
    expect(await listAs(refusing, await refusing.bench.signUp())).toMatch(/^503 overloaded/);
    const broken = await benchWith({
      admin: {
        allow: async () => {
          throw new Error('no connection');
        },
      },
    });
    await expect(listAs(broken, await broken.bench.signUp())).rejects.toThrow('no connection');
    const slow = await benchWith({ admin: { allow: async () => true } });
    expect(await listAs(slow, await slow.bench.signUp())).toBe('allowed');
  });

  it('is asked about people only, and about those who are still let in', async () => {
    const asked: string[] = [];
    const bench = await benchWith({
      anonymous: { enabled: true },
      admin: { allow: ({ id }) => asked.push(id) > 0 },
    });
    const anonymous: SessionBody = await bench.ask(signInAnonymously, {}, bench.bench.caller);
    expect(await listAs(bench, anonymous)).toBe(notAdmin);
    const session = await bench.bench.signUp();
    await bench.ask(signOut, {}, bench.as(session));
    expect(await listAs(bench, session)).toMatch(/^403 session_not_found/);
    expect(asked).toEqual([]);
    const { user, ...boss } = await bench.bench.signUp();
    expect(await listAs(bench, { user, ...boss })).toBe('allowed');
    expect(asked).toEqual([user.id]);
  });

  it('has shown the second factor that they have', async () => {
    const bench = await benchWith({ admin: { allow: () => true } });
    const ann = await person(bench.bench);
    await ann.protect();
    expect(await listAs(bench, ann.session)).toBe('allowed');
    const again: FactorPerson = await elsewhere(bench.bench, ann);
    expect(await listAs(bench, again.session)).toMatch(/^403 insufficient_aal/);
  });

  it('is named in the audit trail', async () => {
    const bench = await benchWith(staff);
    const session = await signInAs(bench, { app_metadata: { staff: true } });
    const other = await bench.bench.signUp();
    const changes = { user_id: other.user.id, role: 'editor' };
    expect(await bench.ask(updateUserById, changes, bench.as(session))).toMatchObject({ role: 'editor' });
    expect((await bench.trailOf(other.user.id)).at(-1)).toMatchObject({
      actor_id: session.user.id,
      actor_username: session.user.email,
    });
  });

  it('Z-14 sees by the rule nobody of another audience, by list, id, address or header', async () => {
    const bench = await benchWith(staff);
    const session = await signInAs(bench, { app_metadata: { staff: true } });
    const email = newAddress();
    const { id: user_id } = await bench.ask(createUser, { email, aud: 'elsewhere' });
    const own = bench.as(session);
    expect((await bench.ask(listUsers, { email }, own)).total).toBe(0);
    for (const operation of [getUserById, updateUserById, deleteUser]) {
      expect(await bench.ask(operation, { user_id }, own)).toBe('404 user_not_found: User not found');
    }
    const reaching = bench.as(session, { audience: 'elsewhere' });
    const mismatch = "400 validation_failed: Token audience doesn't match request audience";
    expect(await bench.ask(listUsers, {}, reaching)).toBe(mismatch);
    expect(await bench.ask(createUser, { email: newAddress(), aud: 'elsewhere' }, own)).toBe(mismatch);
  });
});
