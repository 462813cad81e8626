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
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { map, type Observable, throwError } from 'rxjs';
import { AuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import { common } from '../../libs/nest-guardian/src/core/conditions.js';
import { fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { adapters, expectProblem, expectUnknown, logged, run, type Running } from './harness.js';

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
  @Get('wrapped') @UseInterceptors(WrappingInterceptor) wrapped() {
    return fail('not_found');
  }
  @Get('wrapped-well') @UseInterceptors(WrappingInterceptor) wrappedWell() {
    return { id: 1 };
  }
  @Get('serialized') @UseInterceptors(ClassSerializerInterceptor) serialized() {
    return fail('not_found', { hint: 'look elsewhere' });
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

describe.each(adapters)('on %s, with everything', (name, adapter) => {
  let app: Running;
  beforeAll(async () => {
    app = await run(adapter, { everything: true }, { controllers: [Returns, Throws, Responds] });
  });
  afterAll(() => app.close());
  beforeEach(() => void logged.splice(0));

  const problemAt = (path: string, status: number, code: string) => expectProblem(app, path, [status, code]);

  it('a returned failure is an answer of its own', async () => {
    const answer = await problemAt('/failure', 404, 'not_found');
    expect(answer.json).toEqual({ type: 'about:blank', title: 'Not Found', status: 404, code: 'not_found' });
    expect(logged).toEqual([]);
  });
  it('a rejected failure is the same', () => problemAt('/rejected', 404, 'not_found'));
  it('a returned AuthError is thrown', () => problemAt('/auth-error', 401, 'no_authorization'));
  it('a returned HttpException is thrown', async () => {
    expect((await problemAt('/http-exception', 404, 'not_found')).json?.detail).toBe('no such thing');
  });
  it('a returned Error is thrown, and says nothing', () => expectUnknown(app, '/error'));

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

  it('under @Res() an unanswered request is answered', () => problemAt('/res-unanswered', 404, 'not_found'));
  it('under @Res() an answer that was sent stays, and the log hears of the failure', async () => {
    expect(await app.ask('/res-answered')).toMatchObject({ status: 202, text: 'sent' });
    expect(logged).toHaveLength(1);
  });
  it('an answer that was begun and not finished is cut off', async () => {
    await expect(app.ask('/res-cut')).rejects.toHaveProperty('name', 'TypeError');
    expect(logged).toHaveLength(1);
  });
  it('what described the body that is not sent is taken back, cookies too, and the rest stays', async () => {
    const { headers } = await problemAt('/passthrough', 404, 'not_found');
    expect(headers.get('etag')).not.toBe('"mine"');
    expect(headers.get('content-disposition')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
    expect(headers.get('x-request-id')).toBe('7');
  });
  it('a failure is not cached for the success it is not', async () => {
    expect((await problemAt('/cache-control', 422, 'validation')).headers.get('cache-control')).toBeNull();
  });
  it('@HttpCode is for success', () => problemAt('/http-code', 410, 'gone'));
  it('@Redirect is for success', async () => {
    expect((await problemAt('/redirect', 409, 'conflict')).headers.get('location')).toBeNull();
  });
  it('@Render is for success', () => problemAt('/render', 409, 'conflict'));

  it.each([
    ['/guard-throws', 403, 'forbidden'],
    ['/guard-refuses', 403, 'forbidden'],
    ['/pipe-throws?q=1', 422, 'validation'],
    ['/pipe-refuses?q=x', 400, 'bad_request'],
    ['/interceptor-throws', 423, 'locked'],
    ['/throws-http', 403, 'forbidden'],
    ['/no-such-route', 404, 'not_found'],
  ])('%s is %i %s', async (path, status, code) => {
    await problemAt(path, status, code);
    expect(logged).toEqual([]);
  });
  it('an unknown throw leaves an id, and the log has the rest but for the query', async () => {
    const { text } = await expectUnknown(app, '/throws?token=secret');
    expect(text).not.toContain('hunter2');
    expect(logged[0]).toContain('password=hunter2');
    expect(logged[0]).toContain('caused by Error: deeper');
    expect(logged[0]).not.toContain('token=secret');
  });
  it('a status that is none is an unknown throw', () => expectUnknown(app, '/throws-999'));
  it('a thrown 304 is no failure', async () => {
    expect(await app.ask('/throws-304')).toMatchObject({ status: 304, text: '' });
  });
  it('a body that cannot be read is a bad request', async () => {
    const init = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect(await app.ask('/parses', init)).toMatchObject({ status: 400, json: { code: 'bad_request' } });
  });

  it('a body that is too large is one', async () => {
    const init = {
      method: 'POST',
      body: `"${'x'.repeat(2 ** 21)}"`,
      headers: { 'content-type': 'application/json' },
    };
    expect(await app.ask('/parses', init)).toMatchObject({
      status: 413,
      json: { code: 'payload_too_large' },
    });
  });

  it('a failure that another interceptor wrapped is found', () => problemAt('/wrapped', 404, 'not_found'));
  it('a failure that another interceptor copied is found', async () => {
    expect((await problemAt('/serialized', 404, 'not_found')).json?.hint).toBe('look elsewhere');
  });
  it('a success that another interceptor wrapped stays one', async () => {
    expect(await app.ask('/wrapped-well')).toMatchObject({ status: 200, json: { data: { id: 1 } } });
  });
  it('HEAD has the status and no body', async () => {
    expect(await app.ask('/failure', { method: 'HEAD' })).toMatchObject({ status: 404, text: '' });
  });
});
