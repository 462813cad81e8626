import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, Module, type ModuleMetadata, Scope, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import {
  AccessGuard,
  AllowAal1,
  AuthGateway,
  AuthMessages,
  AuthModule,
  type AuthModuleShape,
  BearerSerializer,
  FreshAuth,
  LiveSession,
  OptionalAuth,
  Public,
  RequireAal,
  Roles,
  UseProfile,
  withBearer,
} from 'nest-guardian';
import { lastValueFrom } from 'rxjs';
import { companyTokens } from '../module/company-tokens.js';

type Kind = 'http' | 'ws' | 'hybrid' | 'microservice';

function applicationOf(parts: ModuleMetadata, shape: AuthModuleShape) {
  const auth = AuthModule.forRoot({ provider: companyTokens('open sesame'), passport: false, ...shape });
  @Module({ ...parts, imports: [auth, ...(parts.imports ?? [])] })
  class Application {}
  return Application;
}

const tcp = { transport: Transport.TCP, options: { port: 0, host: '127.0.0.1' } } as const;

/** Starts it as `main.ts` would, and says what it was refused for; `null` where it started. */
async function refusalOf(
  kind: Kind,
  parts: ModuleMetadata,
  shape: AuthModuleShape = {},
): Promise<string | null> {
  const quiet = { logger: false, abortOnError: false } as const;
  const application = applicationOf(parts, shape);
  try {
    if (kind === 'microservice') {
      const app = await NestFactory.createMicroservice<MicroserviceOptions>(application, {
        ...tcp,
        ...quiet,
      });
      await app.listen();
      await app.close();
      return null;
    }
    const app = await NestFactory.create(application, quiet);
    if (kind === 'ws') app.useWebSocketAdapter(new WsAdapter(app));
    if (kind === 'hybrid') app.connectMicroservice<MicroserviceOptions>(tcp);
    await app.listen(0, '127.0.0.1').finally(() => app.close());
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

@WebSocketGateway()
class NotesGateway {
  handleConnection() {}
  @SubscribeMessage('add')
  onAdd(note: unknown) {
    return note;
  }
}

@Controller()
class NotesMessages {
  @MessagePattern('notes.add')
  onAdd(note: unknown) {
    return note;
  }
  @EventPattern('notes.added')
  onAdded(note: unknown) {
    return note;
  }
}

describe('an application with a gateway', () => {
  it.each(['http', 'ws', 'microservice'] as const)(
    'that was forgotten does not start, and is told what to write (%s)',
    async (kind) => {
      const refusal = await refusalOf(kind, { providers: [NotesGateway] });
      expect(refusal).toMatch(/- NotesGateway\.onAdd: would be open .* Write @AuthGateway\(\) on the class/);
      expect(refusal).toMatch(/- NotesGateway\.handleConnection: /);
    },
  );
  it.each(['http', 'ws'] as const)('that is guarded, or open by its own word, starts (%s)', async (kind) => {
    @AuthGateway()
    @WebSocketGateway()
    class Guarded extends NotesGateway {}
    @Public()
    @AuthGateway()
    @WebSocketGateway({ path: '/open' })
    class Open {}
    expect(await refusalOf(kind, { providers: [Guarded, Open] })).toBeNull();
  });
  it('that is made anew for each socket does not start: messages could come before their sender', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerSocket {}
    @AuthGateway()
    @WebSocketGateway()
    class Guarded {
      constructor(readonly perSocket: PerSocket) {}
    }
    const refusal = await refusalOf('ws', { providers: [Guarded, PerSocket] });
    expect(refusal).toContain('- Guarded: is made anew for each socket');
  });
  it('that has no handlers yet is named by its class', async () => {
    @WebSocketGateway()
    class Silent {}
    expect(await refusalOf('ws', { providers: [Silent] })).toContain('- Silent: would be open');
  });
  it('whose messages alone are guarded does not start: anybody could connect', async () => {
    @UseGuards(AccessGuard)
    @WebSocketGateway()
    class Bound extends NotesGateway {}
    expect(await refusalOf('ws', { providers: [Bound] })).toContain('- Bound.handleConnection: ');
  });
  it('that inherits its guard starts, unless it takes connections past it', async () => {
    @AuthGateway()
    @WebSocketGateway()
    class Guarded {
      handleConnection() {}
    }
    class Heir extends Guarded {}
    class Overriding extends Guarded {
      override handleConnection() {}
    }
    class Leaving extends Guarded {
      handleDisconnect() {}
    }
    @AuthGateway()
    @WebSocketGateway()
    class Assigning {
      handleConnection = () => {};
    }
    expect(await refusalOf('ws', { providers: [Heir] })).toBeNull();
    expect(await refusalOf('ws', { providers: [Overriding] })).toContain('- Overriding.handleConnection: ');
    expect(await refusalOf('ws', { providers: [Leaving] })).toContain('- Leaving.handleDisconnect: ');
    expect(await refusalOf('ws', { providers: [Assigning] })).toMatch(
      /- Assigning\.handleConnection: .* Write it as a method/,
    );
  });
});

describe('an application with message handlers', () => {
  it('that were forgotten beside HTTP does not start, and is told what to write', async () => {
    const refusal = await refusalOf('hybrid', { controllers: [NotesMessages] });
    for (const name of ['onAdd', 'onAdded'])
      expect(refusal).toMatch(
        new RegExp(`- NotesMessages\\.${name}: .* Write @AuthMessages\\(\\) on the class`),
      );
  });
  it('is refused before a microservice could listen, though that is started first', async () => {
    const application = applicationOf({ controllers: [NotesMessages] }, {});
    const creating = NestFactory.create(application, { logger: false, abortOnError: false });
    await expect(creating).rejects.toThrow('NotesMessages.onAdd');
  });
  it('that are guarded starts, by the decorator or by the guard alone', async () => {
    @AuthMessages()
    @Controller()
    class Decorated extends NotesMessages {}
    @UseGuards(AccessGuard)
    @Controller()
    class Bound extends NotesMessages {}
    expect(await refusalOf('hybrid', { controllers: [Decorated, Bound] })).toBeNull();
  });
  it('and no HTTP starts as it is, since the guard of the application holds there', async () => {
    const application = applicationOf({ controllers: [NotesMessages] }, {});
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(application, {
      ...tcp,
      logger: false,
    });
    await app.listen();
    const { port } = app.unwrap<Server>().address() as AddressInfo;
    const options = { port, host: '127.0.0.1', serializer: new BearerSerializer() };
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
    try {
      const send = (data: unknown): Promise<unknown> => lastValueFrom(client.send('notes.add', data));
      await expect(send('milk')).rejects.toMatchObject({ code: 'no_authorization', status: 401 });
      expect(await send(withBearer('open sesame:ann', 'milk'))).toBe('milk');
    } finally {
      await client.close();
      await app.close();
    }
  });
});

describe('an application with guarded fields', () => {
  @Resolver('Note')
  class Notes {
    @Query('note')
    note() {}
    @Roles('editor')
    @ResolveField('secret')
    secret() {}
  }
  const graphql = (fieldResolverEnhancers?: 'guards'[]) =>
    GraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      useFactory: async () => ({
        typeDefs: 'type Note { secret: String } type Query { note: Note }',
        fieldResolverEnhancers,
      }),
    });
  const parts = (enhancers?: 'guards'[]) => ({ imports: [graphql(enhancers)], providers: [Notes] });

  it('does not start where GraphQL asks no guard for them', async () => {
    const refusal = await refusalOf('http', parts());
    expect(refusal).toMatch(/- Notes\.secret: .* fieldResolverEnhancers: \['guards'\]/);
    expect(refusal).not.toContain('Notes.note');
  });
  it('starts where it does', async () => expect(await refusalOf('http', parts(['guards']))).toBeNull());
});

