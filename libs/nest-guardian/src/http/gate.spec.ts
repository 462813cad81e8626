import { describe, expect, it } from '@jest/globals';
import { AuthProvider } from '../core/auth-provider.js';
import { SystemClock } from '../core/ports/clock.js';
import type { Principal } from '../core/principal.js';
import { PrincipalCache } from '../tokens/principal-cache.js';
import { Gate } from './gate.js';

const ann = { id: 'ann', sessionId: 'one', expiresAt: Number.POSITIVE_INFINITY } as Principal;

/** Counts what it is asked, and answers when it is let. */
class SlowProvider extends AuthProvider {
  asked = 0;
  let: () => void = () => undefined;
  verify(): Principal {
    return ann;
  }
  confirmSession(): Promise<void> {
    this.asked += 1;
    return new Promise((resolve) => {
      this.let = resolve;
    });
  }
  async execute(): Promise<never> {
    throw new Error('not asked here');
  }
}

const make = () => {
  const provider = new SlowProvider();
  return { provider, gate: new Gate(provider, new PrincipalCache(), new SystemClock()) };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('asks the provider once for a crowd with one new token, and never again while it remembers', async () => {
    const { provider, gate } = make();
    const crowd = [gate.admit('token'), gate.admit('token'), gate.admit('token')];
    await settled();
    provider.let();
    expect(await Promise.all(crowd)).toEqual([ann, ann, ann]);
    expect(provider.asked).toBe(1);
    expect(gate.admit('token')).toBe(ann);
  });

  it('asks anew for whoever comes after a session has ended, and remembers no answer from before', async () => {
    const { provider, gate } = make();
    const before = gate.admit('token');
    await settled();
    const answerBefore = provider.let;
    gate.forget({ userId: 'ann', sessionIds: ['one'] });
    const after = gate.admit('token');
    await settled();
    expect(provider.asked).toBe(2);
    answerBefore();
    await before;
    expect(gate.admit('token')).toBeInstanceOf(Promise);
    provider.let();
    await after;
  });

  it('forgets a look-up that failed', async () => {
    const { provider, gate } = make();
    provider.confirmSession = async () => {
      provider.asked += 1;
      throw new Error('away');
    };
    await expect(gate.admit('token')).rejects.toThrow('away');
    await expect(gate.admit('token')).rejects.toThrow('away');
    expect(provider.asked).toBe(2);
  });
});
