import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Auth, AuthError, AuthProvider, Clock, commonConditions, fail, SessionWatch } from 'nest-guardian';
import { MovableClock } from 'nest-guardian/testing';
import { type Client, createClient, type ExecutionResult } from 'graphql-ws';
import { WebSocket } from 'ws';
import { adapters, type RunningApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { NotesApplication, Written } from './graphql-application.js';

const password = 'correct horse 9 battery';

describe.each(adapters)('GraphQL on %s', (adapter) => {
  let running: RunningApp;
  let bearer: string;
  const clock = new MovableClock();
  const get = <T>(token: abstract new (...args: never[]) => T): T =>
    running.app.get(token, { strict: false });

  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    // Answers are whatever the server says; the laws judge them.
    // oxlint-disable-next-line typescript/no-explicit-any
    return (await response.json()) as any;
  };
  const asked = (query: string, token?: string) =>
    post({ query }, token === undefined ? {} : { authorization: `Bearer ${token}` });
  const extensionsOf = (answer: { errors?: { extensions: object; message: string; path: string[] }[] }) =>
    answer.errors?.map(({ extensions, message }) => ({ ...extensions, message }));
  const signUp = async (email: string) =>
    (await get(Auth).signUp({ email, password })) as { access_token: string; user: { id: string } };

  interface Heard {
    readonly client: Client;
    readonly events: ExecutionResult[];
    readonly end: Promise<{ readonly code?: number; readonly reason?: string } | 'complete'>;
    stop(): void;
  }

  function subscribe(query: string, connectionParams?: Record<string, unknown>): Heard {
    const events: ExecutionResult[] = [];
    const url = `${running.url.replace('http', 'ws')}/graphql`;
    const client = createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
    let stop = (): void => undefined;
    const end = new Promise<{ code?: number } | 'complete'>((resolve) => {
      stop = client.subscribe(
        { query },
        {
          next: (event) => void events.push(event as ExecutionResult),
          error: (error) => {
            // Errors of an operation are events that end it.
            if (Array.isArray(error)) events.push({ errors: error } as ExecutionResult);
            resolve(Array.isArray(error) ? 'complete' : (error as { code?: number }));
          },
          complete: () => resolve('complete'),
        },
      );
    });
    return { client, events, end, stop };
  }
  const asAnn = (query: string) => subscribe(query, { authorization: `Bearer ${bearer}` });
  const hearing = async (heard: Heard, count = 1) => {
    await until(() => get(Written).hearers === count);
    return heard;
  };

  beforeAll(async () => {
    running = await startApp(NotesApplication, adapter, (builder) =>
      builder.overrideProvider(Clock).useValue(clock),
    );
    bearer = (await signUp('ann@example.com')).access_token;
  });
  afterAll(() => running.close());

  it('lets queries and mutations in by the header, and says who asks', async () => {
    expect(await asked('{ me }', bearer)).toEqual({ data: { me: `ann@example.com ${bearer.length}` } });
    expect(await asked('mutation { add(text: "milk") }', bearer)).toEqual({ data: { add: 'added' } });
  });
  it('refuses without a token, and with a bad one, by code', async () => {
    expect(extensionsOf(await asked('{ me }'))).toEqual([
      expect.objectContaining({ code: 'no_authorization', status: 401 }),
    ]);
    expect(extensionsOf(await asked('mutation { add(text: "milk") }', 'x'))).toEqual([
      expect.objectContaining({ code: 'bad_jwt', status: 401 }),
    ]);
  });
  it('lets anybody in where that is said, and those without a token where they may', async () => {
    expect(await asked('{ open perhaps }')).toEqual({ data: { open: 'nobody', perhaps: 'nobody' } });
    expect(await asked('{ perhaps }', bearer)).toEqual({ data: { perhaps: 'ann@example.com' } });
    expect(extensionsOf(await asked('{ perhaps }', 'x'))).toHaveLength(1);
  });
  it.each([
    ['purge', 'insufficient_role', 403],
    ['vault', 'insufficient_aal', 403],
    ['missing { text }', 'not_found', 404],
    ['wrapped { text }', 'gone', 410],
  ])('answers %s with the code of the failure', async (field, code, status) => {
    const answer = await asked(`{ ${field} }`, bearer);
    expect(extensionsOf(answer)).toEqual([expect.objectContaining({ code, status })]);
    expect(answer.data).toBeNull();
  });
  it('guards a field of what is open, and leaves the rest of the answer', async () => {
    const answer = await asked('{ note { text secret } }');
    expect(answer.data).toEqual({ note: { text: 'milk', secret: null } });
    expect(extensionsOf(answer)).toEqual([expect.objectContaining({ code: 'no_authorization' })]);
    expect((await asked('{ note { secret } }', bearer)).data).toEqual({
      note: { secret: 'for ann@example.com' },
    });
  });
  it('tells nothing of an error that nobody foresaw', async () => {
    const answer = await asked('{ broken }', bearer);
    expect(extensionsOf(answer)).toEqual([expect.objectContaining({ code: 'unknown', status: 500 })]);
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|graphql-application/);
  });
  it('gains nobody anything by what variables, extensions or names say of them', async () => {
    const query =
      'query($user: String!, $authorization: String!) { echo(user: $user, authorization: $authorization) }';
    const variables = { user: 'admin', authorization: `Bearer ${bearer}` };
    const body = { query, variables, extensions: { headers: { authorization: `Bearer ${bearer}` } } };
    expect(extensionsOf(await post({ ...body, user: { id: 'admin' }, authorization: bearer }))).toEqual([
      expect.objectContaining({ code: 'no_authorization' }),
    ]);
  });
  it('judges every operation of a batch by itself', async () => {
    const batch = [{ query: '{ me }' }, { query: '{ open }' }];
    const [refused, open] = await post(batch);
    expect(extensionsOf(refused)).toHaveLength(1);
    expect(open).toEqual({ data: { open: 'nobody' } });
  });
  it('asks the provider once for all fields of a query', async () => {
    const { access_token } = await signUp('crowd@example.com');
    const provider = get(AuthProvider);
    const confirm = provider.confirmSession;
    let questions = 0;
    provider.confirmSession = (principal) => {
      questions += 1;
      return confirm.call(provider, principal);
    };
    await asked('{ a: me b: me c: me d: me }', access_token);
    provider.confirmSession = confirm;
    expect(questions).toBe(1);
  });
  it('refuses with 503 while nobody can be asked', async () => {
    const { access_token } = await signUp('away@example.com');
    const provider = get(AuthProvider);
    const confirm = provider.confirmSession;
    provider.confirmSession = () => Promise.reject(new AuthError(commonConditions.databaseUnavailable));
    const answer = await asked('{ me }', access_token);
    provider.confirmSession = confirm;
    expect(extensionsOf(answer)).toEqual([expect.objectContaining({ status: 503 })]);
  });

  describe('a subscription', () => {
    afterEach(() => until(() => get(Written).hearers === 0));

    it.each([{ authorization: 1 }, undefined, {}, { user: { id: 'admin' } }, { authorization: 'Bearer x' }])(
      'is refused with connection parameters %j',
      async (parameters) => {
        const heard = subscribe('subscription { added { text } }', parameters as never);
        expect(await heard.end).toBe('complete');
        expect(extensionsOf(heard.events[0] as never)).toEqual([expect.objectContaining({ status: 401 })]);
        await heard.client.dispose();
      },
    );
    it.each(['authorization', 'Authorization'])('is let in by the parameter %s', async (name) => {
      const params = { [name]: `Bearer ${bearer}` };
      const heard = await hearing(subscribe('subscription { added { text } }', params));
      await asked('mutation { add(text: "milk") }', bearer);
      await until(() => heard.events.length > 0);
      expect(heard.events).toEqual([{ data: { added: { text: 'milk of ann@example.com' } } }]);
      heard.stop();
      await until(() => get(Written).hearers === 0);
      await heard.client.dispose();
    });
    it('tells of an event that is a failure, and goes on', async () => {
      const heard = await hearing(asAnn('subscription { added { text } }'));
      get(Written).write(fail('conflict'));
      get(Written).write({ added: fail('locked') });
      get(Written).write({ added: { text: 'bread' } });
      await until(() => heard.events.length > 2);
      expect(extensionsOf(heard.events[0] as never)).toEqual([expect.objectContaining({ code: 'conflict' })]);
      expect(extensionsOf(heard.events[1] as never)).toEqual([expect.objectContaining({ code: 'locked' })]);
      expect(heard.events[2]).toEqual({ data: { added: { text: 'bread' } } });
      await heard.client.dispose();
    });
    it('tells why its events break off', async () => {
      const heard = await hearing(asAnn('subscription { added { text } }'));
      get(Written).write('break off');
      expect(await heard.end).toBe('complete');
      expect(extensionsOf(heard.events[0] as never)).toEqual([
        expect.objectContaining({ code: 'gone', message: 'No more notes' }),
      ]);
      await heard.client.dispose();
    });
    it('does not outlive the token', async () => {
      const { access_token } = await signUp('short@example.com');
      const heard = await hearing(
        subscribe('subscription { added { text } }', { authorization: `Bearer ${access_token}` }),
      );
      clock.advance('16m');
      await get(SessionWatch).look();
      expect(await heard.end).toMatchObject({ code: 4401, reason: 'bad_jwt' });
      await until(() => get(Written).hearers === 0);
    });
    it('does not outlive the session, however many there are on how many connections', async () => {
      const { access_token } = await signUp('out@example.com');
      const params = { authorization: `Bearer ${access_token}` };
      const all = [1, 2, 3].map(() => subscribe('subscription { added { text } }', params));
      const open = await hearing(subscribe('subscription { addedForAll { text } }'), 4);
      await get(Auth).signOut({ scope: 'global' }, { bearer: access_token, isSystem: false });
      for (const heard of all) expect(await heard.end).toMatchObject({ code: 4401 });
      await until(() => get(Written).hearers === 1);
      await open.client.dispose();
      expect(get(SessionWatch).size).toBe(0);
    });
    it('is not watched where its connection closed while it was asked who subscribes', async () => {
      const { access_token } = await signUp('hasty@example.com');
      const before = get(SessionWatch).size;
      let answer = (): void => undefined;
      const asking = jest.spyOn(get(AuthProvider), 'confirmSession');
      asking.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
      const params = { authorization: `Bearer ${access_token}` };
      const { client } = subscribe('subscription { added { text } }', params);
      const closed = new Promise((resolve) => client.on('closed', resolve));
      await until(() => asking.mock.calls.length > 0);
      await client.dispose();
      await closed;
      const follow = jest.spyOn(get(SessionWatch), 'watch');
      answer();
      await until(() => follow.mock.calls.length > 0);
      jest.restoreAllMocks();
      expect(get(SessionWatch).size).toBe(before);
    });
    it('is watched no more when its connection closes', async () => {
      const { access_token } = await signUp('gone@example.com');
      const params = { authorization: `Bearer ${access_token}` };
      const heard = await hearing(subscribe('subscription { added { text } }', params), 1);
      expect(get(SessionWatch).size).toBe(1);
      await heard.client.dispose();
      await until(() => get(SessionWatch).size === 0);
    });
  });
});
