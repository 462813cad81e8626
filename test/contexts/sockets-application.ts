import { HttpException, Module } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { MessageBody, SubscribeMessage, WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import type { INestApplication } from '@nestjs/common';
import {
  Auth,
  AuthGateway,
  AuthModule,
  Clock,
  CurrentSession,
  CurrentToken,
  CurrentUser,
  fail,
  LiveSession,
  NullAs,
  OptionalAuth,
  principalOf,
  type ProviderChoice,
  Public,
  Roles,
  SessionWatch,
} from 'nest-guardian';
import { MovableClock } from 'nest-guardian/testing';
import { of, throwError } from 'rxjs';
import { type Adapter, httpAdapter } from '../support/start-app.js';
import type { SocketKindName } from './socket-client.js';

/** What the gateways of the application lived through. */
export const story: string[] = [];

interface Server {
  readonly clients?: Iterable<{ send(text: string): void }>;
  emit(event: string, data: unknown): void;
}

interface Person {
  readonly email?: string;
}

@AuthGateway()
@WebSocketGateway()
export class NotesGateway {
  @WebSocketServer() readonly server!: Server;

  handleConnection(client: object) {
    story.push(`came: ${(principalOf(client) as Person).email}`);
  }

  handleDisconnect(client: object) {
    story.push(`went: ${(principalOf(client) as Person).email}`);
  }

  @SubscribeMessage('who')
  who(@CurrentUser('email') email: string, @CurrentToken() token: string, @MessageBody() body: unknown) {
    story.push(`who: ${email}`);
    return { event: 'who', data: { email, token, body } };
  }

  @SubscribeMessage('session')
  session(@CurrentSession() id: string) {
    return { event: 'session', data: id };
  }

  @SubscribeMessage('count')
  count() {
    return 3;
  }

  @Roles('editor')
  @SubscribeMessage('edit')
  edit() {
    return { event: 'edit', data: 'edited' };
  }

  @LiveSession()
  @SubscribeMessage('live')
  live() {
    return { event: 'live', data: 'live' };
  }

  @Public()
  @SubscribeMessage('open')
  open(@CurrentUser('email') email: string | null) {
    return { event: 'open', data: { email } };
  }

  @SubscribeMessage('returned')
  returned() {
    return fail('gone', { since: 'monday' });
  }

  @SubscribeMessage('wrapped')
  wrapped() {
    return { event: 'wrapped', data: fail('gone', { since: 'monday' }) };
  }

  @SubscribeMessage('later')
  async later() {
    return fail('gone', { since: 'monday' });
  }

  @SubscribeMessage('streamed')
  streamed() {
    return of({ event: 'streamed', data: 1 }, { event: 'streamed', data: fail('gone', { since: 'monday' }) });
  }

  @SubscribeMessage('broken')
  broken() {
    return throwError(() => fail('gone', { since: 'monday' }));
  }

  @SubscribeMessage('thrown')
  thrown() {
    throw new HttpException({ message: 'It is gone', errorCode: 'gone', since: 'monday' }, 410);
  }

  @NullAs('not_found')
  @SubscribeMessage('nothing')
  nothing() {
    return null;
  }

  @SubscribeMessage('boom')
  boom() {
    throw new Error('the password is swordfish');
  }
}

class OpenGateway {
  @SubscribeMessage('who')
  who(@CurrentUser('email') email: string | null) {
    return { event: 'who', data: { email } };
  }

  @Roles('authenticated')
  @SubscribeMessage('mine')
  mine(@CurrentUser('email') email: string) {
    return { event: 'mine', data: { email } };
  }
}

@OptionalAuth()
@AuthGateway()
@WebSocketGateway({ path: '/optional' })
export class OptionalGateway extends OpenGateway {}

@Public()
@AuthGateway()
@WebSocketGateway({ path: '/public' })
export class PublicGateway extends OpenGateway {}

@Roles('editor')
@AuthGateway()
@WebSocketGateway({ path: '/editors' })
export class EditorsGateway {
  handleConnection() {
    story.push('an editor came');
  }
}

@AuthGateway()
@WebSocketGateway({ path: '/picky' })
export class PickyGateway {
  async handleConnection() {
    await Promise.resolve();
    return fail('locked');
  }

  @SubscribeMessage('who')
  who() {
    story.push('picky handler');
  }
}

export interface Sockets {
  readonly app: INestApplication;
  readonly url: string;
  readonly clock: MovableClock;
  readonly auth: Auth;
  readonly watch: SessionWatch;
  /** What was logged as an error. */
  readonly errors: string[];
  close(): Promise<void>;
}

const ofWs = [OptionalGateway, PublicGateway, EditorsGateway, PickyGateway];

/** An application with gateways, listening on a free port. */
export async function startSockets(
  provider: ProviderChoice,
  kind: SocketKindName,
  adapter: Adapter,
): Promise<Sockets> {
  @Module({ imports: [AuthModule.forRoot({ provider })], providers: [NotesGateway, ...ofWs] })
  class SocketsModule {}
  const clock = new MovableClock();
  const errors: string[] = [];
  const silent = (): void => undefined;
  const compiled = await Test.createTestingModule({ imports: [SocketsModule] })
    .overrideProvider(Clock)
    .useValue(clock)
    .setLogger({ log: silent, warn: silent, error: (...told) => void errors.push(told.join(' ')) })
    .compile();
  const app = compiled.createNestApplication(httpAdapter(adapter));
  app.useWebSocketAdapter(kind === 'ws' ? new WsAdapter(app) : new IoAdapter(app));
  await app.listen(0, '127.0.0.1');
  return {
    app,
    url: await app.getUrl(),
    clock,
    errors,
    auth: app.get(Auth),
    watch: app.get(SessionWatch),
    close: () => app.close(),
  };
}