describe('an application', () => {
  @Controller()
  class Contradicting {
    @Public()
    @Roles('editor')
    @Get('a')
    roles() {}
    @Public()
    @UseProfile('devices')
    @Get('b')
    profile() {}
    @OptionalAuth()
    @RequireAal('aal2')
    @Get('c')
    aal() {}
    @OptionalAuth()
    @Roles('editor')
    @Get('d')
    optionalRoles() {}
    @UseProfile('devices')
    @FreshAuth('10m')
    @Get('e')
    fresh() {}
    @AllowAal1()
    @RequireAal('aal2')
    @Get('f')
    both() {}
  }
  it.each([true, false])('with contradictory decorators does not start (guard: %s)', async (guard) => {
    const refusal = await refusalOf('http', { controllers: [Contradicting] }, { guard });
    for (const name of ['roles', 'profile', 'aal', 'optionalRoles', 'fresh', 'both'])
      expect(refusal).toContain(`- Contradicting.${name}: has both @`);
  });
  it('with contradictory decorators on a class, or for connections, does not start', async () => {
    @Public()
    @LiveSession()
    @Controller()
    class Live {}
    @AuthGateway()
    @WebSocketGateway()
    class Connected {
      @Public()
      @Roles('editor')
      handleConnection() {}
    }
    const refusal = await refusalOf('ws', { controllers: [Live], providers: [Connected] });
    expect(refusal).toContain('- Live: has both @Public() and @LiveSession()');
    expect(refusal).toContain('- Connected.handleConnection: has both @Public() and @Roles(...)');
  });
  it('whose handlers say otherwise than their class starts', async () => {
    @Public()
    @Controller()
    class Fine {
      @OptionalAuth()
      @LiveSession()
      @Get('a')
      optional() {}
      @Roles('editor')
      @Get('b')
      roles() {}
    }
    expect(await refusalOf('http', { controllers: [Fine] })).toBeNull();
  });
  it('with decorators that protect nothing does not start', async () => {
    @Injectable()
    class Helper {
      @Roles('editor')
      erase() {}
    }
    @AuthGateway()
    @Injectable()
    class NoGateway {}
    const refusal = await refusalOf('http', { providers: [Helper, NoGateway] });
    expect(refusal).toMatch(/- Helper\.erase: has @Roles\(\.\.\.\), which protects nothing/);
    expect(refusal).toContain('- NoGateway: has @AuthGateway() and is no gateway');
  });
  it('hears of all faults at once', async () => {
    const parts = { controllers: [NotesMessages, Contradicting], providers: [NotesGateway] };
    const refusal = await refusalOf('hybrid', parts);
    for (const name of ['NotesMessages.onAdd', 'Contradicting.roles', 'NotesGateway.onAdd'])
      expect(refusal).toContain(`- ${name}: `);
  });
  it('is told so in the words that the guide shows', async () => {
    @WebSocketGateway()
    class NotesGateway {
      @SubscribeMessage('add')
      onAdd(note: unknown) {
        return note;
      }
    }
    @Controller()
    class NotesController {
      @EventPattern('added')
      onAdded(note: unknown) {
        return note;
      }
    }
    const refusal = await refusalOf('hybrid', { controllers: [NotesController], providers: [NotesGateway] });
    const [first, ...lines] = (refusal ?? '').split('\n');
    const guide = readFileSync(new URL('../../docs/contexts.md', import.meta.url), 'utf8');
    for (const line of [first, ...lines]) expect(guide).toContain(line);
    expect(lines).toHaveLength(2);
  });
  it('that wants no guard is asked for none', async () => {
    const parts = { controllers: [NotesMessages], providers: [NotesGateway] };
    expect(await refusalOf('hybrid', parts, { guard: false })).toBeNull();
  });
});
