import { expect, it } from '@jest/globals';
import { local } from 'nest-guardian/local';
import { claimsOf, SessionBench } from '../../../../../test/support/session-bench.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';

const older = 'pwFoiPyybQMqNmYVN0gUnpbfpGQV2sDv9vp0ZAxi_Y4';
const newer = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const withOlder = { keyId: 'older', keys: { older } };
const withBoth = { keyId: 'newer', keys: { older, newer } };

onBothDatabases('the key of the refresh tokens of a session', (open) => {
  const keyOf = async (bench: SessionBench, sessionId: string): Promise<string> => {
    const sql = 'SELECT refresh_token_hmac_key AS key FROM auth.sessions WHERE id = $1';
    return String((await bench.query(sql, [sessionId]))[0]?.key);
  };
  const keyIdOf = async (bench: SessionBench, sessionId: string): Promise<string> =>
    (JSON.parse(await keyOf(bench, sessionId)) as { key_id: string }).key_id;

  it('is encrypted in its row, in the form of GoTrue, and its tokens go on', async () => {
    const bench = await SessionBench.open(open(), { encryption: withOlder });
    const session = await bench.signUp();
    const { session_id } = claimsOf(session);
    expect(Object.keys(JSON.parse(await keyOf(bench, session_id)) as object)).toEqual([
      'key_id',
      'alg',
      'data',
      'nonce',
    ]);
    const refreshed = await bench.refresh(session.refresh_token);
    expect((await bench.refresh(session.refresh_token)).refresh_token).toBe(refreshed.refresh_token);
    expect(await bench.refusalOf(refreshed.refresh_token)).toBe('it was accepted');
  });

  it('of a session that goes over to version 2 is encrypted too', async () => {
    const old = await SessionBench.open(open(), { session: { refreshTokenVersion: 1 } });
    const session = await old.signUp();
    const bench = await SessionBench.open(open(), { encryption: withOlder }, old.clock);
    const upgraded = await bench.refresh(session.refresh_token);
    expect(await keyIdOf(bench, claimsOf(session).session_id)).toBe('older');
    expect(await bench.refusalOf(upgraded.refresh_token)).toBe('it was accepted');
  });

  it('that is not encrypted, or with an older key, is encrypted anew by the next refresh', async () => {
    const plain = await SessionBench.open(open(), {});
    const session = await plain.signUp();
    const { session_id } = claimsOf(session);
    expect(await keyOf(plain, session_id)).toMatch(/^[\w-]{43}$/);
    const bench = await SessionBench.open(open(), { encryption: withOlder }, plain.clock);
    const second = await bench.refresh(session.refresh_token);
    expect(await keyIdOf(bench, session_id)).toBe('older');
    const rotated = await SessionBench.open(open(), { encryption: withBoth }, plain.clock);
    const third = await rotated.refresh(second.refresh_token);
    expect(await keyIdOf(bench, session_id)).toBe('newer');
    expect(await rotated.refusalOf(third.refresh_token)).toBe('it was accepted');
  });

  it('stays as it is where nothing is encrypted any more', async () => {
    const before = await SessionBench.open(open(), { encryption: withOlder });
    const session = await before.signUp();
    const encryption = { encrypt: false, keys: { older } };
    const bench = await SessionBench.open(open(), { encryption }, before.clock);
    expect(await bench.refusalOf(session.refresh_token)).toBe('it was accepted');
    expect(await keyIdOf(bench, claimsOf(session).session_id)).toBe('older');
    expect(await keyOf(bench, claimsOf(await bench.signUp()).session_id)).toMatch(/^[\w-]{43}$/);
  });

  it('that is encrypted with a key that is not configured signs nobody out: it fails, and says why', async () => {
    const before = await SessionBench.open(open(), { encryption: withBoth });
    const session = await before.signUp();
    const bench = await SessionBench.open(open(), { encryption: withOlder }, before.clock);
    await expect(bench.refresh(session.refresh_token)).rejects.toThrow(
      /^The column encryption key newer is not configured$/,
    );
    expect(await bench.isOpen(session)).toBe(true);
    expect(await before.refusalOf(session.refresh_token)).toBe('it was accepted');
  });

  it('moved to another session opens neither', async () => {
    const bench = await SessionBench.open(open(), { encryption: withOlder });
    const [one, two] = [claimsOf(await bench.signUp()), await bench.signUp()];
    await bench.query('UPDATE auth.sessions SET refresh_token_hmac_key = $2 WHERE id = $1', [
      claimsOf(two).session_id,
      await keyOf(bench, one.session_id),
    ]);
    await expect(bench.refresh(two.refresh_token)).rejects.toThrow('authenticate data');
  });

  it('is not read by those who only look a session up', async () => {
    const bench = await SessionBench.open(open(), { encryption: withOlder });
    const session = await bench.signUp();
    const { users } = open().persistence.begin();
    const found = await users.findWithSession(session.user.id, claimsOf(session).session_id);
    expect(found?.session).toMatchObject({ refreshTokenHmacKey: null, refreshTokenCounter: 0 });
  });
});

it('mistakes in the keys of the encryption are told with all others', () => {
  const { mistakes } = local({
    tokens: { secret: 'this secret is long enough for the specs of sessions' },
    encryption: { keyId: 'older', keys: { newer: 'short' } },
  });
  expect(mistakes.map(({ path }) => path)).toEqual(['encryption.keys.newer', 'encryption.keyId']);
});
