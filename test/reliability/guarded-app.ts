import { Controller, Get, Module } from '@nestjs/common';
import {
  AuthModule,
  CurrentUser,
  LiveSession,
  OptionalAuth,
  PasswordHasher,
  type Principal,
  type ProviderChoice,
  Public,
} from 'nest-guardian';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { type Adapter, type RunningApp, startApp } from '../support/start-app.js';

export const secret = 'a secret of more than thirty-two bytes, for the specs';
export const password = 'correct horse 9 battery';

/** Fast, and tells right from wrong. */
export class PlainHasher extends PasswordHasher {
  hash = async (text: string): Promise<string> => `plain:${text}`;
  verify = async (text: string, hash: string | null): Promise<boolean> => hash === `plain:${text}`;
  canVerify = (hash: string): boolean => hash.startsWith('plain:');
  isOutdated = (): boolean => false;
}

@Controller()
class Pages {
  @Public()
  @Get('open')
  open() {
    return { open: true };
  }
  @Get('mine')
  mine(@CurrentUser() user: Principal) {
    return { id: user.id };
  }
  @LiveSession()
  @Get('live')
  live(@CurrentUser() user: Principal) {
    return { id: user.id };
  }
  @OptionalAuth()
  @Get('optional')
  optional(@CurrentUser() user: Principal | null) {
    return { id: user?.id ?? 'nobody' };
  }
}

type Change = (builder: TestingModuleBuilder) => TestingModuleBuilder;

/** An application with pages of its own behind the guard. */
export function startGuarded(
  provider: ProviderChoice,
  change: Change = (builder) => builder.overrideProvider(PasswordHasher).useValue(new PlainHasher()),
  adapter: Adapter = 'express',
): Promise<RunningApp> {
  @Module({ imports: [AuthModule.forRoot({ provider })], controllers: [Pages] })
  class Guarded {}
  return startApp(Guarded, adapter, change);
}
