import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { AuthModule, OptionsError, type Principal, Public } from 'nest-guardian';
import { ask } from '../support/ask.js';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';
import { companyTokens } from './company-tokens.js';

@Controller()
class Routes {
  @Public()
  @UseGuards(AuthGuard('jwt'))
  @Get('passport')
  passport(@Req() { user }: { user: Principal }) {
    return { id: user.id };
  }
}

function applicationOf(...passwords: readonly string[]) {
  const imports = passwords.map((password) => AuthModule.forRoot({ provider: companyTokens(password) }));
  @Module({ imports, controllers: [Routes] })
  class App {}
  return App;
}

describe.each(adapters)('several applications in one process, on %s', (adapter) => {
  const running: RunningApp[] = [];
  afterEach(async () => {
    for (const { close } of running.splice(0)) await close();
  });

  it('each judge by their own provider, behind Passport too', async () => {
    for (const password of ['one', 'other']) running.push(await startApp(applicationOf(password), adapter));
    const [one, other] = running as [RunningApp, RunningApp];
    const statusOf = async ({ url }: RunningApp, bearer: string) =>
      (await ask(`${url}/passport`, { bearer })).status;
    expect(await statusOf(one, 'one:ann')).toBe(200);
    expect(await statusOf(one, 'other:ann')).toBe(401);
    expect(await statusOf(other, 'other:ann')).toBe(200);
    expect(await statusOf(other, 'one:ann')).toBe(401);
  });

  it('import the module once each: twice in one is a mistake that is told at boot', async () => {
    const twice = startApp(applicationOf('one', 'other'), adapter);
    await expect(twice).rejects.toThrow(OptionsError);
    await expect(twice).rejects.toThrow('Import it once, in the root module');
  });
});
