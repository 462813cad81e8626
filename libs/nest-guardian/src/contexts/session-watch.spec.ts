import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Announcements } from '../core/announcements.js';
import { AuthError } from '../core/auth-error.js';
import { AuthProvider } from '../core/auth-provider.js';
import { common } from '../core/conditions.js';
import { assuranceChanged, sessionsEnded } from '../core/event.js';
import type { Principal } from '../core/principal.js';
import { Gate } from '../http/gate.js';
import { assuranceConditions } from '../steps/require-assurance.js';
import { MovableClock } from '../testing/movable-clock.js';
import { PrincipalCache } from '../tokens/principal-cache.js';
import { tokenRefusals } from '../tokens/profile/token-conditions.js';
import type { TokenPrincipal } from '../tokens/profile/token-principal.js';
import type { TokenProfiles } from '../tokens/profile/token-profiles.js';
import { SessionWatch, type Watched } from './session-watch.js';

/** Knows which sessions it was asked about, and answers what it is told to. */
class TellingProvider extends AuthProvider {
  readonly asked: (string | null)[] = [];
  answer: () => Promise<void> = async () => {};
  readonly #principals = new Map<string, Principal>();

  /** A token of a session, that this provider knows. */
  issue(person: Partial<Principal>): Pick<Watched, 'principal' | 'bearer'> {
    const principal = { id: 'ann', sessionId: 'desk', expiresAt: Infinity, ...person } as Principal;
    const bearer = `token ${this.#principals.size}`;
    this.#principals.set(bearer, principal);
    return { principal, bearer };
  }
  verify(bearer: string): Principal {
    return this.#principals.get(bearer) as Principal;
  }
  async confirmSession({ sessionId }: Principal): Promise<void> {
    this.asked.push(sessionId);
    await this.answer();
  }
  execute(): Promise<never> {
    throw new Error('is not asked here');
  }
}

const refusing =
  (condition = common.sessionNotFound) =>
  async () => {
    throw new AuthError(condition);
  };

const breakDown = (): never => {
  throw new Error('nobody thought of this');
};

