import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { MovableClock } from 'nest-guardian/testing';
import { profileOf, refusalOf } from '../../../../test/support/profile-bench.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import { deny } from '../core/auth-error.js';
import { common } from '../core/conditions.js';
import { defineTokenProfile } from '../tokens/profile/profile-definition.js';
import { TypeormTokenTracking } from './typeorm-token-tracking.js';

const given = {
  name: 'devices',
  audience: 'devices',
  types: { access: '15m', badge: '1h', refresh: { lifetime: '1d', sliding: '10d', absolute: '30d' } },
  defaultType: 'access',
  exchange: { refresh: ['access', 'badge'] },
  refreshable: ['refresh', 'badge'],
  subject: (device: string) => device,
  resolve: ({ sub }: { readonly sub: string }) => sub,
} as const;
const profile = defineTokenProfile(given);
const noon = new Date('2026-08-20T12:00:00Z');

onBothDatabases('lines of tokens', (open) => {
  const bench = (definition = profile) => {
    const clock = new MovableClock(noon);
    const told: unknown[] = [];
    const tokens = profileOf(definition, { clock, told, database: open() });
    const refusal = (token: string, type: 'badge' | 'refresh' = 'refresh') =>
      refusalOf(tokens.verify(token, { type }));
    return { clock, tokens, told, refusal };
  };

  it('are taken back with what they were refreshed to, even by the old one', async () => {
    const { tokens, refusal } = bench();
    const start = await tokens.issue(randomUUID(), { type: 'refresh' });
    const first = await tokens.exchange(start.token, { to: 'badge' });
    const second = await tokens.refresh(first.token);
    const third = await tokens.refresh(second.token);
    expect(await refusal(third.token, 'badge')).toBe('accepted');
    await tokens.revoke(first.token);
    expect(await refusal(third.token, 'badge')).toBe('token_revoked');
    expect(await refusal(start.token)).toBe('accepted');
  });

  it.each(['verified', 'verified as of another type', 'asked about live', 'exchanged'] as const)(
    'end when a token that was spent is %s',
    async (way) => {
      const { tokens, refusal, told } = bench();
      const first = await tokens.issue(randomUUID(), { type: 'refresh' });
      const second = await tokens.refresh(first.token);
      const show = {
        verified: () => tokens.verify(first.token, { type: 'refresh' }),
        'verified as of another type': () => tokens.verify(first.token),
        'asked about live': () => tokens.verify(first.token, { type: 'refresh', live: true }),
        exchanged: () => tokens.exchange(first.token, { to: 'access' }),
      };
      expect(await refusalOf(show[way]())).toBe('token_already_used');
      expect(await refusal(second.token)).toBe('token_revoked');
      const { sub: subject, jti: familyId } = first.claims;
      expect(told).toEqual([['tokenReuseDetected', { profile: 'devices', subject, familyId }]]);
    },
  );

  it('stay when a spent token is shown within the reuse window, which is refused all the same', async () => {
    const forgiving = defineTokenProfile({ ...given, tracking: { reuseWindow: '10s' } });
    const { tokens, refusal, clock } = bench(forgiving);
    const first = await tokens.issue(randomUUID(), { type: 'refresh' });
    const second = await tokens.refresh(first.token);
    clock.advance('9s');
    expect(await refusalOf(tokens.refresh(first.token))).toBe('token_already_used');
    expect(await refusal(first.token)).toBe('token_already_used');
    expect(await refusal(second.token)).toBe('accepted');
    clock.advance('1s');
    expect(await refusalOf(tokens.refresh(first.token))).toBe('token_already_used');
    expect(await refusal(second.token)).toBe('token_revoked');
  });

  it('end also where the clock of who hears of it is behind that of who spent the token', async () => {
    const [ahead, behind] = [bench(), bench()];
    const first = await behind.tokens.issue(randomUUID(), { type: 'refresh' });
    ahead.clock.advance('2s');
    const second = await ahead.tokens.refresh(first.token);
    expect(await behind.refusal(first.token)).toBe('token_already_used');
    expect(await ahead.refusal(second.token)).toBe('token_revoked');
  });

  it('are neither good nor at an end while the database does not answer', async () => {
    let isDown = false;
    class Failing extends TypeormTokenTracking {
      override async stateOf(...args: Parameters<TypeormTokenTracking['stateOf']>) {
        return isDown ? deny(common.databaseUnavailable) : super.stateOf(...args);
      }
    }
    const tokens = profileOf(profile, { tracking: new Failing(open().dataSource) });
    const { token } = await tokens.issue(randomUUID(), { type: 'refresh' });
    isDown = true;
    for (const ask of [() => tokens.verify(token, { type: 'refresh' }), () => tokens.refresh(token)]) {
      expect(await refusalOf(ask())).toBe('database_unavailable');
    }
    isDown = false;
    expect(await refusalOf(tokens.verify(token, { type: 'refresh' }))).toBe('accepted');
    expect(await refusalOf(tokens.refresh(token))).toBe('accepted');
  });

  it('begin, go on and end with genuine tokens only, whatever else is shown', async () => {
    const { tokens, refusal } = bench();
    const { token } = await tokens.issue(randomUUID(), { type: 'refresh' });
    for (const shown of [
      '',
      '..',
      `${token} `,
      undefined,
      null,
      7,
      {},
      [token],
      Buffer.from(token),
    ] as never[]) {
      for (const work of [
        tokens.refresh(shown),
        tokens.exchange(shown, { to: 'badge' }),
        tokens.revoke(shown),
        tokens.verify(shown, { type: 'refresh', live: true }),
      ]) {
        expect([shown, await refusalOf(work)]).toEqual([shown, 'token_invalid']);
      }
    }
    expect(await refusal(token)).toBe('accepted');
  });

  it('that were exchanged are not refreshed past the end of what they came of', async () => {
    const { tokens, clock } = bench();
    const device = randomUUID();
    const authenticatedAt = new Date(noon.getTime() - 30 * 86_400_000 + 1_800_000);
    const start = await tokens.issue(device, { type: 'refresh', authenticatedAt });
    let { token } = await tokens.exchange(start.token, { to: 'badge' });
    for (const _ of [1, 2]) {
      clock.advance('10m');
      const next = await tokens.refresh(token);
      expect(next.claims.exp).toBe(start.claims.exp);
      ({ token } = next);
    }
    clock.advance('10m');
    expect(await refusalOf(tokens.refresh(token))).toBe('token_expired');
  });

  it('that only clocks which are apart let in are taken back with all of a subject', async () => {
    const lenient = defineTokenProfile({ ...given, clockTolerance: '1m' });
    const { tokens, clock } = bench(lenient);
    const device = randomUUID();
    const { token } = await tokens.issue(device, { type: 'refresh' });
    clock.advance('240h');
    clock.advance('30s');
    await tokens.revokeAll(device);
    expect(await refusalOf(tokens.refresh(token))).toBe('token_revoked');
  });
});
