import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  ConflictException,
  Controller,
  type ExceptionFilter,
  ForbiddenException,
  Get,
  HttpException,
  NotFoundException,
  ParseIntPipe,
  Post,
  Query,
  Redirect,
  Res,
  Sse,
  UseGuards,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { concat, EMPTY, mergeMap, of, throwError, timer } from 'rxjs';
import { AuthError } from '../../libs/nest-guardian/src/core/auth-error.js';
import { common } from '../../libs/nest-guardian/src/core/conditions.js';
import { fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { adapters, logged, run, type Running } from './harness.js';

class Teapot extends Error {}

/** A filter of the host's own, registered like ours. */
@Catch(Teapot)
class TeapotFilter implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), 'short and stout', 418);
  }
  constructor(private readonly host: HttpAdapterHost) {}
}

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const text = 'text';
const httpErrorLike = { statusCode: 409, message: 'like http-errors' };

@Controller()
class Host {
  @Get('ok') ok() {
    return { id: 1, nested: { list: [1, 2] } };
  }
  @Get('null') null() {
    return null;
  }
  @Get('not-found') notFound() {
    throw new NotFoundException();
  }
  @Get('conflict') conflict() {
    throw new ConflictException('taken', { description: 'Taken', errorCode: 'T1' });
  }
  @Get('object') object() {
    throw new HttpException({ any: 'thing' }, 402);
  }
  @Get('array') array() {
    throw new BadRequestException(['a', 'b']);
  }
  @Get('error') error() {
    throw new Error('unknown');
  }
  @Get('text') text() {
    throw text;
  }
  @Get('http-error-like') httpErrorLike() {
    throw httpErrorLike;
  }
  @Get('teapot') teapot() {
    throw new Teapot();
  }
  @Get('returned-exception') returnedException() {
    return new ForbiddenException('returned');
  }
  @Get('returned-error') returnedError() {
    return new Error('returned');
  }
  @Get('returned-revoked') returnedRevoked() {
    return revoked();
  }
  @Get('returned-bigint') returnedBigint() {
    return { n: 1n };
  }
  @Get('looks-like-a-failure') looksLike() {
    return JSON.parse(JSON.stringify({ ...fail('not_found'), kind: 'nest-guardian.Failure' })) as unknown;
  }
  @Get('guarded') @UseGuards({ canActivate: () => false }) guarded() {}
  @Get('pipe') pipe(@Query('q', ParseIntPipe) _q: number) {}
  @Get('redirect') @Redirect('/elsewhere') redirect() {}
  @Get('several') several() {
    return of(1, 2);
  }
  @Get('none') none() {
    return EMPTY;
  }
  @Get('emits-error') emitsError() {
    return throwError(() => new ConflictException('emitted'));
  }
  @Get('answered') answered(
    @Res() response: { send(body: string): unknown; header(n: string, v: string): unknown },
  ) {
    response.header('set-cookie', 'a=b');
    response.send('done');
    throw new Error('afterwards');
  }
  @Get('cookie') cookie(@Res({ passthrough: true }) response: { header(n: string, v: string): unknown }) {
    response.header('set-cookie', 'a=b');
    throw new NotFoundException();
  }
  @Sse('sse') sse() {
    return of({ data: 'one' }, { data: 'two' });
  }
  @Sse('sse-error') sseError() {
    return throwError(() => new ConflictException('emitted'));
  }
  @Sse('sse-late-error') sseLateError() {
    return concat(
      of({ data: 'one' }),
      timer(20).pipe(mergeMap(() => throwError(() => new ConflictException('late')))),
    );
  }
  @Post('parses') parses() {}
  @Get('failure') failure() {
    return fail('not_found', 'no such shelf');
  }
  @Get('thrown-failure') thrownFailure() {
    throw fail('conflict');
  }
  @Get('auth-error') authError() {
    throw new AuthError(common.badJwt, { value: 'expired' });
  }
  @Get('unmatched') unmatched() {
    return fail('out_of_paper');
  }
}

const paths = Object.getOwnPropertyNames(Host.prototype)
  .flatMap((name) => (Reflect.getMetadata('path', Object(Reflect.get(Host.prototype, name))) as string) ?? [])
  .filter(
    (path) => !/failure$|auth-error|unmatched|parses|^\/$/.test(path) || path === 'looks-like-a-failure',
  );

describe.each(adapters)('on %s, by default', (_name, adapter) => {
  let paired: Running;
  let plain: Running;
  const metadata = { controllers: [Host], providers: [{ provide: APP_FILTER, useClass: TeapotFilter }] };
  beforeAll(async () => {
    plain = await run(adapter, null, metadata);
    paired = await run(adapter, {}, metadata);
  });
  afterAll(() => Promise.all([plain.close(), paired.close()]));
  beforeEach(() => void logged.splice(0));

  const whole = async (app: Running, path: string, init?: RequestInit) => {
    logged.splice(0);
    const { status, headers, text } = await app.ask(path, init);
    const sent = [...headers].filter(([header]) => header !== 'date');
    return { status, sent, text, logs: logged.map((line) => line.split('\n', 1)[0]) };
  };

  it.each([...paths, 'no-such-route'])('/%s is answered as without us, byte for byte', async (path) => {
    expect(await whole(paired, `/${path}`)).toEqual(await whole(plain, `/${path}`));
  });
  it('a body that cannot be read is answered as without us', async () => {
    const init = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect(await whole(paired, '/parses', init)).toEqual(await whole(plain, '/parses', init));
  });
  it('and there was something to compare', () => expect(paths.length).toBeGreaterThan(20));

  it('a failure is ours, returned or thrown', async () => {
    expect(await paired.ask('/failure')).toMatchObject({
      status: 404,
      json: {
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'no such shelf',
        code: 'not_found',
      },
    });
    expect(await paired.ask('/thrown-failure')).toMatchObject({ status: 409, json: { code: 'conflict' } });
  });
  it('an AuthError is ours', async () => {
    const { status, headers, json } = await paired.ask('/auth-error');
    expect([status, json?.code]).toEqual([401, 'bad_jwt']);
    expect(headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });
  it('a code that nobody knows is a 500 with an id, and one line in the log', async () => {
    const { status, json, text } = await paired.ask('/unmatched');
    expect([status, json?.code]).toEqual([500, 'unknown']);
    expect(text).not.toContain('out_of_paper');
    expect(logged).toEqual([expect.stringMatching(`^${String(json?.id)} GET /unmatched .*`)]);
    expect(logged[0]).toContain('out_of_paper');
  });
});
