import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { Field, GraphQLModule, ObjectType, Query, Resolver, Subscription } from '@nestjs/graphql';
import fc from 'fast-check';
import { type Client, createClient } from 'graphql-ws';
import { of } from 'rxjs';
import { WebSocket } from 'ws';
import { AuthModule } from 'nest-guardian';
import { anyValue, hearEscaped, nasties } from '../fallback/values.js';
import { companyTokens } from '../module/company-tokens.js';
import { type RunningApp, startApp } from '../support/start-app.js';

let value: () => unknown = () => undefined;

/** No generator, which would await what it is to yield. */
const eventsOf = (makers: readonly (() => unknown)[]): AsyncIterableIterator<unknown> => {
  const left = [...makers];
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => ({ done: left.length === 0, value: left.shift()?.() }),
  };
};

@ObjectType()
class Thing {
  @Field({ nullable: true }) inner?: string;
}

@Resolver()
class Anything {
  @Query(() => Thing, { nullable: true }) returns() {
    return value();
  }
  @Query(() => [Thing], { nullable: true }) lists() {
    return [value()];
  }
  @Query(() => String, { nullable: true }) scalar() {
    return value();
  }
  @Query(() => Thing, { nullable: true }) emits() {
    return of(value());
  }
  @Query(() => Thing, { nullable: true }) throws() {
    throw value();
  }
  @Query(() => Number) alive() {
    return 1;
  }
  @Subscription(() => Thing, { nullable: true }) told() {
    return eventsOf([value, () => ({ told: value() }), () => ({ told: { inner: 'alive' } })]);
  }
  @Subscription(() => Thing, { nullable: true }) broken() {
    const thrown = () => {
      throw value();
    };
    return eventsOf([() => ({ broken: { inner: 'alive' } }), thrown]);
  }
  @Subscription(() => Thing, { nullable: true }) refused() {
    throw value();
  }
  @Subscription(() => Thing, { nullable: true }) never() {
    return value();
  }
}

@Module({
  imports: [
    AuthModule.forRoot({ provider: companyTokens('pw'), guard: false, fallback: { everything: true } }),
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      subscriptions: { 'graphql-ws': true },
    }),
  ],
  providers: [Anything],
})
class Application {}

describe('over GraphQL', () => {
  const { escaped, stop } = hearEscaped();
  let running: RunningApp;
  let client: Client;

  beforeAll(async () => {
    running = await startApp(Application);
    const url = `${running.url.replace('http', 'ws')}/graphql`;
    client = createClient({ url, webSocketImpl: WebSocket, lazy: false, retryAttempts: 0 });
  });
  afterAll(async () => {
    stop();
    await client.dispose();
    await running.close();
  });

  const ask = async (query: string) => {
    const response = await fetch(`${running.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(5000),
    });
    return JSON.stringify(await response.json());
  };
  /** Every event until the subscription ends, and what ended it. */
  const subscribe = async (field: string) => {
    const events: unknown[] = [];
    try {
      const query = `subscription { ${field} { inner } }`;
      for await (const event of client.iterate({ query })) events.push(event);
    } catch (errors) {
      if (!Array.isArray(errors)) throw errors;
      events.push(errors);
    }
    return JSON.stringify(events);
  };

  const requireAnswers = async (make: () => unknown) => {
    value = make;
    // What GraphQL reads off a value when it has it is not the pair's to tell.
    const query = '{ returns { inner } lists { inner } scalar emits { inner } alive }';
    expect(await ask(query)).toContain('"alive":1');
    expect(await subscribe('told')).not.toBe('[]');
    expect(await subscribe('broken')).toContain('alive');
    for (const answer of [
      await ask('{ throws { inner } }'),
      await subscribe('refused'),
      await subscribe('never'),
    ]) {
      expect(answer).toContain('"status":');
      expect(answer).not.toContain('boom');
    }
    expect(escaped).toEqual([]);
  };

  it.each(nasties.map((make, index) => [index, make] as const))('nasty %i is answered', (_index, make) =>
    requireAnswers(make),
  );

  it('no value whatever makes the pair throw, or leaves anybody without an answer', async () => {
    await fc.assert(fc.asyncProperty(anyValue(), requireAnswers), { numRuns: 50 });
  });
});
