import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SessionBench } from '../../../../../test/support/session-bench.js';
import { type Database, openDatabase } from '../../persistence/database.js';
import { ColumnEncryption } from '../../tokens/column-encryption.js';
import { totpAt } from '../../tokens/totp.js';
import { challengeFactor, enrollFactor, verifyFactor } from './mfa.contract.js';

describe('the seed of an authenticator application, where a key is configured', () => {
  const key = Buffer.alloc(32, 7).toString('base64url');
  let database: Database;
  let bench: SessionBench;
  beforeAll(async () => {
    const given = { encrypt: true, keyId: 'one', keys: { one: key } };
    const encryption = ColumnEncryption.from(given, { path: 'encryption', mistakes: [] });
    database = await openDatabase(':memory:', 'run', encryption);
    bench = await SessionBench.open(database, { encryption: given });
  });
  afterAll(() => database.close());

  it('is in the tables in GoTrue’s AES-GCM form only, and is read from there', async () => {
    const { access_token: bearer } = await bench.signUp();
    const caller = { ...bench.caller, bearer };
    const { id, totp } = await bench.ask(enrollFactor, { factor_type: 'totp' }, caller);
    const secret = totp?.secret as string;
    const [row] = await bench.query('SELECT secret FROM auth.mfa_factors WHERE id = $1', [id]);
    expect(row?.secret).not.toContain(secret);
    expect(JSON.parse(row?.secret as string)).toMatchObject({ key_id: 'one', alg: 'aes-gcm-hkdf' });
    const { id: challenge_id } = await bench.ask(challengeFactor, { factor_id: id }, caller);
    const code = totpAt(secret, bench.clock.now());
    const session = await bench.ask(verifyFactor, { factor_id: id, challenge_id, code }, caller);
    expect(session.user.factors).toMatchObject([{ id, status: 'verified' }]);
  });
});
