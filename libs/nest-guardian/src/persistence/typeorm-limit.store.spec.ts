import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { inUnit } from '../../../../test/support/in-unit.js';
import { onBothDatabases } from '../../../../test/support/test-databases.js';
import type { Limit } from '../core/ports/limits.js';

const at = new Date('2026-08-20T10:00:00.123Z');
const after = (milliseconds: number): Date => new Date(at.getTime() + milliseconds);

onBothDatabases('limits', (open) => {
  const limitOf = (change: Partial<Limit> = {}): Limit => ({
    key: randomUUID(),
    max: 2,
    window: 1_000,
    at,
    ...change,
  });
  const take = (limit: Limit): Promise<Date | null> => inUnit(open(), ({ limits }) => limits.take(limit));

  it('let through as many as they say, then say when the window ends, which asking does not put off', async () => {
    const limit = limitOf();
    expect(await take(limit)).toBeNull();
    expect(await take({ ...limit, at: after(300) })).toBeNull();
    for (const later of [400, 500, 999])
      expect(await take({ ...limit, at: after(later) })).toEqual(after(1_000));
  });

  it('begin anew when the window has ended', async () => {
    const limit = limitOf({ max: 1 });
    await take(limit);
    await take(limit);
    expect(await take({ ...limit, at: after(1_000) })).toBeNull();
    expect(await take({ ...limit, at: after(1_001) })).toEqual(after(2_000));
  });

  it('are counted each by itself', async () => {
    await take(limitOf({ max: 1 }));
    expect(await take(limitOf({ max: 1 }))).toBeNull();
  });

  it('of nothing let nothing through', async () => {
    expect(await take(limitOf({ max: 0 }))).toEqual(after(1_000));
  });

  it('let no more than their number through of 50 at once', async () => {
    const limit = limitOf({ max: 7 });
    const results = await Promise.all(Array.from({ length: 50 }, () => take(limit)));
    expect(results.filter((result) => result === null)).toHaveLength(7);
    expect(results.filter((result) => result !== null)).toEqual(Array(43).fill(after(1_000)));
  });

  it('let the next ones through when they are raised, however many were refused', async () => {
    const limit = limitOf({ max: 1 });
    for (let count = 0; count < 5; count += 1) await take(limit);
    expect(await take({ ...limit, max: 3 })).toBeNull();
    expect(await take({ ...limit, max: 3 })).toEqual(after(1_000));
  });

  it('forget what was not kept', async () => {
    const limit = limitOf({ max: 1 });
    const unit = open().persistence.begin();
    expect(await unit.limits.take(limit)).toBeNull();
    await unit.rollback();
    expect(await take(limit)).toBeNull();
  });
});
