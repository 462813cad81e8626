import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, type MiddlewareConsumer, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import { AuthModule } from 'nest-guardian';
import { ask } from '../support/ask.js';
import { adapters, httpAdapter } from '../support/start-app.js';
import { companyTokens } from './company-tokens.js';

type Next = () => void;

@Controller()
class Routes {
  @Get('mine')
  mine() {
    return 'in';
  }
}

describe.each(adapters)('middleware of the host on %s', (adapter) => {
  let app: INestApplication;
  let url: string;
  let seen: string[];
  afterEach(() => app.close());

  const note = (name: string) => (_: unknown, __: unknown, next: Next) => {
    seen.push(name);
    next();
  };

  async function start(prepare: () => void): Promise<void> {
    @Module({ imports: [AuthModule.forRoot({ provider: companyTokens('x') })], controllers: [Routes] })
    class App {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply(note('of a module')).forRoutes('*path');
      }
    }
    seen = [];
    app = await NestFactory.create(App, httpAdapter(adapter), { logger: false });
    prepare();
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  }

  it('sees the requests of the API: limits, logs and headers of the host hold for them too', async () => {
    await start(() => {
      app.use(note('before'));
      if (adapter === 'express') app.use(express.json(), express.urlencoded({ extended: true }));
      app.use(note('after'));
    });
    for (const path of ['auth/v1/user', 'mine']) {
      seen = [];
      await ask(`${url}/${path}`);
      expect(seen).toEqual(['before', 'after', 'of a module']);
    }
  });

  it('reads no body of the API, so that what it would refuse is refused in GoTrue’s words', async () => {
    await start(() => {
      if (adapter === 'express') app.use(express.json({ limit: 10 }), express.text(), express.raw());
    });
    for (const body of ['{', `{"email":"${'a'.repeat(1_000)}"`]) {
      const answer = await ask(`${url}/auth/v1/signup`, { body });
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'bad_json' } });
    }
  });
});
