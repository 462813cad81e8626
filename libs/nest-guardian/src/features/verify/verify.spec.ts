import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RedeemBench, said, type Sent, typeOf } from '../../../../../test/support/redeem-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SecretKind } from '../../core/ports/one-time-secrets.js';
import { UnitTransaction } from '../../persistence/unit-transaction.js';

const mailed = ['signup', 'invite', 'recovery', 'magiclink'] as const satisfies SecretKind[];
const changes = ['email_change_new', 'email_change_current', 'phone_change'] as const satisfies SecretKind[];
const kinds: readonly SecretKind[] = [...mailed, ...changes, 'sms'];
const isTexted = (kind: SecretKind) => kind === 'sms' || kind === 'phone_change';
const linked = kinds.filter((kind) => !isTexted(kind));

const wrong = ({ code }: Sent): string => (code === '111111' ? '222222' : '111111');
const refused = '403 otp_expired';

onBothDatabases('POST /verify', (open) => {
  let strict: RedeemBench;
  let gotrue: RedeemBench;
  beforeAll(async () => {
    strict = await RedeemBench.open(open(), { mail: { secureEmailChange: false } });
    gotrue = await RedeemBench.open(open(), { compatibility: 'gotrue', mail: { secureEmailChange: false } });
  });
  afterAll(() => Promise.all([strict.close(), gotrue.close()]));

  describe.each(['strict', 'gotrue'] as const)('%s', (mode) => {
    const bench = () => (mode === 'strict' ? strict : gotrue);

    it.each(kinds)('a code of %s opens a session, once', async (kind) => {
      const { user, sent } = await bench().sendNew(kind);
      const answer = await bench().code(sent, typeOf(kind));
      expect(said(answer)).toBe('200');
      expect(answer.body.user.id).toBe(user.id);
      const claims = JSON.parse(Buffer.from(answer.body.access_token.split('.')[1], 'base64url').toString());
      expect(claims.amr).toMatchObject([{ method: 'otp' }]);
      expect(said(await bench().code(sent, typeOf(kind)))).toBe(refused);
    });

    it.each(linked)('what a link of %s carries opens a session, once', async (kind) => {
      const { user, sent } = await bench().sendNew(kind);
      const body = { type: typeOf(kind), token_hash: sent.linkToken };
      expect((await bench().post(body)).body.user.id).toBe(user.id);
      const again = await bench().post(body);
      expect([said(again), again.body.message]).toEqual([refused, 'Email link is invalid or has expired']);
    });

    it.each(['signup', 'magiclink'] as const)('the type `email` is good for %s', async (kind) => {
      const { user, sent } = await bench().sendNew(kind);
      expect((await bench().code(sent, 'email')).body.user.id).toBe(user.id);
      const again = await bench().send(user, kind);
      const answer = await bench().post({ type: 'email', token_hash: again.linkToken });
      expect(answer.body.user.id).toBe(user.id);
    });

    it.each<[string, unknown, string]>([
      ['no type', { email: 'a@b.c', token: '1' }, '400 Verify requires a verification type'],
      ['no token', { type: 'email', email: 'a@b.c' }, '400 Verify requires either a token or a token hash'],
      [
        'both tokens',
        { type: 'email', email: 'a@b.c', token: '1', token_hash: 'x' },
        '400 Verify requires either a token or a token hash',
      ],
      [
        'no address',
        { type: 'email', token: '1' },
        '400 Only an email address or phone number should be provided on verify',
      ],
      [
        'both addresses',
        { type: 'email', token: '1', email: 'a@b.c', phone: '+15550000000' },
        '400 Only an email address or phone number should be provided on verify',
      ],
      [
        'a bad number',
        { type: 'sms', token: '1', phone: 'x' },
        '400 Invalid phone number format (E.164 required)',
      ],
      ['a bad address', { type: 'email', token: '1', email: 'x' }, '422 Invalid email format'],
      [
        'a hash and an address',
        { type: 'email', token_hash: '1', email: 'a@b.c' },
        '400 Only the token_hash and type should be provided',
      ],
      [
        'a hash and a target',
        { type: 'email', token_hash: '1', redirect_to: 'https://app.example' },
        '400 Only the token_hash and type should be provided',
      ],
      ['a hash of no type', { type: 'banana', token_hash: '1' }, '400 Invalid email verification type'],
      ['a hash of a text', { type: 'sms', token_hash: '1' }, '400 Invalid email verification type'],
      [
        'a code of no type',
        { type: 'banana', email: 'a@b.c', token: '1' },
        '403 Token has expired or is invalid',
      ],
      [
        'a number for a mail',
        { type: 'signup', phone: '+15550000000', token: '1' },
        '403 Token has expired or is invalid',
      ],
    ])('refuses %s', async (_, body, words) => {
      const { status, body: answer } = await bench().post(body);
      expect(`${status} ${answer.message}`).toBe(words);
    });

    it('takes a hash where the target travels beside the body', async () => {
      const { sent } = await bench().sendNew('magiclink');
      const body = { type: 'magiclink', token_hash: sent.linkToken };
      expect(said(await bench().post(body, '?redirect_to=https://app.example'))).toBe('200');
    });

    it.each([
      ['token', ''],
      ['token', null],
      ['token', []],
      ['token', {}],
      ['token', undefined],
      ['token_hash', ''],
      ['token_hash', null],
      ['token_hash', []],
      ['token_hash', {}],
    ])('A-37 a %s of %j is refused before anything is asked of the database', async (name, value) => {
      // The outbox worker of the application reads now and then; redeeming begins with a write.
      const asked = jest.spyOn(UnitTransaction.prototype, 'write');
      try {
        const where = name === 'token' ? { email: 'a@b.example' } : {};
        const answer = await bench().post({ type: 'recovery', [name]: value, ...where });
        expect(answer.status).toBe(400);
        expect(asked).not.toHaveBeenCalled();
      } finally {
        asked.mockRestore();
      }
    });

    it('a code is good for its own address only', async () => {
      const [{ sent }, other] = [await bench().sendNew('magiclink'), await bench().person()];
      await bench().send(other, 'magiclink');
      const answer = await bench().code({ ...sent, address: other.email as string }, 'magiclink');
      expect(said(answer)).toBe(refused);
      expect(said(await bench().code(sent, 'magiclink'))).toBe('200');
    });

    it('A-30 who is banned is not let in, and what was shown is used up', async () => {
      const { user, sent } = await bench().sendNew('magiclink');
      const ban = (until: string) =>
        bench().query(`UPDATE auth.users SET banned_until = ${until} WHERE id = $1`, [user.id]);
      await ban(`now() + interval '1 hour'`);
      expect(said(await bench().code({ ...sent, code: wrong(sent) }, 'magiclink'))).toBe(refused);
      expect(said(await bench().code(sent, 'magiclink'))).toBe('403 user_banned');
      await ban('NULL');
      expect(said(await bench().code(sent, 'magiclink'))).toBe(refused);
      expect(said(await bench().post({ type: 'magiclink', token_hash: sent.linkToken }))).toBe(refused);
    });

    it.each(kinds)('A-30 of 50 who show one code of %s at once, one gets in', async (kind) => {
      const { sent } = await bench().sendNew(kind);
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => bench().code(sent, typeOf(kind)).then(said)),
      );
      expect(answers.toSorted()).toEqual(['200', ...Array<string>(49).fill(refused)]);
    });

    it.each(linked)('A-30 of 50 who show one link of %s at once, one gets in', async (kind) => {
      const { user, sent } = await bench().sendNew(kind);
      const body = { type: typeOf(kind), token_hash: sent.linkToken };
      const answers = await Promise.all(Array.from({ length: 50 }, () => bench().post(body).then(said)));
      expect(answers.toSorted()).toEqual(['200', ...Array<string>(49).fill(refused)]);
      const sessions = await bench().query('SELECT id FROM auth.sessions WHERE user_id = $1', [user.id]);
      expect(sessions).toHaveLength(1);
    });
  });

  it.each(
    kinds.flatMap((kind) => kinds.filter((one) => typeOf(one) !== typeOf(kind)).map((as) => [kind, as])),
  )('A-31 what was sent for %s is no good for %s, and stays good for itself', async (kind, as) => {
    const { sent } = await strict.sendNew(kind as SecretKind);
    expect(said(await strict.code(sent, typeOf(as as SecretKind)))).toBe(refused);
    const hash = await strict.post({ type: typeOf(as as SecretKind), token_hash: sent.linkToken });
    expect(said(hash)).toBe(isTexted(as as SecretKind) ? '400 validation_failed' : refused);
    expect(said(await strict.code(sent, typeOf(kind as SecretKind)))).toBe('200');
  });

  it('A-31 a link of GoTrue that was sent to a number confirms no address', async () => {
    const user = await gotrue.person({ phone: '15550107777', emailConfirmedAt: null });
    const sent = await gotrue.send(user, 'sms');
    expect(said(await gotrue.post({ type: 'signup', token_hash: sent.linkToken }))).toBe(refused);
    expect((await gotrue.find(user)).emailConfirmedAt).toBeNull();
  });

  describe('guessing', () => {
    const guess = async (sent: Sent, times: number, bench = strict) => {
      for (let i = 0; i < times; i++) await bench.code({ ...sent, code: wrong(sent) }, typeOf(sent.kind));
    };

    it.each(['magiclink', 'sms'] as const)('A-28 five wrong codes burn one of %s', async (kind) => {
      const { sent } = await strict.sendNew(kind);
      await guess(sent, 4);
      const { user: other, sent: fresh } = await strict.sendNew(kind);
      await guess(fresh, 5);
      expect(said(await strict.code(fresh, kind))).toBe(refused);
      expect(said(await strict.code(sent, kind))).toBe('200');
      expect(said(await strict.code(await strict.send(other, kind), kind))).toBe('200');
    });

    it('A-28 the link beside a burnt code stays good', async () => {
      const { sent } = await strict.sendNew('recovery');
      await guess(sent, 5);
      expect(said(await strict.post({ type: 'recovery', token_hash: sent.linkToken }))).toBe('200');
    });

    it('A-28 an address has a hundred tries a day, whatever is sent to it and whoever has it', async () => {
      const { user, sent } = await strict.sendNew('magiclink');
      const nobody = { ...sent, address: 'nobody@guessed.example' };
      await guess(sent, 100);
      await guess(nobody, 100);
      const fresh = await strict.send(user, 'magiclink');
      expect(said(await strict.code(fresh, 'magiclink'))).toBe('429 over_request_rate_limit');
      expect(said(await strict.code(nobody, 'magiclink'))).toBe('429 over_request_rate_limit');
      expect(said(await strict.post({ type: 'magiclink', token_hash: fresh.linkToken }))).toBe('200');
      strict.clock.advance('25h');
      expect(said(await strict.code(await strict.send(user, 'magiclink'), 'magiclink'))).toBe('200');
    });

    it('A-29 of a hundred guesses at once no more than five are looked at', async () => {
      const { user, sent } = await strict.sendNew('magiclink');
      const wrongs = Array.from({ length: 90 }, () =>
        strict.code({ ...sent, code: wrong(sent) }, 'magiclink'),
      );
      expect((await Promise.all(wrongs)).map(said)).toEqual(Array<string>(90).fill(refused));
      expect(said(await strict.code(sent, 'magiclink'))).toBe(refused);
      const [row] = await strict.query(
        'SELECT attempts FROM auth.guardian_one_time_secrets WHERE user_id = $1',
        [user.id],
      );
      expect(row).toEqual({ attempts: 5 });
    });
  });

  describe('time', () => {
    it.each([
      ['recovery', '10m', '59m'],
      ['sms', '60s', null],
    ] as const)('a code of %s is good for %s', async (kind, lifetime, later) => {
      const { sent } = await strict.sendNew(kind);
      strict.clock.advance(lifetime);
      expect(said(await strict.code(sent, kind))).toBe(refused);
      if (later === null) return;
      const link = (await strict.sendNew(kind)).sent;
      strict.clock.advance(later);
      expect(said(await strict.post({ type: kind, token_hash: link.linkToken }))).toBe('200');
    });

    it('a link is good for an hour', async () => {
      const { sent } = await strict.sendNew('invite');
      strict.clock.advance('1h');
      expect(said(await strict.post({ type: 'invite', token_hash: sent.linkToken }))).toBe(refused);
    });
  });

  it('a number for tests has its code, without one being sent, until that ends', async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    const bench = await RedeemBench.open(open(), {
      phone: { testCodes: { '15550100': '123456' }, testCodesUntil: until },
    });
    await bench.person({ email: null, phone: '15550100', emailConfirmedAt: null });
    const shown = { code: '123456', address: '15550100' };
    expect(said(await bench.code(shown, 'sms'))).toBe('200');
    expect(said(await bench.code({ ...shown, code: '123457' }, 'sms'))).toBe(refused);
    expect(said(await bench.code(shown, 'phone_change'))).toBe(refused);
    bench.clock.advance('2m');
    expect(said(await bench.code(shown, 'sms'))).toBe(refused);
    await bench.close();
  });
});
