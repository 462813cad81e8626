import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { isAuthError } from '../../core/auth-error.js';
import type { Caller } from '../../core/caller.js';
import { parseDuration } from '../../core/duration.js';
import type { UserBody } from '../../wire/user.js';
import { getUser } from '../user/user.contract.js';
import { linkIdentity, unlinkIdentity } from './identities.contract.js';

onBothDatabases('identities of a person', (open) => {
  let bench: SessionBench;
  let strict: SessionBench;
  let closed: SessionBench;
  beforeAll(async () => {
    bench = await SessionBench.open(open(), { identities: { manualLinking: true } });
    strict = await SessionBench.open(open(), {
      identities: { manualLinking: true },
      password: { autoconfirm: false },
    });
    closed = await SessionBench.open(open(), {});
  });
  afterAll(() => Promise.all([bench, strict, closed].map((one) => one.close())));

  interface Ann {
    readonly id: string;
    readonly bearer: string;
    readonly email: string;
    /** The identity of the address that she signed up with. */
    readonly own: string;
  }
  const newAnn = async (): Promise<Ann> => {
    const { user, access_token: bearer } = await bench.signUp();
    const [own] = user.identities ?? [];
    return { id: user.id, bearer, email: user.email, own: own?.identity_id ?? '' };
  };
  const callerOf = ({ bearer }: Ann, change: Partial<Caller> = {}): Caller => ({
    ...bench.caller,
    bearer,
    ...change,
  });
  /** One more way in, as an identity provider would have given it. */
  const give = async (
    { id }: Pick<Ann, 'id'>,
    provider: string,
    { age = '0s', ...data }: Record<string, unknown> & { readonly age?: string },
  ): Promise<string> => {
    const at = new Date(Date.now() - (parseDuration(age) ?? 0));
    const [row] = await bench.query(
      `INSERT INTO auth.identities (provider_id, user_id, provider, identity_data, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $5) RETURNING id`,
      [randomUUID(), id, provider, JSON.stringify(data), at],
    );
    return row?.id as string;
  };
  const address = () => `${randomUUID()}@example.com`;
  const unlink = async (
    ann: Ann,
    identity_id: string,
    { on = bench, ...change }: Partial<Caller> & { readonly on?: SessionBench } = {},
  ): Promise<string> => {
    try {
      await on.ask(unlinkIdentity, { identity_id }, callerOf(ann, change));
      return 'it is gone';
    } catch (error) {
      if (!isAuthError(error)) throw error;
      return `${error.status} ${error.code}: ${error.message}`;
    }
  };
  const look = (ann: Ann): Promise<UserBody> => bench.ask(getUser, {}, callerOf(ann));
  const single = '422 single_identity_not_deletable: User must have at least 1 identity after unlinking';
  const unknown = "422 identity_not_found: Identity doesn't exist";

  it('are neither linked nor unlinked where that is off', async () => {
    const ann = await newAnn();
    await give(ann, 'keycloak', { email: address(), email_verified: true });
    const off = '404 manual_linking_disabled: Manual linking is disabled';
    expect(await unlink(ann, ann.own, { on: closed })).toBe(off);
    expect(await unlink(ann, 'banana', { on: closed })).toBe(off);
    await expect(closed.ask(linkIdentity, { provider: 'github' }, callerOf(ann))).rejects.toMatchObject({
      code: 'manual_linking_disabled',
    });
  });

  it.each([
    ['banana', 'Unsupported provider: Provider banana could not be found'],
    ['gitlab', 'Unsupported provider: provider is not enabled'],
    [undefined, 'Unsupported provider: Provider  could not be found'],
  ])('are linked with no identity provider, since there is none: %s', async (provider, message) => {
    const asked = bench.ask(linkIdentity, { provider }, callerOf(await newAnn()));
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'validation_failed', message });
  });

  describe('taken away', () => {
    it('are gone, and noted, and the others stay', async () => {
      const ann = await newAnn();
      const work = await give(ann, 'keycloak', { email: address(), email_verified: true });
      expect(await unlink(ann, work.toUpperCase())).toBe('it is gone');
      const user = await look(ann);
      expect(user).toMatchObject({
        email: ann.email,
        app_metadata: { provider: 'email', providers: ['email'] },
      });
      expect(user.identities).toHaveLength(1);
      const rows = await bench.query(
        `SELECT payload FROM auth.audit_log_entries WHERE payload->>'action' = 'identity_unlinked' AND payload->>'actor_id' = $1`,
        [ann.id],
      );
      expect(rows).toMatchObject([
        { payload: { log_type: 'user', traits: { identity_id: work, provider: 'keycloak' } } },
      ]);
    });

    it('A-09 are one’s own: another person’s and nobody’s are answered alike', async () => {
      const [ann, bob] = [await newAnn(), await newAnn()];
      await give(ann, 'keycloak', { email: address(), email_verified: true });
      await give(bob, 'keycloak', { email: address(), email_verified: true });
      for (const id of [bob.own, randomUUID()]) expect(await unlink(ann, id)).toBe(unknown);
      expect((await look(bob)).identities).toHaveLength(2);
    });

    it.each(['banana', '', "' OR 1=1 --", '\u0000'])('have an id that is a uuid, and not %j', async (id) => {
      expect(await unlink(await newAnn(), id)).toBe('404 validation_failed: identity_id must be an UUID');
    });

    it('are not taken for another audience', async () => {
      const ann = await newAnn();
      await give(ann, 'keycloak', { email: address(), email_verified: true });
      expect(await unlink(ann, ann.own, { audience: 'elsewhere' })).toMatch(/^403 unexpected_audience/);
      expect(await unlink(ann, ann.own, { audience: 'authenticated' })).toBe('it is gone');
    });

    it('P-10 leave one, and whoever has one hears that first, whosever the named one is', async () => {
      const [ann, bob] = [await newAnn(), await newAnn()];
      for (const id of [ann.own, bob.own, randomUUID()]) expect(await unlink(ann, id)).toBe(single);
    });

    it('P-10 leave one of two that are taken away at once', async () => {
      const ann = await newAnn();
      const work = await give(ann, 'keycloak', { email: address(), email_verified: true });
      const answers = await Promise.all([unlink(ann, ann.own), unlink(ann, work)]);
      expect(answers.toSorted()).toEqual([single, 'it is gone']);
      expect((await look(ann)).identities).toHaveLength(1);
    });
  });

  describe('that the address came from', () => {
    it('P-10 leave the address of another: verified ones first, then the oldest', async () => {
      const ann = await newAnn();
      const [vague, young, old] = [address(), address(), address()];
      await give(ann, 'github', { email: vague, email_verified: false, age: '3d' });
      await give(ann, 'gitlab', { email: young, email_verified: true, age: '1d' });
      await give(ann, 'keycloak', { email: old, email_verified: true, age: '2d' });
      expect(await unlink(ann, ann.own)).toBe('it is gone');
      const user = await look(ann);
      expect(user.email).toBe(old);
      expect(user.email_confirmed_at).toBeTruthy();
      expect(user.app_metadata.providers).toEqual(['github', 'keycloak', 'gitlab']);
    });

    it('P-10 leave an address unconfirmed that nobody has proved', async () => {
      const ann = await newAnn();
      const vague = address();
      await give(ann, 'keycloak', { email: vague, email_verified: false });
      expect(await unlink(ann, ann.own, { on: strict })).toBe('it is gone');
      const user = await look(ann);
      expect(user).toMatchObject({ email: vague, user_metadata: { email_verified: false } });
      expect(user.email_confirmed_at).toBeUndefined();
    });

    it('leave an unproved address confirmed where all of them are', async () => {
      const ann = await newAnn();
      await give(ann, 'keycloak', { email: address(), email_verified: false });
      await unlink(ann, ann.own);
      expect((await look(ann)).email_confirmed_at).toBeTruthy();
    });

    it('leave the address alone where another has it, too', async () => {
      const ann = await newAnn();
      await give(ann, 'keycloak', { email: ann.email, email_verified: false });
      await unlink(ann, ann.own, { on: strict });
      const user = await look(ann);
      expect(user.email).toBe(ann.email);
      expect(user.email_confirmed_at).toBeTruthy();
    });

    it('stay where every other address is somebody else’s by now', async () => {
      const [ann, bob] = [await newAnn(), await newAnn()];
      await give(ann, 'keycloak', { email: bob.email, email_verified: true });
      expect(await unlink(ann, ann.own)).toBe(
        '422 email_conflict_identity_not_deletable: Unable to unlink identity due to email conflict',
      );
      expect((await look(ann)).identities).toHaveLength(2);
      const free = address();
      await give(ann, 'gitlab', { email: free, email_verified: false });
      expect(await unlink(ann, ann.own)).toBe('it is gone');
      expect((await look(ann)).email).toBe(free);
    });

    it('leave nobody’s links and codes under way, nor a change of address', async () => {
      const ann = await newAnn();
      await give(ann, 'keycloak', { email: address(), email_verified: true });
      await bench.query(
        `INSERT INTO auth.guardian_one_time_secrets (user_id, slot, kind, address, link_hash, code_hash, created_at)
         VALUES ($1::uuid, 'recovery', 'recovery', $2, 'l' || $1::text, 'c', now())`,
        [ann.id, ann.email],
      );
      await bench.query(
        `UPDATE auth.users SET email_change = 'x@example.com', recovery_sent_at = now() WHERE id = $1`,
        [ann.id],
      );
      await unlink(ann, ann.own);
      expect(
        await bench.query('SELECT 1 FROM auth.guardian_one_time_secrets WHERE user_id = $1', [ann.id]),
      ).toEqual([]);
      const rows = await bench.query('SELECT email_change, recovery_sent_at FROM auth.users WHERE id = $1', [
        ann.id,
      ]);
      expect(rows).toEqual([{ email_change: '', recovery_sent_at: null }]);
    });
  });

  it('of a number take the number with them, and leave the address', async () => {
    const ann = await newAnn();
    const number = `49151${Math.floor(Math.random() * 1e8)}`;
    await bench.query('UPDATE auth.users SET phone = $2, phone_confirmed_at = now() WHERE id = $1', [
      ann.id,
      number,
    ]);
    const phone = await give(ann, 'phone', { phone: number, phone_verified: true });
    expect(await unlink(ann, phone)).toBe('it is gone');
    const user = await look(ann);
    expect(user).toMatchObject({ phone: '', email: ann.email, app_metadata: { providers: ['email'] } });
    expect(user.phone_confirmed_at).toBeUndefined();
  });

  it('of an address leave nobody’s address where only a number is left', async () => {
    const ann = await newAnn();
    await give(ann, 'phone', { phone: '4915112345', phone_verified: true });
    expect(await unlink(ann, ann.own)).toBe('it is gone');
    const user = await look(ann);
    expect(user.email).toBe('');
    expect(user.email_confirmed_at).toBeUndefined();
  });
});
