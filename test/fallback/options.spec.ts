import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ArgumentsHost, Body, Controller, Get, Post, Res, ValidationPipe } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Type } from 'class-transformer';
import { IsEmail, ValidateNested } from 'class-validator';
import { fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { FallbackFilter } from '../../libs/nest-guardian/src/contexts/fallback.filter.js';
import { FallbackInterceptor } from '../../libs/nest-guardian/src/contexts/fallback.interceptor.js';
import { NullAs } from '../../libs/nest-guardian/src/contexts/returned.js';
import type { FallbackOptions } from '../../libs/nest-guardian/src/http/fallback/fallback-options.js';
import { validationFailure } from '../../libs/nest-guardian/src/http/fallback/validation-failure.js';
import { of } from 'rxjs';
import { adapters, logged, run, type Running } from './harness.js';

class Address {
  @IsEmail() declare email: string;
}
class SignUp {
  @IsEmail() declare email: string;
  @ValidateNested() @Type(() => Address) declare address: Address;
}

@Controller()
class Routes {
  @Get('not-found') notFound() {
    return fail('not_found');
  }
  @Get('unauthorized') unauthorized() {
    return fail('unauthorized');
  }
  @Get('null') null() {
    return null;
  }
  @Get('null-as') @NullAs('gone') nullAs() {
    return null;
  }
  @Get('undefined') undefined() {}
  @Get('throws') throws() {
    throw new Error('password=hunter2');
  }
  @Post('sign-up') signUp(
    @Body(new ValidationPipe({ transform: true, exceptionFactory: validationFailure })) body: SignUp,
  ) {
    return body;
  }
  @Get('cookie') cookie(
    @Res({ passthrough: true }) response: { header(name: string, value: string): unknown },
  ) {
    response.header('set-cookie', 'session=open');
    return fail('conflict');
  }
}

describe.each(adapters)('on %s', (_name, adapter) => {
  let app: Running;
  beforeEach(() => void logged.splice(0));
  afterEach(() => app.close());
  const start = async (options: FallbackOptions) => {
    app = await run(adapter, options, { controllers: [Routes] });
  };

  it('the nest dialect goes out as JSON', async () => {
    await start({ dialect: 'nest' });
    const { status, headers, json } = await app.ask('/not-found');
    expect([status, headers.get('content-type')]).toEqual([404, 'application/json; charset=utf-8']);
    expect(json).toEqual({
      message: 'Not Found',
      error: 'Not Found',
      statusCode: 404,
      errorCode: 'not_found',
    });
  });
  it('the phoenix preset has the habits of Phoenix', async () => {
    await start({ preset: 'phoenix' });
    expect(await app.ask('/unauthorized')).toMatchObject({
      status: 403,
      json: { errors: { detail: 'Forbidden' } },
    });
    expect(await app.ask('/null')).toMatchObject({
      status: 401,
      json: { errors: { detail: 'Unauthorized' } },
    });
    expect(await app.ask('/null-as')).toMatchObject({ status: 410 });
    expect(await app.ask('/undefined')).toMatchObject({ status: 200 });
  });
  it('without the preset unauthorized is no word, and null no failure', async () => {
    await start({});
    expect(await app.ask('/unauthorized')).toMatchObject({ status: 500 });
    expect(await app.ask('/null')).toMatchObject({ status: 200 });
  });
  it('a preset leaves the dialect to be chosen', async () => {
    await start({ preset: 'phoenix', dialect: 'problem' });
    expect(await app.ask('/unauthorized')).toMatchObject({ status: 403, json: { code: 'forbidden' } });
  });
  it('a 500 has its id in every dialect, and nothing else', async () => {
    await start({ everything: true, preset: 'phoenix' });
    const { json } = await app.ask('/throws');
    expect(json).toEqual({ errors: { detail: 'Internal Server Error', id: expect.any(String) } });
  });
  it('validationFailure makes a ValidationPipe say which fields are wrong', async () => {
    await start({ dialect: 'phoenix' });
    const body = JSON.stringify({ email: 'x', address: { email: 'y' } });
    const answer = await app.ask('/sign-up', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(answer).toMatchObject({
      status: 422,
      json: { errors: { email: ['email must be an email'], 'address.email': ['email must be an email'] } },
    });
  });
  it('cookies of a failed handler go out only when they are to be kept', async () => {
    await start({ keepCookies: true });
    expect((await app.ask('/cookie')).headers.get('set-cookie')).toBe('session=open');
    await app.close();
    await start({});
    expect((await app.ask('/cookie')).headers.get('set-cookie')).toBeNull();
  });
});

describe.each(adapters)('on %s, what came before the handler', (_name, adapter) => {
  it('keeps its cookies', async () => {
    const app = await run(
      adapter,
      {},
      {
        controllers: [Routes],
        providers: [],
      },
    );
    app.server.prependListener('request', (_request, response) =>
      response.setHeader('set-cookie', ['csrf=1', 'seen=1']),
    );
    expect((await app.ask('/cookie')).headers.getSetCookie()).toEqual(['csrf=1', 'seen=1']);
    await app.close();
  });
});

describe('the pair', () => {
  const made = () => {
    const filter = new FallbackFilter({}, {} as ModuleRef);
    const broken = () => {
      throw new Error('broken');
    };
    const response = {
      isDestroyed: false,
      removeHeader: broken,
      destroy: () => void (response.isDestroyed = true),
    };
    const httpAdapter = {
      isHeadersSent: () => false,
      getRequestUrl: () => '/',
      getRequestMethod: () => 'GET',
    };
    Object.assign(filter, { httpAdapterHost: { httpAdapter }, logger: { error: broken } });
    const host = (type: string) =>
      ({
        getType: () => type,
        getArgByIndex: () => ({}),
        getHandler: () => made,
        getClass: () => Routes,
        switchToHttp: () => ({ getRequest: () => ({}), getResponse: () => response }),
      }) as unknown as ArgumentsHost;
    return { filter, host, response };
  };

  it('cuts the connection when nothing can be sent or logged, and does not throw', async () => {
    const { filter, host, response } = made();
    await expect(filter.catch(fail('gone'), host('http'))).resolves.toBeUndefined();
    expect(response.isDestroyed).toBe(true);
  });
  it('writes nothing where it does not know how', () => {
    const { filter, host } = made();
    expect(() => filter.catch(fail('gone'), host('carrier pigeon'))).toThrow(
      expect.objectContaining({ code: 'gone' }),
    );
  });
  it('finds failures where there is no HTTP', () => {
    const { filter, host } = made();
    const interceptor = new FallbackInterceptor({}, filter);
    const heard: unknown[] = [];
    const next = { handle: () => of({ fine: true }, { data: fail('gone') }) };
    interceptor.intercept(host('rpc') as never, next).subscribe({
      next: (value) => heard.push(value),
      error: (error) => heard.push(error),
    });
    expect(heard).toEqual([{ fine: true }, fail('gone')]);
  });
});
