import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { gotrue, type ProviderChoice } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { SocketDoor } from '../../libs/nest-guardian/src/contexts/socket-door.js';
import { ask } from '../support/ask.js';
import { adapters } from '../support/start-app.js';
import { openSocket, type Shown, type SocketClient, type SocketKindName } from './socket-client.js';
import { until } from '../support/until.js';
import { NotesGateway, type Sockets, startSockets, story } from './sockets-application.js';

const password = 'correct horse 9 battery';
const accounts = (): ProviderChoice => local({ database: ':memory:', password: { autoconfirm: true } });

interface Session {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_at: number;
  readonly user: { readonly id: string };
}

const kinds: readonly SocketKindName[] = ['ws', 'socket.io'];
const ways = kinds.flatMap((kind) => adapters.map((adapter) => ({ kind, adapter })));

describe.each(ways)('sockets of $kind on $adapter', ({ kind, adapter }) => {
  let served: Sockets;
  let ann: Session;
  const clients: SocketClient[] = [];

  const open = async (shown: Shown = {}): Promise<SocketClient> => {
    const client = await openSocket(kind, served.url, shown);
    clients.push(client);
    return client;
  };
  const signUp = async (email: string): Promise<Session> =>
    (await served.auth.signUp({ email, password })) as never;
  const signIn = async (email = 'ann@example.com'): Promise<Session> =>
    (await served.auth.signIn({ email, password })) as never;
  const asAnn = (shown: Shown = {}) => open({ bearer: ann.access_token, ...shown });
  const signOut = (session: Session, scope: string) =>
    ask(`${served.url}/auth/v1/logout?scope=${scope}`, { method: 'POST', bearer: session.access_token });
  const closing = (code: string, status: number) =>
    kind === 'ws' ? `${4000 + status} ${code}` : 'io server disconnect';
  const refusal = (code: string, status: number) => [
    'exception',
    expect.objectContaining({ code, status, message: expect.any(String) }),
  ];

  beforeAll(async () => {
    served = await startSockets(accounts(), kind, adapter);
    await signUp('ann@example.com');
    await signUp('bob@example.com');
    ann = await signIn();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await until(() => served.watch.size === 0 && served.app.get(SocketDoor).waiting.size === 0);
    story.length = 0;
  });
  afterAll(() => served.close());

  describe('at the door', () => {
    it('lets in whose handshake carries a good token in its Authorization header', async () => {
      const client = await asAnn();
      const [event, told] = await client.ask('who', { n: 1 });
      expect([event, told]).toEqual([
        'who',
        { email: 'ann@example.com', token: ann.access_token, body: { n: 1 } },
      ]);
      expect((await client.ask('session'))[1]).toEqual(expect.any(String));
      expect(story).toEqual(['came: ann@example.com', 'who: ann@example.com']);
    });

    it('lets in who authenticates in a first message, and tells until when', async () => {
      const client = await open();
      const told = await client.ask('authenticate', { access_token: ann.access_token });
      expect(told).toEqual(['authenticated', { expires_at: ann.expires_at }]);
      expect((await client.ask('who'))[1]).toMatchObject({ email: 'ann@example.com' });
      expect(story).toEqual(['came: ann@example.com', 'who: ann@example.com']);
    });

    it('keeps messages waiting while it is asked who comes, and hears them after handleConnection', async () => {
      const client = await open();
      client.send('authenticate', { access_token: ann.access_token });
      client.send('who');
      expect([await client.next(), await client.next()]).toMatchObject([
        ['authenticated', {}],
        ['who', { email: 'ann@example.com' }],
      ]);
      expect(story).toEqual(['came: ann@example.com', 'who: ann@example.com']);
    });

    it('refuses a bad token of the handshake, tells why and closes; the gateway hears of none of it', async () => {
      const client = await open({ bearer: 'no.token.at.all' });
      expect(await client.next()).toEqual(refusal('bad_jwt', 401));
      expect(await client.closed).toBe(closing('bad_jwt', 401));
      expect(story).toEqual([]);
    });

    it.each([
      { access_token: 'no.token' },
      { access_token: ['x'] },
      {},
      null,
      'text',
      { user: { id: 'admin' } },
    ])('refuses %j as a first message, and closes', async (data) => {
      const client = await open();
      client.send('authenticate', data);
      expect(await client.next()).toEqual([
        'exception',
        expect.objectContaining({ status: 401, code: expect.any(String) }),
      ]);
      await client.closed;
      expect(story).toEqual([]);
    });

    it.each(['who', 'open', 'returned'])('refuses the message %s before a token was shown', async (event) => {
      const client = await open();
      expect(await client.ask(event)).toEqual(refusal('no_authorization', 401));
      expect(story).toEqual([]);
    });

    it('closes who has shown no token in time, and nobody else', async () => {
      const inside = await asAnn();
      const client = await open();
      await until(() => served.app.get(SocketDoor).waiting.size === 1);
      served.clock.advance('4s');
      served.app.get(SocketDoor).waiting.look();
      expect(client.heard).toEqual([]);
      served.clock.advance('1s');
      served.app.get(SocketDoor).waiting.look();
      expect(await client.closed).toBe(closing('no_authorization', 401));
      expect((await inside.ask('open'))[0]).toBe('open');
    });

    it('reads no token from the query or a cookie', async () => {
      const query = `access_token=${ann.access_token}&token=${ann.access_token}`;
      const cookie = `access_token=${ann.access_token}; sb-access-token=${ann.access_token}`;
      const client = await open({ query, headers: { cookie } });
      expect(await client.ask('who')).toEqual(refusal('no_authorization', 401));
    });

    it('lets a stranger hear nothing that is sent to everybody', async () => {
      const stranger = await open();
      const known = await asAnn();
      await known.ask('open');
      await until(() => served.app.get(SocketDoor).waiting.size === 1);
      const { server } = served.app.get(NotesGateway);
      const tellAll = (data: string) => {
        const text = JSON.stringify({ event: 'news', data });
        if (server.clients) for (const client of server.clients) client.send(text);
        else server.emit('news', data);
      };
      tellAll('secret');
      expect(await known.next()).toEqual(['news', 'secret']);
      const told = await stranger.ask('authenticate', { access_token: ann.access_token });
      expect(told[0]).toBe('authenticated');
      tellAll('for both');
      expect(await stranger.next()).toEqual(['news', 'for both']);
      expect(stranger.heard).toHaveLength(2);
    });

    it('judges the connection by the decorators of the class', async () => {
      const client = await asAnn({ path: '/editors' });
      expect(await client.next()).toEqual(refusal('insufficient_role', 403));
      expect(await client.closed).toBe(closing('insufficient_role', 403));
      const { user } = await signUp('eve@example.com');
      await served.auth.updateUserById({ user_id: user.id, app_metadata: { roles: ['editor'] } } as never);
      const { access_token } = await signIn('eve@example.com');
      await open({ bearer: access_token, path: '/editors' });
      await until(() => story.includes('an editor came'));
      await served.auth.deleteUser({ user_id: user.id } as never);
    });

    it('closes whom handleConnection itself refuses, and no message is heard before', async () => {
      const client = await asAnn({ path: '/picky' });
      client.send('who');
      expect(await client.next()).toEqual(refusal('locked', 423));
      expect(await client.closed).toBe(closing('locked', 423));
      expect(story).toEqual([]);
    });

    it('lets strangers into an optional gateway, knows who shows a token, and refuses a bad one', async () => {
      const stranger = await open({ path: '/optional' });
      expect(await stranger.ask('who')).toEqual(['who', { email: null }]);
      expect(await stranger.ask('mine')).toEqual(refusal('no_authorization', 401));
      await stranger.ask('authenticate', { access_token: ann.access_token });
      expect(await stranger.ask('mine')).toEqual(['mine', { email: 'ann@example.com' }]);
      const bad = await open({ path: '/optional', bearer: 'bad.token' });
      expect(await bad.next()).toEqual(refusal('bad_jwt', 401));
      await bad.closed;
    });

    it('looks at no token of the handshake in a public gateway, and at one that is shown', async () => {
      const client = await open({ path: '/public', bearer: 'bad.token' });
      expect(await client.ask('who')).toEqual(['who', { email: null }]);
      await client.ask('authenticate', { access_token: ann.access_token });
      expect(await client.ask('mine')).toEqual(['mine', { email: 'ann@example.com' }]);
      expect(served.watch.size).toBe(1);
    });
  });

  describe('inside', () => {
    it('judges every message', async () => {
      const client = await asAnn();
      expect(await client.ask('edit')).toEqual(refusal('insufficient_role', 403));
      expect(await client.ask('live')).toEqual(['live', 'live']);
    });

    it('believes nothing that a message says of its sender', async () => {
      const client = await asAnn();
      const body = {
        user: { id: 'admin', email: 'eve' },
        headers: { authorization: 'Bearer x' },
        authorization: 'x',
      };
      expect((await client.ask('who', body))[1]).toMatchObject({ email: 'ann@example.com', body });
    });

    it('tells handlers that are public of nobody', async () => {
      const client = await asAnn();
      expect(await client.ask('open')).toEqual(['open', { email: null }]);
    });

    it.each(['returned', 'wrapped', 'later', 'broken', 'thrown'])(
      'tells a failure that is %s as an exception with its members',
      async (event) => {
        const client = await asAnn();
        const [heard, told] = await client.ask(event);
        const message = event === 'thrown' ? 'It is gone' : 'Gone';
        expect([heard, told]).toEqual(['exception', { code: 'gone', status: 410, message, since: 'monday' }]);
        expect((await client.ask('open'))[0]).toBe('open');
      },
    );

    it('tells what was emitted before a failure, and the failure', async () => {
      const client = await asAnn();
      expect([await client.ask('streamed'), await client.next()]).toEqual([
        ['streamed', 1],
        refusal('gone', 410),
      ]);
    });

    it('takes null for a failure where it is declared to be one', async () => {
      const client = await asAnn();
      expect(await client.ask('nothing')).toEqual(refusal('not_found', 404));
    });

    it('tells nothing of an error that nobody foresaw but its id, which the log has too', async () => {
      const client = await asAnn();
      const [, told] = await client.ask('boom');
      expect(told).toEqual({
        code: 'unknown',
        status: 500,
        message: 'Internal Server Error',
        id: expect.any(String),
      });
      expect(served.errors.join()).toContain((told as { id: string }).id);
      served.errors.length = 0;
    });
  });

  describe('authenticating again', () => {
    beforeEach(async () => {
      ann = await signIn();
    });

    it('prolongs by a newer token of the same person, which is the current one from then on', async () => {
      const client = await asAnn();
      await client.ask('open');
      served.clock.advance('10m');
      const newer: Session = (await served.auth.refresh({ refresh_token: ann.refresh_token })) as never;
      await client.ask('authenticate', { access_token: newer.access_token });
      served.clock.advance('8m');
      await served.watch.look();
      expect((await client.ask('who'))[1]).toMatchObject({ token: newer.access_token });
      expect(story.filter((line) => line.startsWith('came'))).toHaveLength(1);
    });

    it('refuses and closes as somebody else', async () => {
      const bob = await signIn('bob@example.com');
      const client = await asAnn();
      await client.ask('open');
      client.send('authenticate', { access_token: bob.access_token });
      client.send('who');
      expect(await client.next()).toEqual(refusal('no_authorization', 401));
      await client.closed;
      await until(() => story.includes('went: ann@example.com'));
      expect(story).toEqual(['came: ann@example.com', 'went: ann@example.com']);
    });
  });

  describe('ends', () => {
    beforeEach(async () => {
      ann = await signIn();
    });

    it('when the token expires', async () => {
      const client = await asAnn();
      await client.ask('open');
      served.clock.advance('16m');
      await served.watch.look();
      expect(await client.closed).toBe(closing('bad_jwt', 401));
      await until(() => story.includes('went: ann@example.com'));
    });

    it.each([
      ['its session ends', 'local'],
      ['the person signs out everywhere', 'global'],
    ])('at once when %s', async (_, scope) => {
      const client = await asAnn();
      await client.ask('open');
      await signOut(ann, scope);
      expect(await client.closed).toBe(closing('session_not_found', 401));
      expect(client.heard.at(-1)).toEqual(refusal('session_not_found', 401));
    });

    it('at once when the person is banned', async () => {
      const client = await asAnn();
      await client.ask('open');
      await served.auth.updateUserById({ user_id: ann.user.id, ban_duration: '1h' } as never);
      await client.closed;
      await served.auth.updateUserById({ user_id: ann.user.id, ban_duration: 'none' } as never);
      expect(client.heard.at(-1)?.[0]).toBe('exception');
    });

    it('not for the person’s other sessions', async () => {
      const phone = await signIn();
      const client = await open({ bearer: phone.access_token });
      await client.ask('open');
      await signOut(ann, 'local');
      expect((await client.ask('open'))[0]).toBe('open');
    });

    it('nothing remains of a socket that left', async () => {
      const client = await asAnn();
      await client.ask('open');
      expect(served.watch.size).toBe(1);
      client.close();
      await until(() => story.includes('went: ann@example.com'));
      expect(served.watch.size).toBe(0);
    });
  });
});

