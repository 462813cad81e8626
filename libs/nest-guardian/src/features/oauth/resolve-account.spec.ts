import { beforeAll, describe, expect, it } from '@jest/globals';
import { AccountBench, newAddress, password, somebody } from '../../../../../test/support/account-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { signUp } from '../password/password.contract.js';

const unverified =
  '422 provider_email_needs_verification: Unverified email with acme. Verify the email with acme in order to sign in';
const mailed =
  '422 provider_email_needs_verification: Unverified email with acme. A confirmation email has been sent to your acme email';

onBothDatabases('whose account an identity is', (open) => {
  let strict: AccountBench;
  let gotrue: AccountBench;
  const benchOf = (mode: string) => (mode === 'strict' ? strict : gotrue);
  beforeAll(async () => {
    strict = await AccountBench.open(open());
    gotrue = await AccountBench.open(open(), { compatibility: 'gotrue', mail: { smtpTls: false } });
  });

  describe.each(['strict', 'gotrue'])('%s', (mode) => {
    it('a stranger with a verified address gets a confirmed account', async () => {
      const ann = somebody();
      const { user } = await benchOf(mode).open(ann);
      expect(user).toMatchObject({
        email: ann.email,
        app_metadata: { provider: 'acme', providers: ['acme'] },
        user_metadata: {
          full_name: 'Ann Example',
          email: ann.email,
          email_verified: true,
          phone_verified: false,
        },
        identities: [{ id: ann.subject, provider: 'acme', email: ann.email }],
      });
      expect(user.email_confirmed_at).toBeTruthy();
      expect(await benchOf(mode).audit(user.id)).toEqual(['user_signedup acme']);
    });

    it('whoever comes again is the same person, of whom the provider tells something new', async () => {
      const ann = somebody({ data: { full_name: 'Ann', team: 'red' } });
      const { user } = await benchOf(mode).open(ann);
      const again = await benchOf(mode).open({ ...ann, data: { full_name: 'Anna' } });
      expect(again.user.id).toBe(user.id);
      expect(again.user.user_metadata).toMatchObject({ full_name: 'Anna', team: 'red' });
      expect(again.user.identities?.[0]?.identity_data).toEqual({
        full_name: 'Anna',
        sub: ann.subject,
        email: ann.email,
        email_verified: true,
        phone_verified: false,
      });
      expect(await benchOf(mode).audit(user.id)).toEqual(['login acme', 'user_signedup acme']);
    });

    it('O-06 one subject at two providers is two people, and a subject counts to the letter', async () => {
      const { subject } = somebody();
      const ids = [
        await benchOf(mode).open(somebody({ subject })),
        await benchOf(mode).open(somebody({ subject }), { provider: 'other' }),
        await benchOf(mode).open(somebody({ subject: subject.toUpperCase() })),
        await benchOf(mode).open(somebody({ subject: `${subject} ` })),
      ].map(({ user }) => user.id);
      expect(new Set(ids).size).toBe(4);
    });

    it('an address that both sides have verified is one person’s, whose password is as good as before', async () => {
      const member = await benchOf(mode).member();
      const ann = somebody({ email: member.user.email.toUpperCase() });
      const { user } = await benchOf(mode).open(ann);
      expect(user.id).toBe(member.user.id);
      expect(user.app_metadata.providers).toEqual(['email', 'acme']);
      expect(user.user_metadata).toMatchObject({ city: 'Bern', full_name: 'Ann Example' });
      expect(await benchOf(mode).signIn(member.user.email)).toMatchObject({ user: { id: user.id } });
      expect(await benchOf(mode).audit(user.id)).toEqual(
        expect.arrayContaining(['identity_linked acme', 'login acme']),
      );
    });

    it('an address that a linked identity has verified is its person’s', async () => {
      const bearer = (await benchOf(mode).member()).access_token;
      const work = somebody();
      const { user } = await benchOf(mode).open(work, { link_identity: true }, bearer);
      const third = await benchOf(mode).open(somebody({ email: work.email }), { provider: 'other' });
      expect(third.user.id).toBe(user.id);
    });

    it('an address that a linked identity has not verified is nobody’s yet', async () => {
      const bearer = (await benchOf(mode).member()).access_token;
      const vague = somebody({ isVerified: false });
      const { user } = await benchOf(mode).open(vague, { link_identity: true }, bearer);
      const owner = await benchOf(mode).open(somebody({ email: vague.email }), { provider: 'other' });
      expect(owner.user.id).not.toBe(user.id);
    });

    it('an address that two people have verified opens neither’s account', async () => {
      const [dora, emil] = [await benchOf(mode).member(), await benchOf(mode).member()];
      await benchOf(mode).open(
        somebody({ email: emil.user.email }),
        { link_identity: true },
        dora.access_token,
      );
      expect(await benchOf(mode).enter(somebody({ email: emil.user.email }), { provider: 'other' })).toBe(
        '500 unexpected_failure: Multiple accounts with the same email address in the same linking domain detected: default',
      );
    });

    it('whose address is another at the provider by now keeps the one they have here', async () => {
      const ann = somebody();
      const { user } = await benchOf(mode).open(ann);
      const moved = await benchOf(mode).open({ ...ann, email: newAddress() });
      expect(moved.user).toMatchObject({ id: user.id, email: ann.email });
    });

    it('whoever is banned does not get in, and nothing of what the provider says is noted', async () => {
      const ann = somebody();
      const { user } = await benchOf(mode).open(ann);
      await benchOf(mode).query(`UPDATE auth.users SET banned_until = '2999-01-01' WHERE id = $1`, [user.id]);
      const before = await benchOf(mode).rowOf(ann);
      const banned = '403 user_banned: User is banned';
      expect(await benchOf(mode).enter({ ...ann, data: { full_name: 'Eve' } })).toBe(banned);
      expect(await benchOf(mode).enter(somebody({ email: ann.email }), { provider: 'other' })).toBe(banned);
      expect(await benchOf(mode).rowOf(ann)).toEqual(before);
    });

    it('an unverified address opens a session once its mail was followed, and none before', async () => {
      const ann = somebody({ isVerified: false });
      expect(await benchOf(mode).enter(ann)).toBe(mailed);
      expect(await benchOf(mode).rowOf(ann)).toMatchObject({ email: ann.email, email_confirmed_at: null });
      expect(await benchOf(mode).enter(ann)).toMatch(/^429 over_email_send_rate_limit/);
      expect(benchOf(mode).sending.lastTo(ann.email ?? '').variables.ConfirmationURL).toMatch(
        /type=signup&redirect_to=http:\/\/127.0.0.1:3000$/,
      );
      await benchOf(mode).follow(ann.email ?? '');
      const { user } = await benchOf(mode).open(ann);
      expect(user.identities).toHaveLength(1);
      expect(await benchOf(mode).audit(user.id)).toEqual(['login acme', 'user_signedup email']);
    });

    it('P-03 an unverified address that somebody has is never theirs, and leaves nothing behind', async () => {
      const { sending } = benchOf(mode);
      for (const isConfirmed of [true, false]) {
        const email = newAddress();
        await benchOf(mode).member(email, isConfirmed);
        for (const isVerified of [false, undefined, 'true', 'false', 1, null]) {
          const ann = somebody({ email, isVerified });
          sending.clock.advance('1m');
          expect(await benchOf(mode).enter(ann)).toBe(mode === 'strict' ? mailed : unverified);
          expect(await benchOf(mode).rowOf(ann)).toBeUndefined();
        }
      }
    });

    it('without an address nobody gets in, unless the provider is one that needs none', async () => {
      const mute = somebody({ email: undefined });
      expect(await benchOf(mode).enter(mute)).toBe(unverified);
      expect(await benchOf(mode).rowOf(mute)).toBeUndefined();
      const { user } = await benchOf(mode).open(mute, { provider: 'mute' });
      expect(user).toMatchObject({ email: '', app_metadata: { providers: ['mute'] } });
      expect((await benchOf(mode).open(mute, { provider: 'mute' })).user.id).toBe(user.id);
      const taken = somebody({ email: (await benchOf(mode).member()).user.email, isVerified: false });
      expect((await benchOf(mode).open(taken, { provider: 'mute' })).user.email).toBe('');
    });
  });

  it('of an unverified address nobody learns whether it has an account, but the owner who asks', async () => {
    const known = newAddress();
    await strict.member(known);
    strict.sending.clock.advance('1m');
    for (const email of [known, newAddress()]) {
      const ann = somebody({ email, isVerified: false });
      expect(await strict.enter(ann)).toBe(mailed);
      expect(await strict.enter(ann)).toMatch(/^429 over_email_send_rate_limit/);
    }
    expect(strict.sending.lastTo(known).kind).toBe('already_registered');
  });

  it('where nobody may sign up, those who are known get in all the same', async () => {
    const closed = await AccountBench.open(open(), { password: { allowSignup: false } });
    const off = '422 signup_disabled: Signups not allowed for this instance';
    expect(await closed.enter(somebody())).toBe(off);
    expect(await closed.enter(somebody({ isVerified: false }))).toBe(off);
    const member = await strict.member();
    const ann = somebody({ email: member.user.email });
    expect((await closed.open(ann)).user.id).toBe(member.user.id);
    expect((await closed.open(ann)).user.id).toBe(member.user.id);
  });

  it('where addresses count as confirmed at once, a free one does, and one that somebody has is not taken', async () => {
    const lax = await AccountBench.open(open(), { password: { autoconfirm: true } });
    const ann = somebody({ isVerified: false });
    expect((await lax.open(ann)).user.user_metadata.email_verified).toBe(true);
    const email = newAddress();
    await lax.sending.ask(signUp, { email, password });
    expect(await lax.enter(somebody({ email, isVerified: false }))).toBe(unverified);
  });

  it('an address of single sign-on, or of an account that was deleted, opens neither', async () => {
    const [ann, bob] = [await strict.member(), await strict.member()];
    await strict.query('UPDATE auth.users SET is_sso_user = true WHERE id = $1', [ann.user.id]);
    await strict.query('UPDATE auth.users SET deleted_at = now(), is_sso_user = true WHERE id = $1', [
      bob.user.id,
    ]);
    for (const { user } of [ann, bob]) {
      const { id } = (await strict.open(somebody({ email: user.email }))).user;
      expect(id).not.toBe(user.id);
    }
  });

  it('that somebody signs in is no change of the account, if the provider says what it said before', async () => {
    const ann = somebody();
    await strict.open(ann);
    const updated = async () =>
      (await strict.query('SELECT updated_at FROM auth.identities WHERE provider_id = $1', [ann.subject]))[0];
    const before = await updated();
    await strict.open(ann);
    expect(await updated()).toEqual(before);
    await strict.open({ ...ann, data: { full_name: 'Anna' } });
    expect(await updated()).not.toEqual(before);
  });

  it.each([
    ['  Ann@Example.COM ', 'ann@example.com'],
    ['a+tag@example.com', 'a+tag@example.com'],
    ['ann@example.com.', ''],
    ['ann＠example.com', ''],
    ['ann@exam\u212aple.com', ''],
    ['a@e.test,ann@example.com', ''],
    ['"a@b"@example.com', ''],
    ['<ann@example.com>', ''],
    [`${'a'.repeat(300)}@example.com`, ''],
  ])('P-06 P-07 P-08 P-09 %j counts as %j', async (email, address) => {
    const { user } = await strict.open(somebody({ email }), { provider: 'mute' });
    expect([user.email, user.user_metadata.email ?? '']).toEqual([address, address]);
    await strict.query('DELETE FROM auth.users WHERE id = $1', [user.id]);
  });

  it('an account without a subject is nobody’s', async () => {
    expect(await strict.enter(somebody({ subject: '' }))).toMatch(/error missing provider id$/);
  });
});
