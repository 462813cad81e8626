import { afterEach, describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { AuditLine } from '../../core/ports/audit-sink.js';
import { AuditShipping } from './audit-shipping.js';

const line = { action: 'login' } as AuditLine;

describe('shipping the audit trail', () => {
  const failures: unknown[] = [];
  const onFailure = (error: unknown): void => void failures.push(error);
  afterEach(() => void failures.splice(0));

  it('hands over lines, and nothing where there is none', async () => {
    const written: (readonly AuditLine[])[] = [];
    const shipping = new AuditShipping(
      async () => ({ write: (lines: readonly AuditLine[]) => void written.push(lines) }),
      onFailure,
    );
    shipping.ship([]);
    shipping.ship([line]);
    await shipping.close();
    expect(written).toEqual([[line]]);
  });

  it.each([
    [
      'throws',
      () =>
        Promise.resolve({
          write: () => {
            throw new Error('full');
          },
        }),
    ],
    ['rejects', () => Promise.resolve({ write: () => Promise.reject(new Error('full')) })],
    ['cannot be made', () => Promise.reject(new Error('full'))],
  ])('fails nobody where the sink %s, and says so', async (_, find) => {
    const shipping = new AuditShipping(find, onFailure);
    shipping.ship([line]);
    await shipping.close();
    expect(failures).toEqual([new Error('full')]);
  });

  it('waits at the end for what is on its way', async () => {
    let arrive = (): void => undefined;
    const write = () => new Promise<void>((resolve) => (arrive = resolve));
    const shipping = new AuditShipping(async () => ({ write }), onFailure);
    shipping.ship([line]);
    await turn();
    let isClosed = false;
    const closed = shipping.close().then(() => (isClosed = true));
    await turn();
    expect(isClosed).toBe(false);
    arrive();
    await closed;
  });
});
