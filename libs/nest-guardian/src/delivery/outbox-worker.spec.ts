import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MessageRefused } from '../core/ports/mailer.js';
import { MessageQueue, type QueuedMessage } from '../core/ports/outbox.js';
import { MovableClock } from '../testing/movable-clock.js';
import { inFlightAtMost, OutboxWorker } from './outbox-worker.js';

interface Row extends QueuedMessage {
  attempts: number;
  nextAt: Date;
  diedOf?: string;
}

/** What the table does, in memory. */
class MemoryQueue extends MessageQueue {
  rows: Row[] = [];
  isAway = false;
  claims = 0;

  async claim(count: number, at: Date, until: Date): Promise<QueuedMessage[]> {
    this.claims += 1;
    if (this.isAway) throw new Error('connect ECONNREFUSED');
    const due = this.rows.filter((row) => row.diedOf === undefined && row.nextAt <= at).slice(0, count);
    for (const row of due) Object.assign(row, { nextAt: until, attempts: row.attempts + 1 });
    return due.map((row) => ({ ...row }));
  }
  async done(id: string): Promise<void> {
    if (this.isAway) throw new Error('connect ECONNREFUSED');
    this.rows = this.rows.filter((row) => row.id !== id);
  }
  async retry(id: string, nextAt: Date): Promise<void> {
    Object.assign(this.#row(id), { nextAt });
  }
  async bury(id: string, _: Date, diedOf: string): Promise<void> {
    Object.assign(this.#row(id), { diedOf });
  }
  async listDead(): Promise<never[]> {
    return [];
  }

  #row = (id: string): Row => this.rows.find((row) => row.id === id) as Row;
}

describe('the worker of the outbox', () => {
  let clock: MovableClock;
  let queue: MemoryQueue;
  let warnings: string[];
  let sent: string[];
  let deliver: (message: QueuedMessage) => Promise<void>;
  let worker: OutboxWorker;

  beforeEach(() => {
    clock = new MovableClock();
    queue = new MemoryQueue();
    warnings = [];
    sent = [];
    deliver = async ({ id }) => void sent.push(id);
    worker = new OutboxWorker({
      queue,
      clock,
      deliver: (message) => deliver(message),
      sweep: async () => undefined,
      log: { log: () => undefined, warn: (message) => void warnings.push(message) },
    });
  });
  afterEach(() => worker.stop());

  const put = (id: string, lifetime = 3_600_000): void => {
    const at = clock.now();
    queue.rows.push({
      id,
      channel: 'mail',
      kind: 'recovery',
      recipient: 'ann@example.com',
      variables: { Token: '123456', ConfirmationURL: 'https://a.example/?token=x' },
      at,
      nextAt: at,
      expiresAt: new Date(at.getTime() + lifetime),
      attempts: 0,
    });
  };
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 50; turns += 1) await turn();
  };
  const round = async (): Promise<void> => {
    worker.nudge();
    await settle();
  };
  const later = async (duration: string): Promise<void> => {
    clock.advance(duration);
    await round();
  };

  it('sends what waits, and forgets it', async () => {
    for (let id = 0; id < 20; id += 1) put(String(id));
    await round();
    expect(new Set(sent).size).toBe(20);
    expect(queue.rows).toEqual([]);
  });

  it('has five on their way at most, and has claimed no other', async () => {
    const ways: (() => void)[] = [];
    deliver = () => new Promise((resolve) => ways.push(resolve));
    for (let id = 0; id < 9; id += 1) put(String(id));
    await round();
    expect(ways).toHaveLength(inFlightAtMost);
    expect(queue.rows.filter(({ attempts }) => attempts > 0)).toHaveLength(inFlightAtMost);
    ways[0]?.();
    await settle();
    expect(queue.rows.filter(({ attempts }) => attempts > 0)).toHaveLength(inFlightAtMost);
    expect(ways).toHaveLength(inFlightAtMost + 1);
    while (queue.rows.length > 0) {
      for (const end of ways) end();
      await settle();
    }
  });

  it('waits longer and longer after failures, and gives up what has expired, without its secrets', async () => {
    deliver = async ({ id }) => {
      sent.push(id);
      throw new Error('450 <ann@example.com> not now: 123456 https://a.example/?token=x');
    };
    put('1');
    await round();
    await later('9s');
    expect(sent).toHaveLength(1);
    for (const [wait, tries] of [
      ['4s', 2],
      ['38s', 3],
      ['3m', 4],
      ['13m', 5],
    ] as const) {
      await later(wait);
      expect(sent).toHaveLength(tries);
    }
    // Another half hour would be more than the hour that the link is good for.
    await later('38m');
    const [row] = queue.rows;
    expect(row?.diedOf ?? '').toMatch(/^450 <…> not now: … …$/);
    expect(warnings).toEqual([
      'The mail recovery did not leave, and waits: 450 <…> not now: … …',
      expect.stringContaining('Gave up'),
    ]);
    expect(warnings.join()).not.toMatch(/ann@|123456|token=x/);
    await later('5h');
    expect(sent.length).toBeLessThanOrEqual(6);
  });

  it('says at the first failure that mails wait, once until one has left', async () => {
    let isAway = true;
    deliver = async () => {
      if (isAway) throw new Error('connect ECONNREFUSED 127.0.0.1:25');
    };
    for (const id of ['1', '2', '3']) put(id);
    await round();
    await later('13s');
    expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED')]);
    isAway = false;
    await later('38s');
    expect(queue.rows).toEqual([]);
    isAway = true;
    put('4');
    await round();
    expect(warnings).toHaveLength(2);
  });

  it('does not send what has expired while nobody sent', async () => {
    put('1', 60_000);
    clock.advance('2m');
    await round();
    expect(sent).toEqual([]);
    expect(queue.rows[0]?.diedOf).toContain('expired');
  });

  it('gives up at once what is refused for good', async () => {
    deliver = async () => {
      throw new MessageRefused('550 no such user');
    };
    put('1');
    await round();
    expect(queue.rows[0]?.diedOf).toBe('550 no such user');
  });

  it('says once that the database is away, and goes on when it is back', async () => {
    queue.isAway = true;
    put('1');
    await round();
    await round();
    expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED')]);
    queue.isAway = false;
    await round();
    expect(sent).toEqual(['1']);
  });

  it('leaves to the next one what was on its way when it died', async () => {
    deliver = () => new Promise(() => undefined);
    put('1');
    await round();
    const next = new OutboxWorker({
      queue,
      clock,
      deliver: async ({ id }) => void sent.push(id),
      sweep: async () => undefined,
      log: { log: () => undefined, warn: () => undefined },
    });
    next.nudge();
    await settle();
    expect(sent).toEqual([]);
    clock.advance('2m');
    next.nudge();
    await settle();
    expect(sent).toEqual(['1']);
    deliver = async () => undefined;
    await next.stop();
  });

  it('takes nothing any more once it was stopped, and waits for what is on its way', async () => {
    let end = (): void => undefined;
    deliver = () => new Promise((resolve) => (end = resolve));
    put('1');
    await round();
    const stopped = worker.stop();
    put('2');
    worker.nudge();
    end();
    await stopped;
    expect(queue.rows.map(({ id }) => id)).toEqual(['2']);
  });
});
