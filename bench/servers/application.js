import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AuthModule } from 'nest-guardian';
import { local } from 'nest-guardian/local';
import { report } from '../support/report.js';

const { adapter, isGuarded, url, shape, password = { autoconfirm: true } } = JSON.parse(process.argv[2]);

class Greeting {
  greet() {
    return { hello: 'world' };
  }
}
const { prototype } = Greeting;
Get('hello')(prototype, 'greet', Object.getOwnPropertyDescriptor(prototype, 'greet'));
Controller()(Greeting);

const provider = () =>
  local({
    database: url,
    tokens: { secret: 'nobody guesses these bytes, for the benchmark' },
    password,
    anonymous: { enabled: true },
  });
class Application {}
Module({
  imports: isGuarded ? [AuthModule.forRoot({ provider: provider(), ...shape })] : [],
  controllers: [Greeting],
})(Application);

const adapters = { express: ExpressAdapter, fastify: FastifyAdapter };
const app = await NestFactory.create(Application, new adapters[adapter](), { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
report(app.getHttpServer().address().port, () => app.close());
