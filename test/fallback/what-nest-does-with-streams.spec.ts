import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Sse, StreamableFile } from '@nestjs/common';
import { concat, delay, EMPTY, map, of, throwError, timer } from 'rxjs';
import { fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { adapters, expectProblem, expectUnknown, logged, run, type Running } from './harness.js';

@Controller()
class Emits {
  @Get('several') several() {
    return of(fail('not_found'), { last: true });
  }
  @Get('failure-last') failureLast() {
    return of({ first: true }, fail('not_found'));
  }
  @Get('none') none() {
    return EMPTY;
  }
  @Sse('sse-plain') plain() {
    return fail('forbidden') as never;
  }
  @Sse('sse-first') first() {
    return of(fail('forbidden')) as never;
  }
  @Sse('sse-throws-first') throwsFirst() {
    return throwError(() => new Error('password=hunter2'));
  }
  @Sse('sse-later') later() {
    return concat(
      of({ data: 'one' }),
      of(fail('forbidden')).pipe(delay(20)),
      timer(20).pipe(map(() => 'never')),
    ) as never;
  }
  @Sse('sse-throws-later') throwsLater() {
    const late = timer(20).pipe(
      map(() => {
        throw new Error('password=hunter2');
      }),
    );
    return concat(of({ data: 'one' }), late) as never;
  }
}

@Controller()
class Streams {
  @Get('generator') async *generator() {
    yield 'a';
    yield 'b';
  }
  @Get('response') response() {
    return new Response('as it is', { status: 418 });
  }
  @Get('broken-file') brokenFile() {
    return new StreamableFile(
      new Readable({
        read() {
          this.destroy(new Error('ENOENT /etc/secret'));
        },
      }),
    );
  }
  @Get('half-a-file') halfAFile() {
    return new StreamableFile(
      Readable.from(
        (async function* () {
          yield 'half';
          await new Promise(setImmediate);
          throw new Error('ENOSPC');
        })(),
        { objectMode: false },
      ),
    );
  }
  @Get('own-file-error') ownFileError() {
    const file = new StreamableFile(
      new Readable({
        read() {
          this.destroy(new Error('ENOENT'));
        },
      }),
    );
    return file.setErrorHandler((_error, response) => {
      response.statusCode = 410;
      response.send('gone, says the application');
    });
  }
}

describe.each(adapters)('on %s, with everything', (name, adapter) => {
  let app: Running;
  beforeAll(async () => {
    app = await run(adapter, { everything: true }, { controllers: [Emits, Streams] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logged.splice(0));

  const problemAt = (path: string, status: number, code: string) => expectProblem(app, path, [status, code]);

  it('of several values only the last counts', async () => {
    expect(await app.ask('/several')).toMatchObject({ status: 200, json: { last: true } });
    await problemAt('/failure-last', 404, 'not_found');
  });
  it('no value at all is undefined', async () => {
    expect(await app.ask('/none')).toMatchObject({ status: 200, text: '' });
  });

  it.each(['/sse-plain', '/sse-first'])('%s: a failure before the first event has its own status', (path) =>
    problemAt(path, 403, 'forbidden'),
  );
  it('an error before the first event too', () => expectUnknown(app, '/sse-throws-first'));
  it('a failure after an event is a last event named error', async () => {
    const { status, text } = await app.ask('/sse-later');
    expect(status).toBe(200);
    expect(text).toContain('data: one');
    expect(text).toMatch(
      /event: error\nid: \d+\ndata: \{"type":"about:blank","title":"Forbidden","status":403,"code":"forbidden"\}\n\n$/,
    );
  });
  it('an unknown error after an event says its id only', async () => {
    const { text } = await app.ask('/sse-throws-later');
    expect(text).toMatch(/event: error\nid: \d+\ndata: .*"status":500,"code":"unknown"\}\n\n$/);
    expect(text).not.toContain('hunter2');
    expect(logged).toHaveLength(1);
  });

  it('a file that cannot be read is an unknown error', () => expectUnknown(app, '/broken-file'));
  it('a file that breaks half-way cannot pass for whole', async () => {
    await expect(app.ask('/half-a-file')).rejects.toHaveProperty('name', 'TypeError');
  });
  it('the application may answer for its own file', async () => {
    const { status, text } = await app.ask('/own-file-error');
    // Fastify never asks the file.
    expect([status, text]).toEqual(
      name === 'Express' ? [410, 'gone, says the application'] : [500, expect.anything()],
    );
  });
  it('a generator and a web Response pass through', async () => {
    expect(await app.ask('/generator')).toMatchObject({ status: 200, text: 'ab' });
    expect(await app.ask('/response')).toMatchObject({ status: 418, text: 'as it is' });
  });
});
