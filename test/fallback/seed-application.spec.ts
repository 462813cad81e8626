import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Injectable, Param, Post, Put } from '@nestjs/common';
import { type Failure, fail } from '../../libs/nest-guardian/src/http/fallback/failure.js';
import { adapters, logged, run, type Running } from './harness.js';

interface Account {
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** The seed's context module: functions that return what was asked for, or why not. */
@Injectable()
class Accounts {
  private readonly passwords = new Map([['ada@example.com', 'correct horse']]);
  private readonly accounts = new Map<string, Account>([
    ['1', { id: '1', email: 'ada@example.com', name: 'Ada' }],
    ['2', { id: '2', email: 'root@example.com', name: 'Root' }],
  ]);

  signIn(email: string, password: string): { token: string } | Failure {
    return this.passwords.get(email) === password ? { token: 'signed' } : fail('invalid_credentials');
  }
  find(id: string): Account | Failure {
    if (id === '2') return fail('forbidden');
    return this.accounts.get(id) ?? fail('not_found');
  }
  rename(id: string, name: string): Account | Failure {
    const account = this.find(id);
    if ('kind' in account) return account;
    return name === '' ? fail.validation({ name: ["can't be blank"] }) : { ...account, name };
  }
}

@Controller()
class AccountsController {
  constructor(private readonly accounts: Accounts) {}
  @Post('sign-in') signIn(@Body() { email, password }: { email: string; password: string }) {
    return this.accounts.signIn(email, password);
  }
  @Get('accounts/:id') show(@Param('id') id: string) {
    return this.accounts.find(id);
  }
  @Put('accounts/:id') update(@Param('id') id: string, @Body() { name }: { name: string }) {
    return this.accounts.rename(id, name);
  }
  @Get('print') print() {
    return fail('out_of_paper');
  }
}

describe.each(adapters)("the seed's application, on %s", (_name, adapter) => {
  let app: Running;
  beforeAll(async () => {
    const metadata = { controllers: [AccountsController], providers: [Accounts] };
    app = await run(adapter, { everything: true, dialect: 'phoenix' }, metadata);
  });
  afterAll(() => app.close());
  beforeEach(() => void logged.splice(0));

  const send = (method: string, path: string, body: unknown) =>
    app.ask(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

  it('signs in who knows the password', async () => {
    const answer = await send('POST', '/sign-in', { email: 'ada@example.com', password: 'correct horse' });
    expect(answer).toMatchObject({ status: 201, json: { token: 'signed' } });
  });
  it('says the same to an unknown e-mail and to a wrong password: 401', async () => {
    const unknown = await send('POST', '/sign-in', { email: 'bob@example.com', password: 'correct horse' });
    const wrong = await send('POST', '/sign-in', { email: 'ada@example.com', password: 'wrong' });
    expect([unknown.status, unknown.text]).toEqual([401, '{"errors":{"detail":"Unauthorized"}}']);
    expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer');
  });
  it('answers a changeset with its fields: 422', async () => {
    const answer = await send('PUT', '/accounts/1', { name: '' });
    expect([answer.status, answer.json]).toEqual([422, { errors: { name: ["can't be blank"] } }]);
    expect(await send('PUT', '/accounts/1', { name: 'Lovelace' })).toMatchObject({ status: 200 });
  });
  it('answers what is not there: 404', async () => {
    expect(await app.ask('/accounts/3')).toMatchObject({
      status: 404,
      json: { errors: { detail: 'Not Found' } },
    });
  });
  it('answers what is not yours: 403', async () => {
    expect(await app.ask('/accounts/2')).toMatchObject({
      status: 403,
      json: { errors: { detail: 'Forbidden' } },
    });
  });
  it('outlives a value that no clause takes: 500 with an id, and one line in the log', async () => {
    const { status, json } = await app.ask('/print');
    const { errors } = json as { errors: { id: string } };
    expect([status, errors]).toEqual([500, { detail: 'Internal Server Error', id: errors.id }]);
    expect(logged).toEqual([expect.stringContaining(`${errors.id} GET /print `)]);
    expect((await app.ask('/accounts/1')).status).toBe(200);
  });
});