describe('what lives longer than a request', () => {
  const made: SessionWatch[] = [];
  const make = () => {
    const [provider, clock] = [new TellingProvider(), new MovableClock()];
    const announcements = new Announcements(() => {});
    const profileAsked: string[] = [];
    const profiles = {
      require: (name: string) => ({
        admit: async (bearer: string, wanted: object) => {
          profileAsked.push(`${name} ${bearer} ${JSON.stringify(wanted)}`);
          await provider.answer();
        },
      }),
    } as unknown as TokenProfiles;
    const gate = new Gate(provider, new PrincipalCache(), clock);
    const watch = new SessionWatch({ gate, profiles }, clock, announcements);
    made.push(watch);
    const ended: string[] = [];
    /** Opens something with a token of Ann's desk, or of whom else is named. */
    const open = (name: string, person: Partial<Principal> = {}, more: Partial<Watched> = {}) => {
      const end = ({ code }: AuthError): void => void ended.push(`${name}: ${code}`);
      return watch.watch({ ...provider.issue(person), end, ...more });
    };
    return { provider, clock, announcements, profileAsked, watch, ended, open };
  };
  const seconds = (clock: MovableClock) => clock.now().getTime() / 1000;

  beforeEach(() => {
    jest.useFakeTimers();
    Logger.overrideLogger(false);
  });
  afterEach(() => {
    for (const watch of made.splice(0)) watch.onApplicationShutdown();
    jest.useRealTimers();
  });

  it('ends within a second of its token’s expiry, by itself, and not before', async () => {
    const { clock, open, ended } = make();
    open('socket', { expiresAt: seconds(clock) + 10 });
    open('other', { expiresAt: seconds(clock) + 11 });
    clock.advance('9s');
    await jest.advanceTimersByTimeAsync(1000);
    expect(ended).toEqual([]);
    clock.advance('1s');
    await jest.advanceTimersByTimeAsync(1000);
    expect(ended).toEqual(['socket: bad_jwt']);
  });

  it('ends at once when its session ends in this process, and others’ do not', () => {
    const { announcements, open, ended } = make();
    open('desk');
    open('phone', { sessionId: 'phone' });
    open('bob', { id: 'bob', sessionId: 'bobs' });
    announcements.tell(sessionsEnded, { userId: 'ann', sessionIds: ['desk'] });
    expect(ended).toEqual(['desk: session_not_found']);
  });

  it('ends everywhere but where “sign out the others” was said', () => {
    const { announcements, open, ended } = make();
    for (const sessionId of ['desk', 'phone', 'tablet']) open(sessionId, { sessionId });
    open('bob', { id: 'bob', sessionId: 'bobs' });
    announcements.tell(sessionsEnded, { userId: 'ann', sessionIds: 'all', except: 'phone' });
    expect(ended).toEqual(['desk: session_not_found', 'tablet: session_not_found']);
  });

  it('ends a thousand of one person within a second, though one of them cannot be ended', () => {
    const { announcements, open, ended, watch } = make();
    open('broken', {}, { end: breakDown });
    for (let n = 0; n < 1000; n += 1) open(`${n}`, { sessionId: `session ${n % 10}` });
    const began = performance.now();
    announcements.tell(sessionsEnded, { userId: 'ann', sessionIds: 'all' });
    expect(performance.now() - began).toBeLessThan(1000);
    expect([ended.length, watch.size]).toEqual([1000, 0]);
  });

  it('ends within a minute of a ban that another process gave', async () => {
    const { provider, clock, open, ended } = make();
    open('socket');
    await jest.advanceTimersByTimeAsync(1000);
    provider.answer = refusing(common.userBanned);
    clock.advance('59s');
    await jest.advanceTimersByTimeAsync(1000);
    expect(ended).toEqual(['socket: user_banned']);
  });

  it('asks about a session at once, since what let it in may have been remembered, and then rarely', async () => {
    const { provider, clock, watch, open } = make();
    open('socket');
    await watch.look();
    expect(provider.asked).toEqual(['desk']);
    for (let second = 0; second < 49; second += 1) {
      clock.advance('1s');
      await watch.look();
    }
    expect(provider.asked).toEqual(['desk']);
    clock.advance('1s');
    await watch.look();
    expect(provider.asked).toEqual(['desk', 'desk']);
  });

  it('asks once for all that a session keeps open, and not again while the answer is under way', async () => {
    const { provider, clock, watch, open } = make();
    let answer = (): void => {};
    provider.answer = () => new Promise((resolve) => (answer = resolve));
    for (let n = 0; n < 100; n += 1) open(`${n}`);
    open('phone', { sessionId: 'phone' });
    const looks = [watch.look()];
    clock.advance('10m');
    looks.push(watch.look());
    await jest.advanceTimersByTimeAsync(0);
    expect(provider.asked).toEqual(['desk', 'phone']);
    answer();
  });

  it('asks about thousands of sessions a few at a time, about each once, and about none that closed meanwhile', async () => {
    const { provider, watch, open } = make();
    let [asking, most] = [0, 0];
    provider.answer = async () => {
      asking += 1;
      most = Math.max(most, asking);
      await Promise.resolve();
      asking -= 1;
    };
    const stops = Array.from({ length: 1000 }, (_, n) => open(`${n}`, { sessionId: `${n}` }));
    const looks = [watch.look(), watch.look()];
    stops.at(-1)?.();
    await Promise.all(looks);
    expect(most).toBeLessThanOrEqual(32);
    expect(new Set(provider.asked).size).toBe(999);
    expect(provider.asked).toHaveLength(999);
  });

  it.each([
    common.databaseUnavailable,
    common.providerUnavailable,
    common.overloaded,
    common.tooManyRequests,
  ])('goes on while nobody can be asked ($code), and asks again soon', async (condition) => {
    const { provider, clock, watch, open, ended } = make();
    provider.answer = refusing(condition);
    open('socket');
    await watch.look();
    clock.advance('9s');
    await watch.look();
    expect([ended, provider.asked.length]).toEqual([[], 1]);
    provider.answer = refusing();
    clock.advance('1s');
    await watch.look();
    expect(ended).toEqual(['socket: session_not_found']);
  });

  it('goes on when asking fails in a way that nobody thought of', async () => {
    const { provider, watch, open, ended } = make();
    provider.answer = async () => breakDown();
    open('socket');
    await watch.look();
    expect([ended, watch.size]).toEqual([[], 1]);
  });

  it('asks in spite of a clock that was set back', async () => {
    const { provider, clock, watch, open } = make();
    open('socket');
    await watch.look();
    jest.spyOn(clock, 'now').mockReturnValue(new Date(clock.now().getTime() - 3_600_000));
    await watch.look();
    expect(provider.asked).toHaveLength(2);
  });

  it('asks at once when somebody’s factors have changed, and spares those to whom that does not matter', async () => {
    const { provider, announcements, watch, open, ended } = make();
    open('strict');
    open('lenient', {}, { allowsAal1: true });
    open('bob', { id: 'bob', sessionId: 'bobs' });
    await watch.look();
    provider.answer = refusing(assuranceConditions.secondFactorNeeded);
    announcements.tell(assuranceChanged, { userId: 'ann' });
    await watch.look();
    expect(provider.asked).toEqual(['desk', 'bobs', 'desk']);
    expect(ended).toEqual(['strict: insufficient_aal']);
  });

  it('asks the profile about a profile’s token, and soon when sessions end with which it may die', async () => {
    const { provider, announcements, profileAsked, watch, open, ended } = make();
    const principal = {
      profile: 'device',
      type: 'access',
      tokenId: 'one',
      id: 'lamp',
      sessionId: 'desk',
      expiresAt: Infinity,
    } as TokenPrincipal;
    open('lamp', {}, { principal, bearer: 'lamp token' });
    await watch.look();
    expect(profileAsked).toEqual(['device lamp token {"type":"access","live":true}']);
    provider.answer = refusing(tokenRefusals.tokenRevoked);
    announcements.tell(sessionsEnded, { userId: 'ann', sessionIds: 'all' });
    await watch.look();
    expect(ended).toEqual(['lamp: token_revoked']);
  });

  it('is not ended after it was stopped, nor twice', async () => {
    const { provider, announcements, watch, open, ended } = make();
    const stop = open('stopped');
    open('socket');
    stop();
    provider.answer = refusing();
    await watch.look();
    announcements.tell(sessionsEnded, { userId: 'ann', sessionIds: 'all' });
    expect(ended).toEqual(['socket: session_not_found']);
  });

  it('leaves no timer behind: not when nothing is watched, not after shutdown', () => {
    const { watch, open } = make();
    expect(jest.getTimerCount()).toBe(0);
    const stops = [open('one'), open('two')];
    expect(jest.getTimerCount()).toBe(1);
    for (const stop of stops) stop();
    expect(jest.getTimerCount()).toBe(0);
    open('three');
    watch.onApplicationShutdown();
    open('four');
    expect([jest.getTimerCount(), watch.size]).toEqual([0, 0]);
  });
});
