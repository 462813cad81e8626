import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { LocalOptions } from 'nest-guardian/local';
import type { MovableClock } from 'nest-guardian/testing';
import {
  elsewhere,
  FactorPerson,
  person,
  type Totp,
  type TotpFactor,
  wrong,
} from '../../../../../test/support/factor-person.js';
import { claimsOf, SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { totpAt } from '../../tokens/totp.js';
import { unlinkIdentity } from '../identities/identities.contract.js';
import { endOtherSessions, endSession, listSessions } from '../session/own-sessions.contract.js';
import { getUser, updateUser } from '../user/user.contract.js';
import { challengeFactor, enrollFactor, unenrollFactor, verifyFactor } from './mfa.contract.js';
import { makeRecoveryCodes, verifyRecoveryCode } from './recovery-codes.contract.js';

const secret = 'this secret is long enough for the specs of factors';

onBothDatabases('a second factor', (open) => {
  const benches: SessionBench[] = [];
  const benchWith = async (options: LocalOptions = {}, clock?: MovableClock): Promise<SessionBench> => {
    const bench = await SessionBench.open(open(), options, clock);
    benches.push(bench);
    return bench;
  };
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });

  it('is shown once, and raises the session with new tokens that a refresh keeps', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const before = ann.session;
    const factor = await ann.protect();
    expect(factor.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(factor.qr_code).toMatch(/^<svg .*<\/svg>$/s);
    expect(ann.claims).toMatchObject({ aal: 'aal2', session_id: claimsOf(before).session_id });
    expect(ann.claims.amr.map(({ method }) => method)).toEqual(['totp', 'password']);
    const refreshed = await bench.refresh(ann.session.refresh_token);
    expect(claimsOf(refreshed)).toMatchObject({ aal: 'aal2' });
  });

  it.each([1, 2] as const)(
    'M-02 refresh tokens of version %i from before it was shown open nothing, also right after a refresh',
    async (refreshTokenVersion) => {
      const bench = await benchWith({ session: { refreshTokenVersion } });
      const ann = await person(bench);
      const factor = await ann.enroll();
      const first = ann.session.refresh_token;
      const second = (await bench.refresh(first)).refresh_token;
      await ann.verify(factor);
      const unknown = '400 refresh_token_not_found: Invalid Refresh Token: Refresh Token Not Found';
      for (const token of [first, second]) expect(await bench.refusalOf(token)).toBe(unknown);
      const refreshed = await bench.refresh(ann.session.refresh_token);
      for (const token of [first, second]) expect(await bench.refusalOf(token)).toBe(unknown);
      expect(claimsOf(await bench.refresh(refreshed.refresh_token))).toMatchObject({ aal: 'aal2' });
    },
  );

  it('M-01 a session that has not shown it may not enrol, give up, change the password or make codes', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const factor = await ann.protect();
    const low = await elsewhere(bench, ann);
    expect(await low.said(enrollFactor, { factor_type: 'totp', friendly_name: 'x' })).toBe(
      '403 insufficient_aal',
    );
    expect(await low.said(unenrollFactor, { factor_id: factor.id })).toBe('422 insufficient_aal');
    expect(await low.said(updateUser, { password: 'another harbour 8' })).toBe('401 insufficient_aal');
    expect(await low.said(updateUser, { email: 'new@example.com' })).toBe('401 insufficient_aal');
    expect(await low.said(makeRecoveryCodes, {})).toBe('403 insufficient_aal');
  });

  it('M-01 a session that has not shown it sees and ends no sessions, and takes no way in away', async () => {
    const bench = await benchWith({ identities: { manualLinking: true } });
    const ann = await person(bench);
    await ann.protect();
    const low = await elsewhere(bench, ann);
    expect([
      await low.said(listSessions, {}),
      await low.said(endSession, { session_id: ann.claims.session_id }),
      await low.said(endOtherSessions, {}),
      await low.said(unlinkIdentity, { identity_id: randomUUID() }),
    ]).toEqual(Array(4).fill('403 insufficient_aal'));
    expect(await ann.said(endOtherSessions, {})).toBe('done');
  });

  it('M-02 that is given up lowers the session at once, and a refresh says so', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const factor = await ann.protect();
    const principal = await bench.provider.verify(ann.session.access_token);
    await bench.provider.confirmSession(principal);
    expect(await ann.ask(unenrollFactor, { factor_id: factor.id })).toEqual({ id: factor.id });
    await expect(bench.provider.confirmSession(principal)).rejects.toMatchObject({
      condition: { name: 'assuranceWithdrawn' },
    });
    const refreshed = await bench.refresh(ann.session.refresh_token);
    expect(claimsOf(refreshed)).toMatchObject({ aal: 'aal1' });
    await bench.provider.confirmSession(await bench.provider.verify(refreshed.access_token));
  });

  it('M-02 metadata that a person writes gives no assurance', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    await ann.ask(updateUser, { data: { aal: 'aal2', amr: [{ method: 'totp' }] } });
    expect(claimsOf(await bench.refresh(ann.session.refresh_token))).toMatchObject({ aal: 'aal1' });
  });

  it('M-03 a code is good once: again, with a second challenge, from a second session, it is wrong', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const factor = await ann.enroll();
    const code = ann.code(factor);
    await ann.verify(factor, code);
    expect(await ann.give(factor, code)).toBe('422 mfa_verification_failed');
    expect(await (await elsewhere(bench, ann)).give(factor, code)).toBe('422 mfa_verification_failed');
    // The code of the step before is older than the one that was taken.
    const before = totpAt(factor.secret, new Date(bench.clock.now().getTime() - 30_000));
    expect(await ann.give(factor, before)).toBe('422 mfa_verification_failed');
    bench.clock.advance('30s');
    expect(await ann.give(factor)).toBe('done');
  });

  it.each(['strict', 'gotrue'] as const)(
    'M-03 of 50 uses of one code at once one goes well, %s',
    async (mode) => {
      const bench = await benchWith({ compatibility: mode });
      const ann = await person(bench);
      const factor = await ann.protect();
      const sessions = await Promise.all(Array.from({ length: 5 }, () => elsewhere(bench, ann)));
      const code = ann.code(factor);
      const tries = Array.from({ length: 50 }, async (_, i) => {
        const who = sessions[i % sessions.length] as FactorPerson;
        const challenge_id = await who.challenge(factor);
        return { who, challenge_id };
      });
      const said = await Promise.all(
        (await Promise.all(tries)).map(({ who, challenge_id }) =>
          who.said(verifyFactor, { factor_id: factor.id, challenge_id, code }),
        ),
      );
      expect(said.filter((one) => one === 'done')).toHaveLength(1);
      expect(said.filter((one) => one.startsWith('5'))).toEqual([]);
    },
  );

  it('M-03 given up and shown at once is refused or lowered, and never a failure', async () => {
    const bench = await benchWith();
    for (let round = 0; round < 8; round += 1) {
      const ann = await person(bench);
      const factor = await ann.enroll();
      const input = {
        factor_id: factor.id,
        challenge_id: await ann.challenge(factor),
        code: ann.code(factor),
      };
      const [gone, said] = await Promise.all([
        ann.said(unenrollFactor, { factor_id: factor.id }),
        ann.said(verifyFactor, input),
      ]);
      expect(`${gone} ${said}`).not.toMatch(/\b5\d\d\b/);
      const { session_id } = ann.claims;
      const rows = await bench.query(
        `SELECT s.aal, (SELECT count(*)::int FROM auth.mfa_factors f WHERE f.user_id = s.user_id) AS factors
         FROM auth.sessions s WHERE s.id = $1`,
        [session_id],
      );
      expect([
        { aal: 'aal1', factors: 0 },
        { aal: 'aal2', factors: 1 },
      ]).toContainEqual(rows[0]);
    }
  });

  it('M-04, A-28 after five wrong codes none is looked at, whichever the factor and the address', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const one = await ann.protect();
    const other = await ann.protect();
    const codes = (await ann.ask(makeRecoveryCodes, {})).codes;
    for (const factor of [one, other, one, other]) {
      expect(await ann.give(factor, wrong(ann.code(factor)))).toBe('422 mfa_verification_failed');
    }
    expect(await ann.said(verifyRecoveryCode, { code: 'no-such-code' })).toBe('422 mfa_verification_failed');
    // A new server on the same tables knows.
    const later = new FactorPerson(await benchWith({}, bench.clock), ann.session, '10.9.8.7');
    expect(await later.give(one)).toBe('429 over_request_rate_limit');
    expect(await later.said(verifyRecoveryCode, { code: codes[0] })).toBe('429 over_request_rate_limit');
    bench.clock.advance('5m');
    expect(await later.give(one)).toBe('done');
  });

  it('M-04 twenty wrong codes in an hour are the end of it, and good ones are not counted', async () => {
    const bench = await benchWith({ tokens: { secret, lifetime: '2h' } });
    const ann = await person(bench);
    const factor = await ann.protect();
    for (let window = 0; window < 4; window++) {
      expect(await ann.give(factor)).toBe('done');
      for (let i = 0; i < 5; i++) {
        expect(await ann.give(factor, wrong(ann.code(factor)))).toBe('422 mfa_verification_failed');
      }
      bench.clock.advance('5m');
    }
    expect(await ann.give(factor)).toBe('429 over_request_rate_limit');
    bench.clock.advance('40m');
    expect(await ann.give(factor)).toBe('done');
  });

  it('A-29 of 100 guesses at once no more than five are looked at', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const factor = await ann.protect();
    const challenge_id = await ann.challenge(factor);
    const code = wrong(ann.code(factor));
    const said = await Promise.all(
      Array.from({ length: 100 }, () => ann.said(verifyFactor, { factor_id: factor.id, challenge_id, code })),
    );
    expect(said.filter((one) => one === '422 mfa_verification_failed')).toHaveLength(5);
    expect(said.filter((one) => one === '429 over_request_rate_limit')).toHaveLength(95);
  });

  it('M-06 a challenge is good for its own factor, its own person, its own address, for five minutes and once', async () => {
    const bench = await benchWith();
    const [ann, bob] = [await person(bench), await person(bench)];
    const [annas, other, bobs] = [await ann.protect(), await ann.protect(), await bob.protect()];
    const answer = (who: FactorPerson, factor: TotpFactor, challenge_id: string) =>
      who.said(verifyFactor, { factor_id: factor.id, challenge_id, code: who.code(factor) });
    const challenge = await ann.challenge(annas);
    expect(await answer(bob, bobs, challenge)).toBe('422 mfa_factor_not_found');
    expect(await answer(bob, annas, challenge)).toBe('404 mfa_factor_not_found');
    expect(await answer(ann, other, challenge)).toBe('422 mfa_factor_not_found');
    expect(await answer(ann.from('10.0.0.1'), annas, challenge)).toBe('422 mfa_ip_address_mismatch');
    expect(await answer(ann, annas, randomUUID())).toBe('422 mfa_factor_not_found');
    bench.clock.advance('5m');
    bench.clock.advance('1s');
    expect(await answer(ann, annas, challenge)).toBe('422 mfa_challenge_expired');
    const fresh = await ann.challenge(annas);
    expect(await answer(ann, annas, fresh)).toBe('done');
    bench.clock.advance('30s');
    expect(await answer(ann, annas, fresh)).toBe('422 mfa_ip_address_mismatch');
  });

  it.each([
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::ffff:7f00:1', '::ffff:127.0.0.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['10.0.0.1:99', 'unknown'],
  ])('keeps to the address however it is written: %s, %s', async (one, other) => {
    const bench = await benchWith();
    const ann = await person(bench);
    const factor = await ann.protect();
    const challenge_id = await ann.from(one).challenge(factor);
    const same = ann.from(other);
    expect(
      await same.said(verifyFactor, { factor_id: factor.id, challenge_id, code: ann.code(factor) }),
    ).toBe('done');
  });

  it('M-07 one that was never verified is none, and beside a verified one nobody below adds another', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    await ann.enroll();
    const low = await elsewhere(bench, ann);
    expect((await low.ask(getUser, {})).factors).toMatchObject([{ status: 'unverified' }]);
    await bench.provider.confirmSession(await bench.provider.verify(low.session.access_token));
    const left = await low.enroll();
    await ann.protect();
    expect(await ann.said(challengeFactor, { factor_id: left.id })).toBe('404 mfa_factor_not_found');
  });

  it('M-07 one that was begun before another kind was verified is no way round it', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const begun = await ann.enroll();
    await bench.query(
      `INSERT INTO auth.mfa_factors (id, user_id, friendly_name, factor_type, status, phone, created_at, updated_at)
        VALUES (gen_random_uuid(), $1, 'other', 'phone', 'verified', '15551234567', now(), now())`,
      [ann.session.user.id],
    );
    expect(await ann.give(begun)).toBe('403 insufficient_aal');
  });

  it('M-07 sessions that have not shown it end when somebody shows it', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const low = await elsewhere(bench, ann);
    await ann.protect();
    expect(await bench.isOpen(low.session)).toBe(false);
    expect(await bench.isOpen(ann.session)).toBe(true);
  });

  it('M-08 of others, or under what is no id, is not there', async () => {
    const bench = await benchWith();
    const [ann, bob] = [await person(bench), await person(bench)];
    const factor = await ann.protect();
    for (const factor_id of [factor.id, randomUUID()]) {
      expect(await bob.said(challengeFactor, { factor_id })).toBe('404 mfa_factor_not_found');
      expect(await bob.said(verifyFactor, { factor_id, code: '000000' })).toBe('404 mfa_factor_not_found');
      expect(await bob.said(unenrollFactor, { factor_id })).toBe('404 mfa_factor_not_found');
    }
    for (const factor_id of ['x', '..', '..%2f', `${factor.id}/..`, '', "' OR 1=1"]) {
      expect(await ann.said(challengeFactor, { factor_id })).toBe('404 validation_failed');
      expect(await ann.said(unenrollFactor, { factor_id })).toBe('404 validation_failed');
    }
  });

  it('M-09 its seed is never told again', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const factor = await ann.protect();
    const told = JSON.stringify([await ann.ask(getUser, {}), ann.session, claimsOf(ann.session)]);
    expect(told).toContain(factor.id);
    expect(told).not.toContain(factor.secret);
    expect(told).not.toContain('<svg');
    const trail = JSON.stringify(await bench.query('SELECT payload FROM auth.audit_log_entries'));
    expect(trail).not.toContain(factor.secret);
  });

  describe('is set up', () => {
    it('once under a name, without one too', async () => {
      const ann = await person(await benchWith());
      await ann.enroll('phone');
      expect(await ann.said(enrollFactor, { factor_type: 'totp', friendly_name: 'phone' })).toBe(
        '422 mfa_factor_name_conflict',
      );
      expect(await ann.said(enrollFactor, { factor_type: 'totp' })).toBe('done');
      expect(await ann.said(enrollFactor, { factor_type: 'totp' })).toBe('422 mfa_factor_name_conflict');
    });

    it('no more than ten times, however many ask at once', async () => {
      const ann = await person(await benchWith());
      const said = await Promise.all(
        Array.from({ length: 15 }, (_, i) =>
          ann.said(enrollFactor, { factor_type: 'totp', friendly_name: `number ${i}` }),
        ),
      );
      expect(said.filter((one) => one === 'done')).toHaveLength(10);
      expect(said.filter((one) => one === '422 too_many_enrolled_mfa_factors')).toHaveLength(5);
    });

    it('anew where nobody has verified it for five minutes', async () => {
      const bench = await benchWith();
      const ann = await person(bench);
      const old = await ann.enroll('phone');
      bench.clock.advance('5m');
      bench.clock.advance('1s');
      await ann.enroll('phone');
      expect(await ann.said(challengeFactor, { factor_id: old.id })).toBe('404 mfa_factor_not_found');
    });

    it('under the issuer that is named, and not under one that no QR code can hold', async () => {
      const ann = await person(await benchWith());
      const { totp } = await ann.ask(enrollFactor, { factor_type: 'totp', issuer: 'Müller & Söhne 🔑' });
      const uri = new URL((totp as Totp).uri);
      expect(uri.searchParams.get('issuer')).toBe('Müller & Söhne 🔑');
      expect(uri.href).not.toContain('+');
      const tooLong = { factor_type: 'totp', friendly_name: 'b', issuer: 'x'.repeat(2_000) };
      expect(await ann.said(enrollFactor, tooLong)).toBe('400 validation_failed');
    });

    it('never for phones and keys, which are not built yet', async () => {
      const ann = await person(await benchWith());
      expect(await ann.said(enrollFactor, { factor_type: 'phone', phone: '15551234' })).toBe(
        '422 mfa_phone_enroll_not_enabled',
      );
      expect(await ann.said(enrollFactor, { factor_type: 'webauthn' })).toBe(
        '422 mfa_webauthn_enroll_not_enabled',
      );
    });

    it('where the options say so', async () => {
      const bench = await benchWith({ mfa: { totpEnroll: false } });
      const ann = await person(bench);
      expect(await ann.said(enrollFactor, { factor_type: 'totp' })).toBe('422 mfa_totp_enroll_not_enabled');
    });
  });

  it('is asked for on every way in, unless the options say otherwise', async () => {
    const bench = await benchWith();
    const ann = await person(bench);
    const factor = await ann.protect();
    const low = await elsewhere(bench, ann);
    const enter = async (there: SessionBench) =>
      there.provider.confirmSession(await there.provider.verify(low.session.access_token));
    await expect(enter(bench)).rejects.toMatchObject({ code: 'insufficient_aal', applicationStatus: 403 });
    await enter(await benchWith({ mfa: { askAlways: false } }, bench.clock));
    await low.verify(factor);
    await enter(bench);
  });
});
