import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KeptIdpTokens } from 'nest-guardian';
import { ask } from '../../../../../test/support/ask.js';
import { inUnit } from '../../../../../test/support/in-unit.js';
import { fragmentOf, RedeemBench } from '../../../../../test/support/redeem-bench.js';
import { profileOf, ScriptedIdp } from '../../../../../test/support/scripted-idp.js';
import { onBothDatabases } from '../../../../../test/support/test-databases.js';
import type { User } from '../../core/records.js';

const encryption = { keyId: 'k', keys: { k: Buffer.alloc(32, 'a').toString('base64url') } };
const both = { accessToken: 'at-secret', refreshToken: 'rt-secret' };

onBothDatabases('tokens of an identity provider', (open) => {
  const idp = new ScriptedIdp('one');
  let bench: RedeemBench;
  let forgetful: RedeemBench;
  let kept: KeptIdpTokens;
  let subject: string;
  beforeAll(async () => {
    const idps = { one: idp.choice };
    bench = await RedeemBench.open(open(), { oauth: { idps, keepIdpTokens: true }, encryption });
    forgetful = await RedeemBench.open(open(), { oauth: { idps }, encryption });
    kept = bench.get(KeptIdpTokens);
  });
  afterAll(() => Promise.all([bench.close(), forgetful.close()]));
  beforeEach(() => {
    subject = randomUUID();
    idp.answer = async () => profileOf(subject);
    idp.tokens = both;
  });

  /** Somebody who has an account, with what the client is told. */
  async function signIn(at = bench, query: Record<string, string> = {}) {
    const started = await ask(`${at.base}/authorize?${new URLSearchParams({ provider: 'one', ...query })}`);
    const { searchParams } = new URL(started.headers.get('location') ?? '');
    const cookie = started.headers.getSetCookie().join('; ').split(';')[0] ?? '';
    const back = new URLSearchParams({ state: searchParams.get('state') ?? '', code: 'c' });
    const answer = await ask(`${at.base}/callback?${back}`, { headers: { cookie } });
    const [{ user_id: id } = {}] = await at.query(
      'SELECT user_id FROM auth.identities WHERE provider_id = $1',
      [subject],
    );
    return { id: String(id), told: fragmentOf(answer) };
  }
  const rowsOf = (userId: string) =>
    bench.query(
      `SELECT t.* FROM auth.guardian_idp_tokens t JOIN auth.identities i ON i.id = t.identity_id WHERE i.user_id = $1`,
      [userId],
    );

  it('are kept nowhere unless the option says so', async () => {
    const { id, told } = await signIn(forgetful);
    expect(told).toMatchObject({ provider_token: 'at-secret', provider_refresh_token: 'rt-secret' });
    expect(await rowsOf(id)).toEqual([]);
    expect(await forgetful.get(KeptIdpTokens).of(id, 'one')).toBeNull();
  });

  it('are there for the application where it does, and in no row to be read', async () => {
    const { id, told } = await signIn();
    expect(told).toMatchObject({ provider_token: 'at-secret' });
    expect(await kept.of(id, 'one')).toEqual(both);
    const [row] = await rowsOf(id);
    expect(JSON.stringify(row)).not.toMatch(/at-secret|rt-secret/);
    expect(row).toMatchObject({ access_token: expect.stringContaining('"key_id":"k"') });
  });

  it('are kept as soon as the person is back, also where the client has yet to trade its code', async () => {
    const challenge = { code_challenge: 'a'.repeat(43), code_challenge_method: 's256' };
    const { id } = await signIn(bench, challenge);
    expect(await kept.of(id, 'one')).toEqual(both);
  });

  it('are the newest, and a refresh token stays where none comes with them', async () => {
    await signIn();
    idp.tokens = { accessToken: 'at-new', refreshToken: null };
    const { id } = await signIn();
    expect(await kept.of(id, 'one')).toEqual({ accessToken: 'at-new', refreshToken: 'rt-secret' });
    idp.tokens = { accessToken: 'at-newest', refreshToken: 'rt-newest' };
    await signIn();
    expect(await kept.of(id, 'one')).toEqual(idp.tokens);
    expect(await rowsOf(id)).toHaveLength(1);
  });

  it('are of one person at one provider', async () => {
    const { id } = await signIn();
    for (const [user, name] of [
      [id, 'other'],
      [(await bench.person()).id, 'one'],
      [randomUUID(), 'one'],
      ['banana', 'one'],
    ] as const) {
      expect(await kept.of(user, name)).toBeNull();
    }
  });

  it('are not kept of somebody who may not come in', async () => {
    const { id } = await signIn();
    await bench.query(`UPDATE auth.users SET banned_until = '2999-01-01' WHERE id = $1`, [id]);
    idp.tokens = { accessToken: 'at-banned', refreshToken: null };
    await signIn();
    expect(await kept.of(id, 'one')).toEqual(both);
  });

  describe('go with', () => {
    it.each<[string, (user: User) => Promise<unknown>]>([
      [
        'the way in',
        ({ id, identities }) =>
          inUnit(open(), async ({ users }) => {
            for (const { id: one } of identities) await users.deleteIdentity({ id: one, userId: id });
          }),
      ],
      ['the account', ({ id }) => inUnit(open(), ({ users }) => users.delete(id))],
      [
        'the account, also where its row stays',
        (user) => inUnit(open(), ({ users }) => users.softDelete(user, bench.clock.now())),
      ],
    ])('%s', async (_, take) => {
      const user = await bench.find(await signIn());
      const [row] = await rowsOf(user.id);
      await take(user);
      const left = await bench.query('SELECT FROM auth.guardian_idp_tokens WHERE identity_id = $1', [
        row?.identity_id,
      ]);
      expect([left, await kept.of(user.id, 'one')]).toEqual([[], null]);
    });
  });
});

describe('tokens of an identity provider of another server', () => {
  it('are not to be had, and the application hears that at once', async () => {
    await expect(new KeptIdpTokens({} as never).of(randomUUID(), 'one')).rejects.toThrow(TypeError);
  });
});
