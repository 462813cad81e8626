import { beforeAll, describe, expect, it } from '@jest/globals';
import { AccountBench, newAddress, somebody, type Told } from '../../../../../test/support/account-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { signInAnonymously } from '../anonymous/anonymous.contract.js';
import { unlinkIdentity } from '../identities/identities.contract.js';

const link = { link_identity: true };

onBothDatabases('one more identity', (open) => {
  let strict: AccountBench;
  let gotrue: AccountBench;
  const benchOf = (mode: string) => (mode === 'strict' ? strict : gotrue);
  beforeAll(async () => {
    strict = await AccountBench.open(open());
    gotrue = await AccountBench.open(open(), { compatibility: 'gotrue', mail: { smtpTls: false } });
  });

  const anonymous = async (bench: AccountBench) => {
    const session = await bench.sending.ask(signInAnonymously, { data: { theme: 'dark' } });
    return { id: session.user.id, bearer: session.access_token };
  };

  describe.each(['strict', 'gotrue'])('%s', (mode) => {
    it.each([
      ['another address', {}],
      ['an unverified one', { isVerified: false }],
      ['none', { email: undefined }],
    ] as [string, Partial<Told>][])(
      'is one more way in for the person, who stays who they are: %s',
      async (...given) => {
        const member = await benchOf(mode).member();
        const work = somebody(given[1]);
        const { user } = await benchOf(mode).open(work, link, member.access_token);
        expect(user).toMatchObject({
          id: member.user.id,
          email: member.user.email,
          app_metadata: { provider: 'email', providers: ['email', 'acme'] },
        });
        expect(user.user_metadata).toEqual(member.user.user_metadata);
        expect(await benchOf(mode).audit(user.id)).toContain('identity_linked acme');
        expect((await benchOf(mode).open(work)).user.id).toBe(user.id);
      },
    );

    it('P-11 is not taken from anybody, nor given twice', async () => {
      const [ann, bob] = [await benchOf(mode).member(), await benchOf(mode).member()];
      const work = somebody();
      await benchOf(mode).open(work, link, ann.access_token);
      const exists = '422 identity_already_exists: Identity is already linked';
      expect(await benchOf(mode).enter(work, link, ann.access_token)).toBe(exists);
      expect(await benchOf(mode).enter(work, link, bob.access_token)).toBe(`${exists} to another user`);
      expect(await benchOf(mode).rowOf(work)).toMatchObject({ id: ann.user.id, ways: ['acme', 'email'] });
    });

    it('makes an anonymous person permanent', async () => {
      const { id, bearer } = await anonymous(benchOf(mode));
      const ann = somebody();
      const { user } = await benchOf(mode).open(ann, link, bearer);
      expect(user).toMatchObject({
        id,
        email: ann.email,
        is_anonymous: false,
        app_metadata: { provider: 'acme', providers: ['acme'] },
        user_metadata: { theme: 'dark', email_verified: true },
      });
      expect(user.email_confirmed_at).toBeTruthy();
      expect((await benchOf(mode).open(ann)).user.id).toBe(id);
    });

    it('P-12 takes no address from who has it', async () => {
      const { id, bearer } = await anonymous(benchOf(mode));
      const carl = await benchOf(mode).member();
      for (const isVerified of [true, false]) {
        const told = somebody({ email: carl.user.email, isVerified });
        expect(await benchOf(mode).enter(told, link, bearer)).toBe(
          '400 email_exists: A user with this email address has already been registered',
        );
        expect(await benchOf(mode).rowOf(told)).toBeUndefined();
      }
      const [row] = await benchOf(mode).query('SELECT email, is_anonymous FROM auth.users WHERE id = $1', [
        id,
      ]);
      expect(row).toEqual({ email: null, is_anonymous: true });
    });

    it('without an address makes permanent where people may come back without one', async () => {
      const { id, bearer } = await anonymous(benchOf(mode));
      const mute = somebody({ email: undefined });
      expect(await benchOf(mode).enter(mute, link, bearer)).toMatch(/^422 provider_email_needs_verification/);
      expect(await benchOf(mode).rowOf(mute)).toBeUndefined();
      const { user } = await benchOf(mode).open(mute, { ...link, provider: 'mute' }, bearer);
      expect(user).toMatchObject({ id, email: '', is_anonymous: false });
      expect((await benchOf(mode).open(mute, { provider: 'mute' })).user.id).toBe(id);
    });

    it('P-10 is taken away again, but never the last one', async () => {
      const { bearer } = await anonymous(benchOf(mode));
      const [one, two] = [somebody(), somebody()];
      await benchOf(mode).open(one, link, bearer);
      const { user } = await benchOf(mode).open(two, link, bearer);
      const unlink = (identity_id: string) =>
        benchOf(mode).sending.answerOf(
          unlinkIdentity,
          { identity_id },
          { ...benchOf(mode).sending.caller, bearer },
        );
      const ids = user.identities?.map(({ identity_id }) => identity_id) ?? [];
      expect(await unlink(ids[0] ?? '')).toEqual({});
      expect(await benchOf(mode).rowOf(two)).toMatchObject({ email: two.email, ways: ['acme'] });
      expect(await unlink(ids[1] ?? '')).toMatch(/^422 single_identity_not_deletable/);
    });

    it('is for those who are signed in', async () => {
      expect(await benchOf(mode).enter(somebody(), link)).toBe(
        '400 invalid request: Linking requires a valid user access token in Authorization',
      );
      expect(await benchOf(mode).enter(somebody(), link, 'no.jwt.this')).toMatch(/^403 bad_jwt/);
      const member = await benchOf(mode).member();
      await benchOf(mode).query('DELETE FROM auth.users WHERE id = $1', [member.user.id]);
      expect(await benchOf(mode).enter(somebody(), link, member.access_token)).toMatch(/^403 user_not_found/);
    });
  });

  it('is there only where people may link', async () => {
    const closed = await AccountBench.open(open(), { identities: { manualLinking: false } });
    const { access_token: bearer } = await closed.member(newAddress());
    const off = '404 manual_linking_disabled: Manual linking is disabled';
    expect(await closed.enter(somebody(), link, bearer)).toBe(off);
  });
});
