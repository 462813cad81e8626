import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Res, Sse } from '@nestjs/common';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { adapters, run, type Running } from './harness.js';
import { anyValue, hearEscaped, nasties } from './values.js';

let value: () => unknown = () => undefined;
const begun = () => {
  const events = new Subject<unknown>();
  const thrown = value();
  setImmediate(() => setImmediate(() => events.error(thrown)));
  return events;
};

@Controller()
class Anything {
  @Get('returns') returns() {
    return value();
  }
  @Get('throws') throws() {
    throw value();
  }
  @Get('responds') responds(@Res() response: { send(body: string): unknown }) {
    response.send('sent');
    throw value();
  }
  @Sse('streams') streams() {
    return begun() as never;
  }
  @Get('alive') alive() {
    return 'alive';
  }
}

describe.each(adapters)('on %s', (_name, adapter) => {
  const everything: Record<string, Running> = {};
  const { escaped, stop } = hearEscaped();
  /** How often each response began. */
  const heads: number[] = [];
  const countHeads = (_request: unknown, response: ServerResponse) => {
    const index = heads.push(0) - 1;
    const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
    response.writeHead = (...head: unknown[]) => {
      heads[index] = (heads[index] ?? 0) + 1;
      return writeHead(...head);
    };
  };
  beforeAll(async () => {
    for (const dialect of ['problem', 'nest', 'phoenix'] as const) {
      const app = await run(adapter, { everything: true, dialect }, { controllers: [Anything] });
      app.server.prependListener('request', countHeads);
      everything[dialect] = app;
    }
  });
  afterAll(async () => {
    stop();
    await Promise.all(Object.values(everything).map((app) => app.close()));
  });

  const requireOneAnswer = async (make: () => unknown, app: Running) => {
    value = make;
    for (const path of ['/returns', '/throws']) {
      const { status, text } = await app.ask(path);
      expect(status).toBeGreaterThanOrEqual(200);
      expect(text).not.toContain('boom');
    }
    expect(await app.ask('/responds')).toMatchObject({ status: 200, text: 'sent' });
    expect(await app.ask('/streams')).toHaveProperty('status');
    expect(await app.ask('/alive')).toMatchObject({ status: 200, text: 'alive' });
    expect(heads.splice(0)).toEqual([1, 1, 1, 1, 1]);
    expect(escaped).toEqual([]);
  };

  it.each(nasties.map((make, index) => [index, make] as const))('nasty %i has one answer', (_index, make) =>
    requireOneAnswer(make, everything.problem as Running),
  );

  it('no value whatever makes the pair throw or answer twice', async () => {
    const apps = fc.constantFrom(...Object.values(everything));
    await fc.assert(fc.asyncProperty(anyValue(), apps, requireOneAnswer), { numRuns: 200 });
  });
});
