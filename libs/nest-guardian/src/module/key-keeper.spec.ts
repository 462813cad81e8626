import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { OptionMistake } from '../core/option.js';
import { TypeormSigningKeyStore } from '../persistence/typeorm-signing-key.store.js';
import { MovableClock } from '../testing/movable-clock.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { ColumnEncryption } from '../tokens/column-encryption.js';
import { rotation } from '../tokens/kept-keys.js';
import type { TokenOptions } from '../tokens/token.options.js';
import { KeyKeeper, keepKeys } from './key-keeper.js';

const keyOf = (letter: string): string => Buffer.alloc(32, letter).toString('base64url');
const encryptionWith = (keyId: string, keys: Record<string, string>): ColumnEncryption => {
  const mistakes: OptionMistake[] = [];
  const encryption = ColumnEncryption.from({ keyId, keys }, { path: 'encryption', mistakes });
  expect(mistakes).toEqual([]);
  return encryption;
};
const encryption = encryptionWith('k1', { k1: keyOf('a') });
const secret = 'a secret of more than thirty-two bytes, for the specs';
const person = '3f2b6d8e-1c55-4a7c-9d5e-2f1a6b7c8d9e';

onBothDatabases('kept signing keys', (open) => {
  let clock: MovableClock;
  const failures: unknown[] = [];
  const keepers: KeyKeeper[] = [];

  beforeEach(async () => {
    clock = new MovableClock(new Date('2026-01-01T00:00:00Z'));
    failures.length = 0;
    await open().dataSource.query('DELETE FROM auth.guardian_signing_keys');
  });
  afterEach(() => {
    for (const keeper of keepers.splice(0)) keeper.stop();
  });

  const storeWith = (sealing: ColumnEncryption) => new TypeormSigningKeyStore(open().dataSource, sealing);
  const store = () => storeWith(encryption);
  const rotate = () => store().change((keys) => rotation(keys, clock.now()));

  /** What one process holds. */
  async function start(
    given: TokenOptions = {},
    from: Pick<TypeormSigningKeyStore, 'all' | 'change'> = store(),
  ) {
    const tokens = AccessTokens.from({ signWith: 'kept', ...given }, [], clock);
    const keeper = new KeyKeeper({ store: from, tokens, clock, onFailure: (error) => failures.push(error) });
    keepers.push(keeper);
    await keeper.start();
    const published = () => tokens.publicJwks().keys.map((key) => (key as { kid: string }).kid);
    return { tokens, keeper, published };
  }

  const sign = (tokens: AccessTokens): string => {
    const iat = Math.floor(clock.now().getTime() / 1000);
    const { audience: aud } = tokens.settings;
    return tokens.sign({ sub: person, aud, role: 'authenticated', iat, exp: iat + 900 });
  };
  const kidOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

  it('are made once, though two processes start for the first time at once', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(await store().all()).toHaveLength(1);
    expect(two!.tokens.verify(sign(one!.tokens)).id).toBe(person);
  });

  it('sign nobody out: what any process signs, before, during and after a rotation, every process verifies', async () => {
    const [one, two] = [await start(), await start()];
    const before = sign(one.tokens);
    await rotate();
    // The last moment of the bound within which a process has seen the new key.
    clock.advance('30s');
    await one.keeper.reload();
    expect(one.published()).toHaveLength(2);
    expect(kidOf(sign(one.tokens))).toBe(kidOf(before));
    clock.advance('13m');
    await two.keeper.reload();
    // One process has begun to sign with the new key when another still signs with the old one.
    clock.advance('90s');
    await one.keeper.reload();
    const [byNew, byOld] = [sign(one.tokens), sign(two.tokens)];
    expect(kidOf(byNew)).not.toBe(kidOf(before));
    expect(kidOf(byOld)).toBe(kidOf(before));
    for (const { tokens } of [one, two]) {
      for (const token of [byNew, byOld]) expect(tokens.verify(token).id).toBe(person);
    }
    await two.keeper.reload();
    expect(kidOf(sign(two.tokens))).toBe(kidOf(byNew));
    expect(two.published()).toEqual(one.published());
    expect(two.published()).toHaveLength(2);
  });

  it('are looked for every thirty seconds', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      let asked = 0;
      const kept = await store().change((keys) => rotation(keys, clock.now()));
      const counting = { all: async () => (asked++, kept), change: async () => kept };
      const { keeper } = await start({}, counting);
      jest.advanceTimersByTime(29_999);
      expect(asked).toBe(1);
      jest.advanceTimersByTime(1);
      expect(asked).toBe(2);
      keeper.stop();
      jest.advanceTimersByTime(300_000);
      expect(asked).toBe(2);
    } finally {
      jest.useRealTimers();
    }
  });

  it('that were read last stay in use while the database does not answer', async () => {
    const shaky = store();
    const { tokens, keeper } = await start(
      {},
      { all: () => shaky.all(), change: (decide) => shaky.change(decide) },
    );
    const token = sign(tokens);
    shaky.all = () => Promise.reject(new Error('gone'));
    await keeper.reload();
    expect(failures).toEqual([new Error('gone')]);
    expect(tokens.verify(token).id).toBe(person);
    expect(kidOf(sign(tokens))).toBe(kidOf(token));
  });

  it('verify beside the keys of the options, which do not sign', async () => {
    const before = AccessTokens.from({ secret }, [], clock);
    const { tokens } = await start({ secret });
    expect(tokens.verify(sign(before)).id).toBe(person);
    expect(tokens.publicJwks().keys).toHaveLength(1);
    expect(() => before.verify(sign(tokens))).toThrow(/invalid JWT/);
  });

  it('leave the secret what it was for tokens under an unknown key id', async () => {
    const elsewhere = AccessTokens.from({ secret, secretKeyId: 'theirs' }, [], clock);
    const { tokens } = await start({ secret, hs256FallbackForUnknownKid: true });
    expect(tokens.verify(sign(elsewhere)).id).toBe(person);
  });

  it('S-13: lie encrypted in the table, bound to their row', async () => {
    const [key] = await rotate();
    const [row] = await open().dataSource.query('SELECT kid, jwk FROM auth.guardian_signing_keys');
    expect(row.jwk).not.toContain(String(key!.jwk.d));
    expect(JSON.parse(encryption.open(row.kid, row.jwk))).toEqual(key!.jwk);
    expect(() => encryption.open('another', row.jwk)).toThrow(/unable to authenticate/);
  });

  it('S-13: whose encryption key is not there stop the start, with the name of the one that is missed', async () => {
    await rotate();
    await expect(start({}, storeWith(encryptionWith('k2', { k2: keyOf('b') })))).rejects.toThrow(/k1/);
  });

  it('that are no keys are named, and not quoted', async () => {
    await rotate();
    await open().dataSource.query(`UPDATE auth.guardian_signing_keys SET kid = 'k', jwk = 'hunter2'`);
    await expect(start()).rejects.toThrow('The signing key k of auth.guardian_signing_keys cannot be read');
  });

  it('are not looked at where the options do not ask for them', async () => {
    const tokens = AccessTokens.from({ secret }, [], clock);
    expect(await keepKeys({ tokens, clock, opened: null, encryption })).toBeNull();
    expect(await store().all()).toEqual([]);
  });
});

describe('kept signing keys without a database', () => {
  it('are a mistake of whoever brought a persistence of their own', async () => {
    const clock = new MovableClock();
    const tokens = AccessTokens.from({ signWith: 'kept' }, [], clock);
    await expect(keepKeys({ tokens, clock, opened: null, encryption })).rejects.toThrow(TypeError);
  });
});
