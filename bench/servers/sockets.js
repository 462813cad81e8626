import 'reflect-metadata';
import { Module, UseGuards, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AuthGateway, AuthModule } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { report } from '../support/report.js';

const { kind, guard, url } = JSON.parse(process.argv[2]);

class Greeting {
  greet() {
    return { event: 'hello', data: { hello: 'world' } };
  }
}
const { prototype } = Greeting;
SubscribeMessage('hello')(prototype, 'greet', Object.getOwnPropertyDescriptor(prototype, 'greet'));
WebSocketGateway()(Greeting);
if (guard === 'ours') AuthGateway()(Greeting);

/** The least that Nest itself can be asked to do before and after a message. */
class Nothing {
  canActivate() {
    return true;
  }
  intercept(context, next) {
    return next.handle();
  }
}
if (guard === 'least') {
  UseGuards(Nothing)(Greeting);
  UseInterceptors(Nothing)(Greeting);
}

class Application {}
Module({
  imports:
    guard === 'ours'
      ? [AuthModule.forRoot({ provider: local({ database: url, password: { autoconfirm: true } }) })]
      : [],
  providers: [Greeting],
})(Application);

const app = await NestFactory.create(Application, new FastifyAdapter(), { logger: ['error', 'warn'] });
app.useWebSocketAdapter(kind === 'ws' ? new WsAdapter(app) : new IoAdapter(app));
await app.listen(0, '127.0.0.1');
report(app.getHttpServer().address().port, () => app.close());
