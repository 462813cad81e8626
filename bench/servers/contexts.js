import 'reflect-metadata';
import { ApolloDriver } from '@nestjs/apollo';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { MessagePattern, Transport } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { AuthMessages, AuthModule } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { report } from '../support/report.js';

const { isGuarded, url, messagesPort } = JSON.parse(process.argv[2]);

const handler = (type, decorator) => {
  const { prototype } = type;
  decorator(prototype, 'hello', Object.getOwnPropertyDescriptor(prototype, 'hello'));
};

class Greetings {
  hello() {
    return 'world';
  }
}
handler(
  Greetings,
  Query(() => String),
);
Resolver()(Greetings);

class Messages {
  hello() {
    return { hello: 'world' };
  }
}
handler(Messages, MessagePattern('hello'));
Controller()(Messages);
if (isGuarded) AuthMessages()(Messages);

class Application {}
Module({
  imports: [
    ...(isGuarded
      ? [AuthModule.forRoot({ provider: local({ database: url, password: { autoconfirm: true } }) })]
      : []),
    GraphQLModule.forRoot({ driver: ApolloDriver, autoSchemaFile: true }),
  ],
  controllers: [Messages],
  providers: [Greetings],
})(Application);

const app = await NestFactory.create(Application, new ExpressAdapter(), { logger: ['error', 'warn'] });
app.connectMicroservice({ transport: Transport.TCP, options: { port: messagesPort, host: '127.0.0.1' } });
await app.startAllMicroservices();
await app.listen(0, '127.0.0.1');
report(app.getHttpServer().address().port, () => app.close());
