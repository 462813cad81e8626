import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { AuthModule, Public } from 'nest-guardian';
import { DatabaseClauses } from 'nest-guardian/local';
import { QueryFailedError } from 'typeorm';
import { ask } from '../support/ask.js';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';
import { companyTokens } from './company-tokens.js';

const failing = (code: string) =>
  new QueryFailedError(
    'SELECT secret',
    ['secret'],
    Object.assign(new Error(`failed with ${code}`), { code }),
  );

@Public()
@Controller()
class Routes {
  @Get('refused')
  refused() {
    throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });
  }
  @Get('shut-down')
  shutDown() {
    throw failing('57P01');
  }
  @Get('nul')
  nul() {
    throw failing('22021');
  }
  @Get('mistake')
  mistake() {
    throw failing('42P01');
  }
}

@Module({
  imports: [
    AuthModule.forRoot({
      provider: companyTokens('swordfish'),
      fallback: { everything: true, clauses: [DatabaseClauses] },
    }),
  ],
  controllers: [Routes],
})
class App {}

describe.each(adapters)('an application with tables of its own, on %s', (adapter) => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp(App, adapter);
  });
  afterAll(() => running.close());

  it.each([
    ['refused', 503],
    ['shut-down', 503],
    ['nul', 400],
    ['mistake', 500],
  ])('answers %s with %i and quotes nothing', async (path, status) => {
    const answer = await ask(`${running.url}/${path}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.has('retry-after')).toBe(status === 503);
    expect(JSON.stringify(answer.body)).not.toMatch(/SELECT|secret|5432|failed with/);
  });
});
