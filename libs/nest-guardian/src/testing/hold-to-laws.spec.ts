import assert from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import type { Bench, Law, Subject } from './conformance.js';
import { holdToLaws } from './hold-to-laws.js';

const subject: Subject = {
  name: 'a server',
  can: [],
  configurations: ['open'],
  open: async () => ({ base: 'http://127.0.0.1:1' }) as Bench,
  close: async () => undefined,
};

const known = [{ law: 'holds?', subjects: ['a server'], reason: 'because' }];

/** The one test that the law becomes: its name, and what becomes of it. */
async function outcome(law: Omit<Law, 'name'>, differences: typeof known = []): Promise<string> {
  const tests: [string, () => Promise<void>][] = [];
  const suites = [{ feature: 'a feature', laws: [{ name: 'holds?', ...law }] }];
  holdToLaws(
    subject,
    { suites, differences },
    {
      describe: (_, laws) => laws(),
      it: (name, holds) => void tests.push([name, holds]),
      afterAll: () => undefined,
    },
  );
  const [[name, holds]] = tests as [[string, () => Promise<void>]];
  return holds().then(
    () => `${name} passed`,
    (error: Error) => `${name} failed: ${error.message}`,
  );
}

const breaks = async () => assert.fail('broken');
const isDown = async () => Promise.reject(new TypeError('fetch failed'));

describe('a law', () => {
  it('passes where it holds and fails where it is broken', async () => {
    expect(await outcome({ holds: async () => undefined })).toBe('holds? passed');
    expect(await outcome({ holds: breaks })).toBe('holds? failed: broken');
  });

  it('is not tried on a subject that cannot do what it needs, and its name says so', async () => {
    const clock = await outcome({ holds: breaks, needs: ['move the clock'] });
    expect(clock).toBe('holds? (not tried: cannot move the clock) passed');
    const closed = await outcome({ holds: breaks, under: 'closed' });
    expect(closed).toBe('holds? (not tried: no such server is set up as closed) passed');
  });
});

describe('a known difference', () => {
  it('passes as long as the law is broken, and its name says why', async () => {
    expect(await outcome({ holds: breaks }, known)).toBe('known difference: holds? (because) passed');
  });

  it('fails once the law holds after all', async () => {
    expect(await outcome({ holds: async () => undefined }, known)).toMatch(/failed: The law holds after all/);
  });

  it('excuses no server that is down', async () => {
    expect(await outcome({ holds: isDown }, known)).toMatch(/failed: fetch failed/);
  });
});
