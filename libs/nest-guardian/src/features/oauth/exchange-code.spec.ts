import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inUnit } from '../../../../../test/support/in-unit.js';
import { RedeemBench, said, typeOf } from '../../../../../test/support/redeem-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { SecretKind } from '../../core/ports/one-time-secrets.js';

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
const methods: Readonly<Record<string, string>> = { signup: 'email/signup' };
const kinds: readonly SecretKind[] = ['signup', 'invite', 'recovery', 'magiclink', 'email_change_new'];
const notFound = '404 flow_state_not_found';

onBothDatabases('the exchange of a code', (open) => {
  let strict: RedeemBench;
  let gotrue: RedeemBench;
  const benchOf = (mode: string) => (mode === 'strict' ? strict : gotrue);
  beforeAll(async () => {
    strict = await RedeemBench.open(open(), { mail: { secureEmailChange: false } });
    gotrue = await RedeemBench.open(open(), { compatibility: 'gotrue', mail: { secureEmailChange: false } });
  });
  afterAll(() => Promise.all([strict.close(), gotrue.close()]));

  /** A person to whom a link has been sent on behalf of who holds the verifier. */
  async function asked(bench: RedeemBench, kind: SecretKind, how = {}) {
    const { user, sent } = await bench.sendNew(kind, { isPkce: true });
    const flow = {
      userId: user.id,
      authenticationMethod: methods[kind] ?? typeOf(kind),
      providerType: 'email',
      challenge,
      challengeMethod: 's256' as const,
      at: bench.clock.now(),
      ...how,
    };
    await inUnit(bench.database, ({ flowStates }) => flowStates.start(flow));
    const follow = async (): Promise<string> =>
      (await bench.follow(sent.linkToken, typeOf(kind))).headers.get('location') ?? '';
    return { user, follow };
  }

  async function codeOf(bench: RedeemBench, kind: SecretKind = 'magiclink', how = {}) {
    const { user, follow } = await asked(bench, kind, how);
    const location = await follow();
    expect(location).toMatch(/^https:\/\/app\.example\?code=[0-9a-f-]{36}$/);
    return { user, code: new URL(location).searchParams.get('code') as string };
  }

  describe.each(['strict', 'gotrue'])('%s', (mode) => {
    it.each(kinds)('a link of %s brings a code, which is traded for the session once', async (kind) => {
      const { user, code } = await codeOf(benchOf(mode), kind);
      const answer = await benchOf(mode).exchange(code, verifier);
      expect(said(answer)).toBe('200');
      expect(answer.body.user.id).toBe(user.id);
      const claims = JSON.parse(Buffer.from(answer.body.access_token.split('.')[1], 'base64url').toString());
      expect(claims.amr).toMatchObject([{ method: methods[kind] ?? typeOf(kind) }]);
      expect(await benchOf(mode).audit(user)).toContain('login email');
      expect(said(await benchOf(mode).exchange(code, verifier))).toBe(notFound);
    });

    it('A-30 of 50 who show one code at once, one gets in', async () => {
      const { user, code } = await codeOf(benchOf(mode));
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => benchOf(mode).exchange(code, verifier).then(said)),
      );
      expect(answers.toSorted()).toEqual(['200', ...Array<string>(49).fill(notFound)]);
      const sessions = await benchOf(mode).query('SELECT FROM auth.sessions WHERE user_id = $1', [user.id]);
      expect(sessions).toHaveLength(1);
    });

    it('a wrong verifier leaves the code as it was', async () => {
      const { code } = await codeOf(benchOf(mode));
      for (const wrong of ['x'.repeat(43), challenge, ' ', verifier.slice(1)]) {
        expect(said(await benchOf(mode).exchange(code, wrong))).toBe('400 bad_code_verifier');
      }
      expect(said(await benchOf(mode).exchange(code, verifier))).toBe('200');
    });

    it.each([
      ['', verifier],
      ['x', ''],
      [null, null],
    ])('A-37 code %j and verifier %j are refused', async (code, shown) => {
      const answer = await benchOf(mode).exchange(code as string, shown as string);
      expect(said(answer)).toBe('400 validation_failed');
    });

    it('a code that nobody was given is no code', async () => {
      const { user } = await asked(benchOf(mode), 'magiclink');
      const [row] = await benchOf(mode).query('SELECT auth_code FROM auth.flow_state WHERE user_id = $1', [
        user.id,
      ]);
      expect(said(await benchOf(mode).exchange(row?.auth_code as string, verifier))).toBe(notFound);
      expect(said(await benchOf(mode).exchange('x', verifier))).toBe(notFound);
    });

    it('who was banned meanwhile gets no session, and the code is used up', async () => {
      const { user, code } = await codeOf(benchOf(mode));
      await benchOf(mode).query(`UPDATE auth.users SET banned_until = '2999-01-01' WHERE id = $1`, [user.id]);
      expect(said(await benchOf(mode).exchange(code, verifier))).toBe('403 user_banned');
      await benchOf(mode).query('UPDATE auth.users SET banned_until = NULL WHERE id = $1', [user.id]);
      expect(said(await benchOf(mode).exchange(code, verifier))).toBe(notFound);
    });

    it('a link whose flow is gone is told in query and fragment, and confirms all the same', async () => {
      const { user, follow } = await asked(benchOf(mode), 'signup');
      await benchOf(mode).query('DELETE FROM auth.flow_state WHERE user_id = $1', [user.id]);
      const reason =
        'error=invalid_request&error_code=flow_state_not_found&error_description=No+associated+flow+state+found';
      expect(await follow()).toBe(`https://app.example?${reason}#${reason}&sb=`);
      expect(await benchOf(mode).audit(user)).toEqual(['user_signedup email']);
    });

    it('a plain challenge is the verifier itself', async () => {
      const how = { challenge: verifier, challengeMethod: 'plain' };
      const { code } = await codeOf(benchOf(mode), 'magiclink', how);
      expect(said(await benchOf(mode).exchange(code, challenge))).toBe('400 bad_code_verifier');
      expect(said(await benchOf(mode).exchange(code, verifier))).toBe('200');
    });
  });

  it.each([
    ['strict', 'magiclink', true],
    ['strict', 'signup', true],
    ['gotrue', 'magiclink', true],
    ['gotrue', 'signup', false],
  ] as const)(
    '%s: whether a mail of %s that is opened after half an hour is of use: %s',
    async (...given) => {
      const [mode, kind, isOfUse] = given;
      const bench = benchOf(mode);
      const { follow } = await asked(bench, kind);
      bench.clock.advance('30m');
      const code = new URL(await follow()).searchParams.get('code') as string;
      expect(said(await bench.exchange(code, verifier))).toBe(isOfUse ? '200' : '422 flow_state_expired');
    },
  );

  it('a code expires five minutes after it was given out', async () => {
    const { code } = await codeOf(strict);
    strict.clock.advance('301s');
    expect(said(await strict.exchange(code, verifier))).toBe('422 flow_state_expired');
    const fresh = await codeOf(strict);
    strict.clock.advance('299s');
    expect(said(await strict.exchange(fresh.code, verifier))).toBe('200');
  });
});
