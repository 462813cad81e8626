import { afterEach, describe, expect, it } from '@jest/globals';
import { type INestApplication, Module, type Type } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { SubscribeMessage, WebSocketGateway, WebSocketServer, WsException } from '@nestjs/websockets';
import { Auth, AuthGateway, AuthModule, AuthProvider, Roles } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { io, type Socket } from 'socket.io-client';
import { httpAdapter } from '../support/start-app.js';
import { openSocket, type SocketKindName } from './socket-client.js';

interface Session {
  readonly access_token: string;
  readonly user: { readonly id: string };
}

let app: INestApplication;
let url: string;
let ann: Session;

/** An application with these gateways, and Ann. */
async function start(kind: SocketKindName, ...gateways: readonly Type[]): Promise<void> {
  const provider = local({ database: ':memory:', password: { autoconfirm: true } });
  @Module({ imports: [AuthModule.forRoot({ provider })], providers: [...gateways] })
  class SocketsModule {}
  const silent = (): void => undefined;
  const compiled = await Test.createTestingModule({ imports: [SocketsModule] })
    .setLogger({ log: silent, warn: silent, error: silent })
    .compile();
  app = compiled.createNestApplication(httpAdapter('express'));
  app.useWebSocketAdapter(kind === 'ws' ? new WsAdapter(app) : new IoAdapter(app));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  const account = { email: 'ann@example.com', password: 'correct horse 9 battery' };
  ann = (await app.get(Auth).signUp(account)) as never;
}

afterEach(() => app.close());

const asAnn = (kind: SocketKindName) => openSocket(kind, url, { bearer: ann.access_token });

describe('a gateway that refuses a connection with a status that there is not', () => {
  it('closes it all the same', async () => {
    @AuthGateway()
    @WebSocketGateway()
    class Odd {
      handleConnection() {
        throw new WsException({ status: 4001, code: 'odd', message: 'No' });
      }
    }
    await start('ws', Odd);
    const client = await asAnn('ws');
    expect(await client.closed).toBe('4500 unknown');
  });
});

describe('namespaces of one connection', () => {
  @AuthGateway()
  @WebSocketGateway({ namespace: 'notes' })
  class Notes {
    @SubscribeMessage('who')
    who() {
      return 'notes';
    }
  }
  @Roles('editor')
  @AuthGateway()
  @WebSocketGateway({ namespace: 'editors' })
  class Editors {}

  it('are refused each by itself', async () => {
    await start('socket.io', Notes, Editors);
    const auth = { token: ann.access_token };
    const notes: Socket = io(`${url}/notes`, { auth, reconnection: false });
    const editors = notes.io.socket('/editors', { auth });
    const refused = new Promise((resolve) => editors.on('disconnect', resolve));
    editors.connect();
    expect(await refused).toBe('io server disconnect');
    expect(await notes.timeout(1000).emitWithAck('who')).toBe('notes');
    notes.close();
  });
  it('leave no connection behind that is in none', async () => {
    await start('socket.io', Notes, Editors);
    const editors = io(`${url}/editors`, { auth: { token: ann.access_token }, reconnection: false });
    const over = new Promise((resolve) => editors.io.on('close', resolve));
    await over;
  });
});

describe('a stranger', () => {
  it('holds up nobody who waits until what is sent to everybody has been sent', async () => {
    @AuthGateway()
    @WebSocketGateway()
    class News {
      @WebSocketServer() readonly server!: {
        readonly clients: Iterable<{ send(text: string, done?: () => void): void }>;
      };
    }
    await start('ws', News);
    const stranger = await openSocket('ws', url);
    const [there] = app.get(News).server.clients;
    await new Promise<void>((resolve) => there?.send('"news"', resolve));
    expect(stranger.heard).toEqual([]);
    stranger.close();
  });
});

describe('while it is asked who comes', () => {
  @AuthGateway()
  @WebSocketGateway()
  class Notes {
    @SubscribeMessage('who')
    who() {
      return { event: 'who', data: 1 };
    }
  }
  /** Lets nobody be told who comes before the answer is given. */
  async function holdAnswer(): Promise<() => void> {
    await start('ws', Notes);
    const provider = app.get(AuthProvider);
    const confirm = provider.confirmSession;
    const held = new Promise<void>((resolve) => (release = resolve));
    provider.confirmSession = async (principal) => held.then(() => confirm.call(provider, principal));
    return release;
  }
  let release = (): void => {};

  it('a hundred messages wait, and no more', async () => {
    const answer = await holdAnswer();
    const client = await asAnn('ws');
    for (let n = 0; n < 150; n += 1) client.send('who');
    for (let n = 0; n < 50; n += 1) expect((await client.next())[1]).toMatchObject({ status: 429 });
    answer();
    for (let n = 0; n < 100; n += 1) expect(await client.next()).toEqual(['who', 1]);
    client.close();
  });
  it('who shows one token after the other is sent away', async () => {
    const answer = await holdAnswer();
    const client = await openSocket('ws', url);
    for (let n = 0; n < 150; n += 1) client.send('authenticate', { access_token: ann.access_token });
    expect(await client.closed).toBe('4429 over_request_rate_limit');
    answer();
  });
});
