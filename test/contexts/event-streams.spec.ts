import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, Sse } from '@nestjs/common';
import { Auth, AuthModule, Clock, OptionalAuth, SessionWatch } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { MovableClock } from 'nest-guardian/testing';
import { NEVER, of, concat } from 'rxjs';
import { ask } from '../support/ask.js';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';

@Controller()
class Feed {
  @Sse('feed')
  feed() {
    return concat(of({ data: 'hello' }), NEVER);
  }
  @OptionalAuth()
  @Sse('news')
  news() {
    return concat(of({ data: 'hello' }), NEVER);
  }
}

@Module({
  imports: [
    AuthModule.forRoot({ provider: local({ database: ':memory:', password: { autoconfirm: true } }) }),
  ],
  controllers: [Feed],
})
class Application {}

describe.each(adapters)('a stream of events on %s', (adapter) => {
  let running: RunningApp;
  const clock = new MovableClock();
  const watch = () => running.app.get(SessionWatch);
  const account = { email: 'ann@example.com', password: 'correct horse 9 battery' };
  const signIn = async () =>
    ((await running.app.get(Auth).signIn(account)) as { access_token: string }).access_token;

  /** Opens one, and says when it is over. */
  async function open(path: string, bearer?: string) {
    const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const leaving = new AbortController();
    const { status, body } = await fetch(`${running.url}/${path}`, { headers, signal: leaving.signal });
    const reader = body?.getReader();
    await reader?.read();
    const over = (async () => {
      for (;;) if ((await reader?.read())?.done) return 'over';
    })().catch(() => 'over');
    return { status, over, leave: () => leaving.abort() };
  }

  beforeAll(async () => {
    running = await startApp(Application, adapter, (builder) =>
      builder.overrideProvider(Clock).useValue(clock),
    );
    await running.app.get(Auth).signUp(account);
  });
  afterAll(() => running.close());

  it('ends with the session that opened it', async () => {
    const bearer = await signIn();
    const { over } = await open('feed', bearer);
    await ask(`${running.url}/auth/v1/logout`, { method: 'POST', bearer });
    expect(await over).toBe('over');
    expect(watch().size).toBe(0);
  });
  it('does not outlive the token', async () => {
    const { over } = await open('feed', await signIn());
    clock.advance('16m');
    await watch().look();
    expect(await over).toBe('over');
  });
  it('is watched no more when its reader leaves, and never where nobody is known', async () => {
    const stranger = await open('news');
    expect(watch().size).toBe(0);
    stranger.leave();
    const { leave } = await open('feed', await signIn());
    expect(watch().size).toBe(1);
    leave();
    while (watch().size > 0) await new Promise((resolve) => void setTimeout(resolve, 3));
  });
});
