import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryMailer } from 'nest-guardian/testing';
import { ask } from '../../../../../test/support/ask.js';
import { inUnit } from '../../../../../test/support/in-unit.js';
import { newSession } from '../../../../../test/support/people.js';
import {
  fragmentOf,
  newNumber,
  RedeemBench,
  said,
  type Sent,
  typeOf,
} from '../../../../../test/support/redeem-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SecretKind } from '../../core/ports/one-time-secrets.js';
import type { User } from '../../core/records.js';

const expired = '403 otp_expired';
const halfway = 'Confirmation link accepted. Please proceed to confirm link sent to the other email';

onBothDatabases('what a redeemed secret does', (open) => {
  // Each application carries what the other has put into the outbox.
  const mailer = new MemoryMailer();
  let strict: RedeemBench;
  let gotrue: RedeemBench;
  const benchOf = (mode: string) => (mode === 'strict' ? strict : gotrue);
  beforeAll(async () => {
    strict = await RedeemBench.open(open(), {}, mailer);
    gotrue = await RedeemBench.open(open(), { compatibility: 'gotrue' }, mailer);
  });
  afterAll(() => Promise.all([strict.close(), gotrue.close()]));

  const redeem = (bench: RedeemBench, { kind, linkToken }: Sent) =>
    bench.post({ type: typeOf(kind), token_hash: linkToken });

  describe.each(['strict', 'gotrue'])('%s', (mode) => {
    const bench = () => benchOf(mode);

    it.each([
      ['signup', true],
      ['invite', true],
      ['recovery', mode === 'strict'],
      ['magiclink', mode === 'strict'],
    ] as const)('%s confirms the address; its identity says so: %s', async (kind, isVerified) => {
      const user = await bench().person({ emailConfirmedAt: null, passwordHash: null });
      const { body } = await redeem(bench(), await bench().send(user, kind));
      expect(body.user.email_confirmed_at).toBe(bench().clock.now().toISOString());
      expect(body.user.user_metadata.email_verified).toBe(true);
      expect(body.user.identities[0].identity_data.email_verified).toBe(isVerified);
      expect(body.user.app_metadata).toEqual({ provider: 'email', providers: ['email'] });
      expect((await bench().find(user)).passwordHash).toBeNull();
      expect(await bench().audit(user)).toEqual(['user_signedup email']);
    });

    it('a recovery of a confirmed account is a sign-in and changes nothing', async () => {
      const user = await bench().person();
      expect(said(await redeem(bench(), await bench().send(user, 'recovery')))).toBe('200');
      expect(await bench().audit(user)).toEqual(['login']);
      const { passwordHash, userMetadata } = await bench().find(user);
      expect({ passwordHash, userMetadata }).toEqual({
        passwordHash: user.passwordHash,
        userMetadata: user.userMetadata,
      });
    });

    it('whatever else was sent before opens nothing any more', async () => {
      const user = await bench().person({ emailConfirmedAt: null });
      const others = [await bench().send(user, 'recovery'), await bench().send(user, 'reauthentication')];
      await redeem(bench(), await bench().send(user, 'signup'));
      expect(said(await redeem(bench(), others[0] as Sent))).toBe(expired);
      expect(said(await bench().code(others[0] as Sent, 'recovery'))).toBe(expired);
      const [{ column }] = (await bench().query(
        'SELECT recovery_token || reauthentication_token AS column FROM auth.users WHERE id = $1',
        [user.id],
      )) as [{ column: string }];
      expect(column).toBe('');
    });

    it('a number is confirmed, and who was anonymous is not any more', async () => {
      const is = { email: null, phone: newNumber(), emailConfirmedAt: null, isAnonymous: true };
      const user = await bench().person(is);
      const { body } = await bench().code(await bench().send(user, 'sms'), 'sms');
      expect(body.user.phone_confirmed_at).toBe(bench().clock.now().toISOString());
      expect(body.user.is_anonymous).toBe(false);
      expect(await bench().audit(user)).toEqual(['user_signedup phone']);
    });
  });

  describe.each(['strict', 'gotrue'])('%s: a change of address', (mode) => {
    const bench = () => benchOf(mode);
    const changing = async (newEmail = `${randomUUID()}@new.example`) => {
      const user = await bench().person({}, { newEmail });
      const current = await bench().send(user, 'email_change_current');
      return { user, newEmail, current, fresh: await bench().send(user, 'email_change_new') };
    };

    it.each(['the old one first', 'the new one first'])('A-39 needs both mails, %s', async (order) => {
      const { user, newEmail, current, fresh } = await changing();
      const [first, second] = order.startsWith('the old') ? [current, fresh] : [fresh, current];
      const half = await redeem(bench(), first);
      expect([half.status, half.body]).toEqual([200, { msg: halfway, code: '200' }]);
      expect((await bench().find(user)).email).toBe(user.email);
      expect(said(await redeem(bench(), first))).toBe(expired);
      const { body } = await redeem(bench(), second);
      expect(body.user).toMatchObject({ email: newEmail, is_anonymous: false });
      expect(body.user.new_email).toBeUndefined();
      expect(body.user.identities[0].identity_data).toMatchObject({ email: newEmail, email_verified: true });
      expect(await bench().audit(user)).toEqual(['user_modified']);
    });

    it('A-39 the two mails may be followed at the same moment', async () => {
      for (let i = 0; i < 5; i++) {
        const { user, newEmail, current, fresh } = await changing();
        const answers = await Promise.all([redeem(bench(), current), redeem(bench(), fresh)]);
        expect(answers.map(({ body }) => body.msg === halfway).toSorted()).toEqual([false, true]);
        expect((await bench().find(user)).email).toBe(newEmail);
      }
    });

    it('the first link says in the browser that there is another', async () => {
      const { current } = await changing();
      expect(fragmentOf(await bench().follow(current.linkToken, 'email_change'))).toEqual({
        message: halfway,
        sb: '',
      });
    });

    it('A-38 a mail confirms the address it was sent to and no other', async () => {
      const user = await bench().person({}, { newEmail: `${randomUUID()}@first.example` });
      const toFirst = await bench().send(user, 'email_change_new');
      // Race: the later request has named its address and not yet sent its mail.
      const later = `${randomUUID()}@later.example`;
      await inUnit(open(), ({ users }) => users.update(user.id, { newEmail: later }, bench().clock.now()));
      expect(said(await redeem(bench(), toFirst))).toBe(expired);
      const { email, newEmail, emailChangeStatus } = await bench().find(user);
      expect({ email, newEmail, emailChangeStatus }).toEqual({
        email: user.email,
        newEmail: later,
        emailChangeStatus: 0,
      });
    });

    it('A-38 what was sent to an address that was changed meanwhile opens nothing', async () => {
      const user = await bench().person();
      const sent = await bench().send(user, 'recovery', { address: 'old@before.example' });
      expect(said(await redeem(bench(), sent))).toBe(expired);
    });

    it('an address that is somebody else’s by now is refused, and the mail is used up', async () => {
      const { user, newEmail, current, fresh } = await changing();
      await bench().person({ email: newEmail });
      await redeem(bench(), current);
      expect(said(await redeem(bench(), fresh))).toBe('422 email_exists');
      expect(said(await redeem(bench(), fresh))).toBe(expired);
      expect((await bench().find(user)).email).toBe(user.email);
    });

    it('who had no address has one, confirmed, and an identity with it', async () => {
      const newEmail = `${randomUUID()}@new.example`;
      const is = { email: null, emailConfirmedAt: null, isAnonymous: true, appMetadata: {} };
      const user = await bench().person(is, { newEmail });
      const { body } = await redeem(bench(), await bench().send(user, 'email_change_new'));
      expect(body.user).toMatchObject({
        email: newEmail,
        is_anonymous: false,
        email_confirmed_at: bench().clock.now().toISOString(),
        app_metadata: { provider: 'email', providers: ['email'] },
        user_metadata: { email_verified: true },
      });
      expect(body.user.identities).toMatchObject([{ provider: 'email', email: newEmail }]);
    });

    it('A-39 sessions stay open', async () => {
      const { user, current, fresh } = await changing();
      const bearer = (await redeem(bench(), await bench().send(user, 'magiclink'))).body.access_token;
      await redeem(bench(), await bench().send(user, 'email_change_current'));
      await redeem(bench(), await bench().send(user, 'email_change_new'));
      expect(current.address).not.toBe(fresh.address);
      expect((await ask(`${bench().base}/user`, { bearer })).body.email).toBe(fresh.address);
    });
  });

  describe('notices', () => {
    it('A-39 the old address hears which is the new one', async () => {
      const newEmail = `${randomUUID()}@new.example`;
      const user = await strict.person({}, { newEmail });
      await redeem(strict, await strict.send(user, 'email_change_current'));
      await redeem(strict, await strict.send(user, 'email_change_new'));
      const { text } = await mailer.next(user.email as string);
      expect(text).toContain(newEmail);
      expect(mailer.last(newEmail)).toBeUndefined();
    });

    it('a person with an address hears that the number was changed', async () => {
      const user = await strict.person({ phone: newNumber() }, { newPhone: newNumber() });
      await strict.code(await strict.send(user, 'phone_change'), 'phone_change');
      expect((await mailer.next(user.email as string)).text).toContain(user.newPhone as string);
    });
  });

  describe('a change of number', () => {
    it.each(['strict', 'gotrue'])('%s: the new number takes the place of the old one', async (mode) => {
      const [phone, newPhone] = [newNumber(), newNumber()];
      const user = await benchOf(mode).person({ phone }, { newPhone });
      const sent = await benchOf(mode).send(user, 'phone_change');
      benchOf(mode).clock.advance('1s');
      const { body } = await benchOf(mode).code(sent, 'phone_change');
      expect(body.user).toMatchObject({
        phone: newPhone,
        phone_confirmed_at: benchOf(mode).clock.now().toISOString(),
        app_metadata: { provider: 'email', providers: ['email', 'phone'] },
      });
      expect(body.user.new_phone).toBeUndefined();
      expect(body.user.identities).toMatchObject([
        { provider: 'email' },
        { provider: 'phone', identity_data: { phone: newPhone, phone_verified: true } },
      ]);
      expect(await benchOf(mode).audit(user)).toEqual(['user_modified']);
    });

    it('a number that is somebody else’s by now is refused, and the code is used up', async () => {
      const newPhone = newNumber();
      const user = await strict.person({}, { newPhone });
      const sent = await strict.send(user, 'phone_change');
      await strict.person({ email: null, phone: newPhone });
      expect(said(await strict.code(sent, 'phone_change'))).toBe('422 phone_exists');
      expect(said(await strict.code(sent, 'phone_change'))).toBe(expired);
    });
  });

  describe('an account that somebody else has prepared', () => {
    /** Everything that an attacker can leave in an account with somebody's address. */
    async function prepare(bench: RedeemBench): Promise<User> {
      const is = { emailConfirmedAt: null, userMetadata: { name: 'Mallory', admin: true } };
      const at = bench.clock.now();
      const user = await bench.person(is, { newEmail: 'mallory@evil.example', newPhone: newNumber() });
      await inUnit(bench.database, async ({ users, sessions }) => {
        const foreign = { provider: 'github', providerId: randomUUID(), identityData: { email: user.email } };
        await users.insertIdentity({ userId: user.id, ...foreign, at });
        await sessions.open(newSession(user.id));
      });
      await bench.query(
        `INSERT INTO auth.mfa_factors (id, user_id, factor_type, status, secret, created_at, updated_at)
          VALUES (gen_random_uuid(), $1, 'totp', 'verified', 'x', now(), now())`,
        [user.id],
      );
      await bench.query(
        `INSERT INTO auth.webauthn_credentials (user_id, credential_id, public_key, friendly_name)
          VALUES ($1, $2, 'x', 'key')`,
        [user.id, Buffer.from(user.id)],
      );
      return bench.find(user);
    }

    const sessionsOf = ({ id }: User) =>
      strict.query('SELECT FROM auth.sessions WHERE user_id = $1', [id]).then((rows) => rows.length);
    const passkeysOf = ({ id }: User) =>
      strict
        .query('SELECT FROM auth.webauthn_credentials WHERE user_id = $1', [id])
        .then((rows) => rows.length);

    it.each(['recovery', 'magiclink'] as const)(
      'P-01 is the follower’s alone after the first proof by %s',
      async (kind) => {
        const user = await prepare(strict);
        const change = await strict.send(user, 'email_change_new');
        const { body } = await redeem(strict, await strict.send(user, kind));
        const found = await strict.find(user);
        expect(found).toMatchObject({
          passwordHash: null,
          newEmail: null,
          newPhone: null,
          phone: null,
          factors: [],
          userMetadata: { sub: user.id, email: user.email, email_verified: true, phone_verified: false },
        });
        expect(found.identities.map(({ provider, email }) => [provider, email])).toEqual([
          ['email', user.email],
        ]);
        expect(found.appMetadata).toEqual({ provider: 'email', providers: ['email'] });
        // P-02: what was begun before leads nowhere, and only the new session is open.
        expect(said(await redeem(strict, change))).toBe(expired);
        expect([await sessionsOf(user), await passkeysOf(user)]).toEqual([1, 0]);
        expect((await ask(`${strict.base}/user`, { bearer: body.access_token })).status).toBe(200);
      },
    );

    it('P-01 an invitation takes the password too, and leaves what the inviter has said', async () => {
      const user = await prepare(strict);
      await redeem(strict, await strict.send(user, 'invite'));
      const found = await strict.find(user);
      expect(found).toMatchObject({ passwordHash: null, factors: [], userMetadata: user.userMetadata });
      expect(await sessionsOf(user)).toBe(1);
    });

    it('P-02 a link with PKCE clears it as well, before any session', async () => {
      const user = await prepare(strict);
      const sent = await strict.send(user, 'magiclink', { isPkce: true });
      await strict.follow(sent.linkToken, 'magiclink');
      expect(await strict.find(user)).toMatchObject({ passwordHash: null, factors: [] });
      expect([await sessionsOf(user), await passkeysOf(user)]).toEqual([0, 0]);
    });

    it('one’s own sign-up and a later proof take nothing away', async () => {
      for (const kind of ['signup', 'recovery'] satisfies SecretKind[]) {
        const user = await prepare(strict);
        if (kind === 'recovery') {
          await strict.query('UPDATE auth.users SET email_confirmed_at = now() WHERE id = $1', [user.id]);
        }
        await redeem(strict, await strict.send(user, kind));
        const found = await strict.find(user);
        expect(found.passwordHash).toBe(user.passwordHash);
        expect(found.identities).toHaveLength(2);
        expect(await sessionsOf(user)).toBe(2);
      }
    });

    it('GoTrue: it stays as it was prepared', async () => {
      const user = await prepare(gotrue);
      await redeem(gotrue, await gotrue.send(user, 'magiclink'));
      const found = await gotrue.find(user);
      expect(found.passwordHash).toBe(user.passwordHash);
      expect([found.identities.length, found.factors.length, await sessionsOf(user)]).toEqual([2, 1, 2]);
    });
  });
});
