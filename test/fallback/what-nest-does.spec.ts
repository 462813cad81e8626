import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CallHandler,
  type CanActivate,
  ClassSerializerInterceptor,
  Controller,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  HttpException,
  type NestInterceptor,
  NotFoundException,
  ParseIntPipe,
  type PipeTransform,
  Post,
  Query,
  Redirect,
  Render,
  Res,
  Sse,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { concat, delay, EMPTY, map, type Observable, of, throwError, timer } from 'rxjs';
import { AuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import { common } from '../../libs/nest-guardian/src/core/conditions.js';
import { fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { adapters, logged, run, type Running } from './harness.js';

/** What the tests use of a response; both adapters have it. */
interface AnyResponse {
  header(name: string, value: string): unknown;
  status(status: number): unknown;
  send(body: unknown): unknown;
}

class ThrowingGuard implements CanActivate {
  canActivate(): boolean {
    throw fail('forbidden');
  }
}
class RefusingGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}
class ThrowingPipe implements PipeTransform {
  transform(): unknown {
    throw fail('validation');
  }
}
class ThrowingInterceptor implements NestInterceptor {
  intercept(): Observable<unknown> {
    return throwError(() => fail('locked'));
  }
}
class WrappingInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

@Controller()
class Returns {
  @Get('failure') failure() {
    return fail('not_found');
  }
  @Get('rejected') rejected() {
    return Promise.reject(fail('not_found'));
  }
  @Get('auth-error') authError() {
    return new AuthError(common.noAuthorization);
  }
  @Get('http-exception') httpException() {
    return new NotFoundException('no such thing');
  }
  @Get('error') error() {
    return new Error('password=hunter2');
  }
  @Get('undefined') undefined() {
    return undefined;
  }
  @Post('undefined') posted() {
    return undefined;
  }
  @Get('undefined-204') @HttpCode(204) nothing() {
    return undefined;
  }
  @Get('null') null() {
    return null;
  }
  @Get('false') false() {
    return false;
  }
  @Get('zero') zero() {
    return 0;
  }
  @Get('empty') empty() {
    return '';
  }
  @Get('http-code') @HttpCode(203) httpCode() {
    return fail('gone');
  }
  @Get('redirect') @Redirect('/elsewhere') redirect() {
    return fail('conflict');
  }
  @Get('render') @Render('page') render() {
    return fail('conflict');
  }
  @Get('generator') async *generator() {
    yield 'a';
    yield 'b';
  }
  @Get('response') response() {
    return new Response('as it is', { status: 418 });
  }
  @Get('wrapped') @UseInterceptors(WrappingInterceptor) wrapped() {
    return fail('not_found');
  }
  @Get('wrapped-well') @UseInterceptors(WrappingInterceptor) wrappedWell() {
    return { id: 1 };
  }
  @Get('serialized') @UseInterceptors(ClassSerializerInterceptor) serialized() {
    return fail('not_found', { hint: 'look elsewhere' });
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

@Controller()
class Throws {
  @Get('guard-throws') @UseGuards(ThrowingGuard) guardThrows() {}
  @Get('guard-refuses') @UseGuards(RefusingGuard) guardRefuses() {}
  @Get('pipe-throws') @UsePipes(ThrowingPipe) pipeThrows(@Query('q') _q: string) {}
  @Get('pipe-refuses') pipeRefuses(@Query('q', ParseIntPipe) _q: number) {}
  @Get('interceptor-throws') @UseInterceptors(ThrowingInterceptor) interceptorThrows() {}
  @Get('throws') throws() {
    throw new Error('password=hunter2', { cause: new Error('deeper') });
  }
  @Get('throws-http') throwsHttp() {
    throw new ForbiddenException('not you');
  }
  @Get('throws-304') throwsNotModified() {
    throw new HttpException('', 304);
  }
  @Get('throws-999') throws999() {
    throw new HttpException('secret', 999);
  }
  @Post('parses') parses() {}
}

@Controller()
class Responds {
  @Get('res-unanswered') unanswered(@Res() _response: AnyResponse) {
    return fail('not_found');
  }
  @Get('res-answered') answered(@Res() response: AnyResponse) {
    response.status(202);
    response.send('sent');
    return fail('not_found');
  }
  @Get('res-cut') cut(@Res() response: { raw?: NodeJS.WritableStream } & NodeJS.WritableStream) {
    (response.raw ?? response).write('half a');
    throw fail('not_found');
  }
  @Get('passthrough') passthrough(@Res({ passthrough: true }) response: AnyResponse) {
    response.status(203);
    response.header('content-type', 'text/csv');
    response.header('etag', '"mine"');
    response.header('content-disposition', 'attachment');
    response.header('set-cookie', 'session=open');
    response.header('x-request-id', '7');
    return fail('not_found');
  }
  @Get('cache-control') @Header('cache-control', 'public, max-age=3600') cacheControl() {
    return fail('validation');
  }
}

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

describe.each(adapters)('on %s, with everything', (name, adapter) => {
  let app: Running;
  beforeAll(async () => {
    app = await run(adapter, { everything: true }, { controllers: [Returns, Throws, Responds, Emits] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logged.splice(0));

  const problem = (status: number, code: string) =>
    expect.objectContaining({ type: 'about:blank', status, code });
  const expectProblem = async (path: string, status: number, code: string) => {
    const answer = await app.ask(path);
    expect([path, answer.status, answer.json]).toEqual([path, status, problem(status, code)]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    return answer;
  };
  const expectUnknown = async (path: string) => {
    const answer = await expectProblem(path, 500, 'unknown');
    const id = answer.json?.id as string;
    expect(answer.json).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'unknown',
      id,
    });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain(`${id} GET ${path.split('?')[0]} `);
    return answer;
  };

  it('a returned failure is an answer of its own', async () => {
    const answer = await expectProblem('/failure', 404, 'not_found');
    expect(answer.json).toEqual({ type: 'about:blank', title: 'Not Found', status: 404, code: 'not_found' });
    expect(logged).toEqual([]);
  });
  it('a rejected failure is the same', () => expectProblem('/rejected', 404, 'not_found'));
  it('a returned AuthError is thrown', () => expectProblem('/auth-error', 401, 'no_authorization'));
  it('a returned HttpException is thrown', async () => {
    expect((await expectProblem('/http-exception', 404, 'not_found')).json?.detail).toBe('no such thing');
  });
  it('a returned Error is thrown, and says nothing', () => expectUnknown('/error'));

  it('undefined is no failure', async () => {
    expect(await app.ask('/undefined')).toMatchObject({ status: 200, text: '' });
    expect(await app.ask('/undefined', { method: 'POST' })).toMatchObject({ status: 201, text: '' });
    expect(await app.ask('/undefined-204')).toMatchObject({ status: 204, text: '' });
  });
  it('null is no failure', async () => {
    expect(await app.ask('/null')).toMatchObject({ status: 200, text: name === 'Express' ? '' : 'null' });
  });
  it.each([
    ['false', 'false'],
    ['zero', '0'],
    ['empty', ''],
  ])('%s is sent as it is', async (path, text) => {
    expect(await app.ask(`/${path}`)).toMatchObject({ status: 200, text });
  });

  it('under @Res() an unanswered request is answered', () =>
    expectProblem('/res-unanswered', 404, 'not_found'));
  it('under @Res() an answer that was sent stays, and the log hears of the failure', async () => {
    expect(await app.ask('/res-answered')).toMatchObject({ status: 202, text: 'sent' });
    expect(logged).toHaveLength(1);
  });
  it('an answer that was begun and not finished is cut off', async () => {
    await expect(app.ask('/res-cut')).rejects.toHaveProperty('name', 'TypeError');
    expect(logged).toHaveLength(1);
  });
  it('what described the body that is not sent is taken back, cookies too, and the rest stays', async () => {
    const { headers } = await expectProblem('/passthrough', 404, 'not_found');
    expect(headers.get('etag')).not.toBe('"mine"');
    expect(headers.get('content-disposition')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('x-request-id')).toBe('7');
  });
  it('a failure is not cached for the success it is not', async () => {
    expect(
      (await expectProblem('/cache-control', 422, 'validation')).headers.get('cache-control'),
    ).toBeNull();
  });
  it('@HttpCode is for success', () => expectProblem('/http-code', 410, 'gone'));
  it('@Redirect is for success', async () => {
    expect((await expectProblem('/redirect', 409, 'conflict')).headers.get('location')).toBeNull();
  });
  it('@Render is for success', () => expectProblem('/render', 409, 'conflict'));

  it('of several values only the last counts', async () => {
    expect(await app.ask('/several')).toMatchObject({ status: 200, json: { last: true } });
    await expectProblem('/failure-last', 404, 'not_found');
  });
  it('no value at all is undefined', async () => {
    expect(await app.ask('/none')).toMatchObject({ status: 200, text: '' });
  });

  it.each(['/sse-plain', '/sse-first'])('%s: a failure before the first event has its own status', (path) =>
    expectProblem(path, 403, 'forbidden'),
  );
  it('an error before the first event too', () => expectUnknown('/sse-throws-first'));
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

  it('a file that cannot be read is an unknown error', () => expectUnknown('/broken-file'));
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

  it.each([
    ['/guard-throws', 403, 'forbidden'],
    ['/guard-refuses', 403, 'forbidden'],
    ['/pipe-throws?q=1', 422, 'validation'],
    ['/pipe-refuses?q=x', 400, 'bad_request'],
    ['/interceptor-throws', 423, 'locked'],
    ['/throws-http', 403, 'forbidden'],
    ['/no-such-route', 404, 'not_found'],
  ])('%s is %i %s', async (path, status, code) => {
    await expectProblem(path, status, code);
    expect(logged).toEqual([]);
  });
  it('an unknown throw leaves an id, and the log has the rest but for the query', async () => {
    const { text } = await expectUnknown('/throws?token=secret');
    expect(text).not.toContain('hunter2');
    expect(logged[0]).toContain('password=hunter2');
    expect(logged[0]).toContain('caused by Error: deeper');
    expect(logged[0]).not.toContain('token=secret');
  });
  it('a status that is none is an unknown throw', () => expectUnknown('/throws-999'));
  it('a thrown 304 is no failure', async () => {
    expect(await app.ask('/throws-304')).toMatchObject({ status: 304, text: '' });
  });
  it('a body that cannot be read is a bad request', async () => {
    const init = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect(await app.ask('/parses', init)).toMatchObject({ status: 400, json: problem(400, 'bad_request') });
  });

  it('a failure that another interceptor wrapped is found', () =>
    expectProblem('/wrapped', 404, 'not_found'));
  it('a failure that another interceptor copied is found', async () => {
    expect((await expectProblem('/serialized', 404, 'not_found')).json?.hint).toBe('look elsewhere');
  });
  it('a success that another interceptor wrapped stays one', async () => {
    expect(await app.ask('/wrapped-well')).toMatchObject({ status: 200, json: { data: { id: 1 } } });
  });
  it('HEAD has the status and no body', async () => {
    expect(await app.ask('/failure', { method: 'HEAD' })).toMatchObject({ status: 404, text: '' });
  });
});