describe('sockets of socket.io', () => {
  let served: Sockets;
  let bearer: string;
  const clients: SocketClient[] = [];
  const open = async (shown: Shown = {}): Promise<SocketClient> => {
    const client = await openSocket('socket.io', served.url, shown);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    served = await startSockets(accounts(), 'socket.io', 'express');
    const session = await served.auth.signUp({ email: 'ann@example.com', password });
    bearer = (session as unknown as Session).access_token;
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => served.close());

  it.each(['token', 'access_token'])('are let in by auth.%s of the handshake', async (name) => {
    const client = await open({ auth: { [name]: bearer } });
    expect((await client.ask('who'))[1]).toMatchObject({ email: 'ann@example.com', token: bearer });
  });

  it('are refused with two tokens, and with one that is no text', async () => {
    for (const shown of [{ bearer, auth: { token: bearer } }, { auth: { token: { id: 1 } } }]) {
      const client = await open(shown);
      expect((await client.next())[1]).toMatchObject({ status: 401 });
      await client.closed;
    }
  });

  it('are answered in the acknowledgement where they asked for one: what is well, and what is not', async () => {
    const client = await open({ auth: { token: bearer } });
    expect(await client.emitWithAck('count', {})).toBe(3);
    const gone = { code: 'gone', status: 410, message: 'Gone', since: 'monday' };
    for (const event of ['returned', 'wrapped', 'later', 'broken'])
      expect(await client.emitWithAck(event, {})).toEqual(gone);
    expect(await client.emitWithAck('edit', {})).toMatchObject({ code: 'insufficient_role', status: 403 });
    expect(await client.emitWithAck('authenticate', { access_token: bearer })).toEqual({
      expires_at: expect.any(Number),
    });
    expect(await client.emitWithAck('authenticate', { access_token: 'x' })).toMatchObject({
      code: 'bad_jwt',
    });
  });
});

