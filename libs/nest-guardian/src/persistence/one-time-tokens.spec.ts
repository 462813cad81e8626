import { expect, it } from '@jest/globals';
import { MovableClock } from 'nest-guardian/testing';
import { profileOf, refusalOf } from '../../../../test/support/profile-bench.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import { defineTokenProfile } from '../tokens/profile/profile-definition.js';

const profile = defineTokenProfile({
  name: 'devices',
  audience: 'devices',
  types: { access: '15m' },
  defaultType: 'access',
  subject: (id: string) => id,
  resolve: ({ sub }) => sub,
  oneTime: { pairing: '10m', 'e-mail': '1h' },
});
const noon = new Date('2026-08-20T12:00:00Z');

onBothDatabases('one-time tokens', (open) => {
  const bench = () => {
    const clock = new MovableClock(noon);
    return { clock, tokens: profileOf(profile, { clock, database: open() }) };
  };
  const query = (sql: string) => open().dataSource.query(sql);

  it('are good once: of fifty at once, one takes it', async () => {
    const { tokens } = bench();
    const { token } = await tokens.oneTime.issue('pairing', 'thermostat', { data: { room: 'hall' } });
    const all = await Promise.all(Array.from({ length: 50 }, () => tokens.oneTime.take('pairing', token)));
    expect(all.filter((one) => one !== null)).toEqual([{ subject: 'thermostat', data: { room: 'hall' } }]);
    expect(await tokens.oneTime.take('pairing', token)).toBeNull();
  });

  it('are good for one purpose, for a time, and are not in their rows', async () => {
    const { tokens, clock } = bench();
    const { token } = await tokens.oneTime.issue('pairing', 'a');
    const [{ rows }] = await query('SELECT json_agg(t)::text AS rows FROM auth.guardian_one_time_tokens t');
    expect(rows).not.toContain(token);
    expect(await tokens.oneTime.take('e-mail', token)).toBeNull();
    expect(await tokens.oneTime.take('pairing', token)).toEqual({ subject: 'a', data: null });
    const short = await tokens.oneTime.issue('pairing', 'a', { lifetime: '1m' });
    expect((await tokens.oneTime.issue('pairing', 'a', { lifetime: '1d' })).expiresAt).toEqual(
      new Date(noon.getTime() + 600_000),
    );
    clock.advance('1m');
    expect(await tokens.oneTime.take('pairing', short.token)).toBeNull();
    for (const text of ['', 'x', undefined, {}, `${token}=`]) {
      expect(await tokens.oneTime.take('pairing', text as never)).toBeNull();
    }
    for (const purpose of ['constructor', '__proto__', 'other']) {
      await expect(tokens.oneTime.take(purpose as never, token)).rejects.toThrow(TypeError);
      await expect(tokens.oneTime.issue(purpose as never, 'a')).rejects.toThrow(TypeError);
    }
  });

  it('hold what PostgreSQL can hold, and give back what they hold', async () => {
    const { tokens } = bench();
    const data = ['\\u0000', 'whole 😀', { é: [1.5, true, null] }];
    const { token } = await tokens.oneTime.issue('pairing', 'Zoë 😀', { data });
    expect(await tokens.oneTime.take('pairing', token)).toEqual({ subject: 'Zoë 😀', data });
    for (const text of ['nul\u0000', 'half \ud83d']) {
      expect(await refusalOf(tokens.oneTime.issue('pairing', text))).toBe('validation_failed');
      expect(await refusalOf(tokens.oneTime.issue('pairing', 'a', { data: { text } }))).toBe(
        'validation_failed',
      );
      expect(await refusalOf(tokens.oneTime.issue('pairing', 'a', { data: { [text]: 1 } }))).toBe(
        'validation_failed',
      );
    }
  });

  it('are not made of what is no JSON, or for nobody', async () => {
    const { tokens } = bench();
    const circle: unknown[] = [];
    circle.push(circle);
    for (const data of [1n, circle, () => 1, Symbol('x')]) {
      await expect(tokens.oneTime.issue('pairing', 'a', { data })).rejects.toThrow(TypeError);
    }
    for (const subject of ['', undefined, null, 7, {}, ['a']] as never[]) {
      await expect(tokens.oneTime.issue('pairing', subject)).rejects.toThrow(TypeError);
    }
  });
});
