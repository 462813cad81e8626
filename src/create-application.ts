import { type INestApplication, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { validationFailure } from 'nest-guardian';
import { AppModule } from './app.module.js';

/** The application, ready to listen. */
export async function createApplication(): Promise<INestApplication> {
  const application = await NestFactory.create(AppModule, await httpAdapter());
  application.useGlobalPipes(new ValidationPipe({ whitelist: true, exceptionFactory: validationFailure }));
  // The page's script and style are files of their own. Plain HTTP is fine on a developer's machine.
  const directives = { styleSrc: "'self'", upgradeInsecureRequests: null };
  application.useSecurityHeaders({ contentSecurityPolicy: { directives } });
  application.enableShutdownHooks();
  return application;
}

async function httpAdapter() {
  if (process.env.GUARDIAN_HTTP === 'fastify') {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    return new FastifyAdapter();
  }
  const { ExpressAdapter } = await import('@nestjs/platform-express');
  return new ExpressAdapter();
}