describe('sockets of a person who signs out everywhere', () => {
  it('close, all thousand of them', async () => {
    const served = await startSockets(accounts(), 'ws', 'fastify');
    const ann = (await served.auth.signUp({ email: 'ann@example.com', password })) as unknown as Session;
    const open = () => openSocket('ws', served.url, { bearer: ann.access_token });
    const clients: SocketClient[] = [];
    for (let n = 0; n < 10; n += 1) clients.push(...(await Promise.all(Array.from({ length: 100 }, open))));
    await until(() => served.watch.size === 1000);
    await ask(`${served.url}/auth/v1/logout?scope=global`, { method: 'POST', bearer: ann.access_token });
    const codes = await Promise.all(clients.map(({ closed }) => closed));
    expect(new Set(codes)).toEqual(new Set(['4401 session_not_found']));
    expect(served.watch.size).toBe(0);
    await served.close();
    story.length = 0;
  });

  it('close in another process within the minute', async () => {
    const there = await startSockets(accounts(), 'ws', 'express');
    const here = await startSockets(gotrue({ url: `${there.url}/auth/v1` }), 'ws', 'express');
    const ann = (await there.auth.signUp({ email: 'ann@example.com', password })) as unknown as Session;
    const client = await openSocket('ws', here.url, { bearer: ann.access_token });
    await client.ask('open');
    await here.watch.look();
    await ask(`${there.url}/auth/v1/logout?scope=global`, { method: 'POST', bearer: ann.access_token });
    here.clock.advance('55s');
    await here.watch.look();
    expect(await client.closed).toBe('4401 session_not_found');
    await here.close();
    await there.close();
  });
});
