import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientProxy } from '@nestjs/microservices';
import {
  Announcements,
  Auth,
  AuthError,
  AuthProvider,
  commonConditions,
  messageFailed,
  withBearer,
} from 'nest-guardian';
import { lastValueFrom } from 'rxjs';
import { until } from '../support/until.js';
import { heard, type Messaging, Notes, shapes, startMessaging } from './messages-application.js';

const password = 'correct horse 9 battery';
const hasRedis = Boolean(process.env.TEST_REDIS_URL);

const ways = [
  ...shapes.map((shape) => ({ shape, transport: 'TCP' as const })),
  { shape: 'hybrid' as const, transport: 'Redis' as const },
];

describe.each(ways)('messages over $transport, $shape', ({ shape, transport }) => {
  if (transport === 'Redis' && !hasRedis) {
    it.skip('(no TEST_REDIS_URL)', () => {});
    return;
  }
  let served: Messaging;
  let ours: ClientProxy;
  let anybodys: ClientProxy;
  let bearer: string;
  const failed: unknown[] = [];

  const send = (pattern: string, data: unknown, client = ours): Promise<unknown> =>
    lastValueFrom(client.send(pattern, data)).catch((refusal: unknown) => ({ refusal }));
  const asAnn = (pattern: string, data: unknown = {}) => send(pattern, withBearer(bearer, data));
  const signUp = async (email: string) =>
    (await served.get(Auth).signUp({ email, password })) as {
      access_token: string;
      user: { id: string };
    };

  beforeAll(async () => {
    served = await startMessaging(shape, transport);
    ours = served.client(true);
    anybodys = served.client(false);
    bearer = (await signUp('ann@example.com')).access_token;
    served.get(Announcements).on(messageFailed, (what) => failed.push(what));
  });
  afterAll(() => served.close());
  afterEach(() => {
    failed.length = 0;
    heard.length = 0;
    served.errors.length = 0;
  });

  it('are let in by the token of their envelope, and the handler gets the data alone', async () => {
    const data = { text: 'milk' };
    expect(await asAnn('notes.mine', data)).toEqual({ of: 'ann@example.com', data });
    expect(await asAnn('notes.token')).toBe(bearer);
  });
  it.each([0, '', false, 'text', 7, [1, 2], { deep: { a: null } }])('carry %j as it is', async (data) =>
    expect(await asAnn('notes.mine', data)).toEqual({ of: 'ann@example.com', data }),
  );
  it('show the token to nobody who handles them', async () => {
    const { visible } = (await asAnn('notes.seen', { text: 'milk' })) as { visible: string };
    expect(visible).not.toContain(bearer);
  });
  it('without a token are refused with a code', async () => {
    const refusal = { code: 'no_authorization', status: 401, message: expect.any(String) };
    expect(await send('notes.mine', {})).toEqual({ refusal });
    expect(await send('notes.mine', {}, anybodys)).toEqual({ refusal });
  });
  it('with a bad token are refused with a code', async () => {
    const [head, body] = bearer.split('.');
    for (const bad of [`${head}.${body}.x`, 'x', `Bearer ${bearer}`]) {
      expect(await send('notes.mine', withBearer(bad, {}))).toMatchObject({
        refusal: { code: 'bad_jwt', status: 401 },
      });
    }
  });
  it.each([
    { user: { id: 'admin', role: 'service_role' } },
    { headers: { authorization: 'Bearer x' } },
    { authorization: 'Bearer x', access_token: 'x' },
    { metadata: { access_token: 'x' }, req: { user: { id: 'admin' } } },
  ])('gain nothing by what their payload says of who sends them: %j', async (claims) => {
    const withToken = JSON.parse(JSON.stringify(claims).replaceAll('"x"', JSON.stringify(bearer)));
    for (const data of [claims, withToken]) {
      expect(await send('notes.mine', data, anybodys)).toMatchObject({ refusal: { status: 401 } });
      expect(await asAnn('notes.mine', data)).toEqual({ of: 'ann@example.com', data });
      expect(await send('notes.open', data, anybodys)).toEqual({ user: null, data });
    }
  });
  it('which are open to anybody need neither token nor serializer', async () => {
    expect(await send('notes.open', 'x', anybodys)).toEqual({ user: null, data: 'x' });
  });
  it.each([
    ['notes.missing', { code: 'not_found', status: 404, message: 'No such note' }],
    ['notes.wrapped', { code: 'gone', status: 410, message: 'Gone' }],
    ['notes.purge', { code: 'insufficient_role', status: 403, message: expect.any(String) }],
    ['notes.secret', { code: 'insufficient_aal', status: 403, message: expect.any(String) }],
    ['notes.index', { status: 401, code: expect.any(String), message: expect.any(String) }],
  ])('are answered with the coded error of what went wrong: %s', async (pattern, refusal) =>
    expect(await asAnn(pattern)).toEqual({ refusal }),
  );
  it('tell nothing of an error that nobody foresaw', async () => {
    const answer = await asAnn('notes.broken');
    expect(answer).toMatchObject({ refusal: { code: 'unknown', status: 500 } });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(served.errors.filter((line) => line.includes('hunter2'))).toHaveLength(1);
  });
  it('may be answered by a stream, which may fail', async () => {
    expect(await asAnn('notes.streamed', true)).toBe('good');
    expect(await asAnn('notes.streamed', false)).toMatchObject({
      refusal: { code: 'conflict', status: 409 },
    });
  });
  it('are let in by the token of a service where a profile is asked for, and by no person’s', async () => {
    const { token } = await served.get(Notes).tokens.issue({ id: 'billing' });
    expect(await send('notes.index', withBearer(token, {}))).toBe('billing');
    expect(await send('notes.mine', withBearer(token, {}))).toMatchObject({ refusal: { status: 401 } });
  });
  it('that nobody answers reach their handler with who sent them', async () => {
    ours.emit('notes.changed', withBearer(bearer, { id: 7 }));
    await until(() => heard.length > 0);
    expect(heard).toEqual([{ email: 'ann@example.com', data: { id: 7 } }]);
    expect(failed).toEqual([]);
  });
  it('that nobody answers are logged and counted where they fail, once, and without the payload', async () => {
    anybodys.emit('notes.changed', { note: 'the password is hunter2' });
    ours.emit('notes.failing', withBearer(bearer, {}));
    await until(() => failed.length > 1);
    expect(failed).toHaveLength(2);
    expect(failed).toContainEqual({ pattern: 'notes.changed', code: 'no_authorization', status: 401 });
    expect(failed).toContainEqual({ pattern: 'notes.failing', code: 'locked', status: 423 });
    expect(heard).toEqual([]);
    expect(served.errors).toHaveLength(2);
    expect(served.errors.join()).not.toMatch(/hunter2|eyJ/);
  });
  it('of an ended session are refused at once', async () => {
    const { access_token } = await signUp('bob@example.com');
    expect(await send('notes.mine', withBearer(access_token, 1))).toMatchObject({ of: 'bob@example.com' });
    await served.get(Auth).signOut({ scope: 'global' }, { bearer: access_token, isSystem: false });
    expect(await send('notes.mine', withBearer(access_token, 1))).toMatchObject({ refusal: { status: 401 } });
  });
  it('are refused with 503 while nobody can be asked, and let in again after', async () => {
    const { access_token } = await signUp('cleo@example.com');
    const provider = served.get(AuthProvider);
    const confirm = provider.confirmSession;
    const away = new AuthError(commonConditions.databaseUnavailable);
    provider.confirmSession = () => Promise.reject(away);
    try {
      expect(await send('notes.mine', withBearer(access_token, 1))).toMatchObject({
        refusal: { status: 503 },
      });
    } finally {
      provider.confirmSession = confirm;
    }
    expect(await send('notes.mine', withBearer(access_token, 1))).toMatchObject({ of: 'cleo@example.com' });
  });
});

describe('withBearer', () => {
  it('refuses what is no token, rather than sending an anonymous message', () => {
    for (const token of ['', undefined, null, 7])
      expect(() => withBearer(token as never, {})).toThrow(TypeError);
  });
  it('lets no client without the serializer send the token as data', () => {
    expect(() => JSON.stringify(withBearer('secret', {}))).toThrow('BearerSerializer');
  });
});
