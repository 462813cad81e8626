import { afterEach, expect, it } from '@jest/globals';
import { elsewhere, person } from '../../../../../test/support/factor-person.js';
import { claimsOf, SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import { unenrollFactor } from './mfa.contract.js';
import { countRecoveryCodes, makeRecoveryCodes, verifyRecoveryCode } from './recovery-codes.contract.js';

onBothDatabases('a second factor that was lost', (open) => {
  const benches: SessionBench[] = [];
  afterEach(async () => {
    for (const bench of benches.splice(0)) await bench.close();
  });
  const lost = async () => {
    const bench = await SessionBench.open(open(), {});
    benches.push(bench);
    const ann = await person(bench);
    const factor = await ann.protect();
    const { codes } = await ann.ask(makeRecoveryCodes, {});
    return { bench, ann, factor, codes, low: await elsewhere(bench, ann) };
  };

  it('M-10 is replaced by ten codes of 80 bits, of which the tables hold hashes', async () => {
    const { bench, ann, codes } = await lost();
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/);
    expect(await ann.ask(countRecoveryCodes, {})).toEqual({ remaining: 10 });
    const rows = await bench.query('SELECT code_hash FROM auth.guardian_recovery_codes WHERE user_id = $1', [
      ann.session.user.id,
    ]);
    expect(rows).toHaveLength(10);
    for (const code of codes) expect(JSON.stringify(rows)).not.toContain(code.replaceAll('-', ''));
  });

  it('M-10 a code is good once, however it is written', async () => {
    const { bench, ann, low, codes } = await lost();
    const code = (codes[0] as string).toUpperCase().replaceAll('-', ' ');
    low.session = await low.ask(verifyRecoveryCode, { code });
    expect(low.claims.aal).toBe('aal2');
    expect(low.claims.amr.map(({ method }) => method)).toEqual(['mfa/recovery_code', 'password']);
    expect(await low.ask(countRecoveryCodes, {})).toEqual({ remaining: 9 });
    const again = await elsewhere(bench, ann);
    expect(await again.said(verifyRecoveryCode, { code })).toBe('422 mfa_verification_failed');
    await bench.provider.confirmSession(await bench.provider.verify(low.session.access_token));
    expect(claimsOf(await bench.refresh(low.session.refresh_token))).toMatchObject({ aal: 'aal2' });
  });

  it('M-10 of 50 uses of one code at once one goes well', async () => {
    const { low, codes } = await lost();
    const said = await Promise.all(
      Array.from({ length: 50 }, () => low.said(verifyRecoveryCode, { code: codes[1] })),
    );
    expect(said.filter((one) => one === 'done')).toHaveLength(1);
  });

  it('M-10 new codes kill the old, and another person’s open nothing', async () => {
    const { bench, ann, low, codes } = await lost();
    const bob = await person(bench);
    await bob.protect();
    expect(await bob.said(verifyRecoveryCode, { code: codes[2] })).toBe('422 mfa_verification_failed');
    const { codes: next } = await ann.ask(makeRecoveryCodes, {});
    expect(await low.said(verifyRecoveryCode, { code: codes[2] })).toBe('422 mfa_verification_failed');
    expect(await low.said(verifyRecoveryCode, { code: next[0] })).toBe('done');
  });

  it('can be given up with a code, and the codes go with it', async () => {
    const { bench, low, factor, codes } = await lost();
    low.session = await low.ask(verifyRecoveryCode, { code: codes[0] });
    await low.ask(unenrollFactor, { factor_id: factor.id });
    expect(await low.ask(countRecoveryCodes, {})).toEqual({ remaining: 0 });
    const refreshed = await bench.refresh(low.session.refresh_token);
    expect(claimsOf(refreshed)).toMatchObject({ aal: 'aal1' });
    low.session = refreshed;
    expect(await low.said(verifyRecoveryCode, { code: codes[1] })).toBe('422 mfa_verification_failed');
  });
});
