import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import {
  Args,
  Field,
  GraphQLModule,
  Mutation,
  ObjectType,
  Parent,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import {
  AuthModule,
  CurrentToken,
  CurrentUser,
  fail,
  OptionalAuth,
  type Principal,
  Public,
  RequireAal,
  Roles,
} from 'nest-guardian';
import { local } from 'nest-guardian/local';

@ObjectType()
class Note {
  @Field() text!: string;
  @Field(() => String, { nullable: true }) secret?: string;
}

/** Everybody's notes as they are written, and failures, which are told in their place. */
export class Written {
  readonly #hearers = new Set<(event: unknown) => void>();

  get hearers(): number {
    return this.#hearers.size;
  }

  write(event: unknown): void {
    for (const hear of this.#hearers) hear(event);
  }

  /** As `PubSub` makes them: whoever unsubscribes is forgotten at once. */
  all(): AsyncIterableIterator<unknown> {
    const events: unknown[] = [];
    let wake = (): void => undefined;
    let isOver = false;
    const hear = (event: unknown): void => {
      events.push(event);
      wake();
    };
    const forget = (): boolean => this.#hearers.delete(hear);
    this.#hearers.add(hear);
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      async next() {
        while (events.length === 0 && !isOver) await new Promise<void>((resolve) => (wake = resolve));
        if (isOver) return { done: true, value: undefined };
        const value = events.shift();
        if (value === 'break off') {
          forget();
          throw fail('gone', 'No more notes');
        }
        return { done: false, value };
      },
      return: async () => {
        isOver = true;
        forget();
        wake();
        return { done: true, value: undefined };
      },
    };
  }
}

@Resolver(() => Note)
class Notes {
  constructor(private readonly written: Written) {}

  @Query(() => String)
  me(@CurrentUser() user: Principal, @CurrentToken() token: string) {
    return `${user.email} ${token.length}`;
  }
  @Query(() => String)
  echo(
    @CurrentUser('email') email: string,
    @Args('user') user: string,
    @Args('authorization') authorization: string,
  ) {
    return `${email} ${user} ${authorization}`;
  }
  @Public()
  @Query(() => String)
  open(@CurrentUser() user: Principal | null) {
    return user === null ? 'nobody' : 'somebody';
  }
  @OptionalAuth()
  @Query(() => String)
  perhaps(@CurrentUser('email') email: string | null) {
    return email ?? 'nobody';
  }
  @Roles('service_role')
  @Query(() => String)
  purge() {
    return 'purged';
  }
  @RequireAal('aal2')
  @Query(() => String)
  vault() {
    return 'gold';
  }
  @Public()
  @Query(() => Note)
  note(): Note {
    return { text: 'milk' };
  }
  @ResolveField(() => String, { nullable: true })
  secret(@Parent() _: Note, @CurrentUser('email') email: string) {
    return `for ${email}`;
  }
  @Query(() => Note)
  missing() {
    return fail('not_found', 'No such note');
  }
  @Query(() => Note)
  wrapped() {
    return { text: fail('gone') };
  }
  @Query(() => String)
  broken(): string {
    throw new Error('the password is hunter2');
  }
  @Mutation(() => String)
  add(@Args('text') text: string, @CurrentUser('email') email: string) {
    this.written.write({ added: { text: `${text} of ${email}` } });
    return 'added';
  }
  @Subscription(() => Note)
  added() {
    return this.written.all();
  }
  @Public()
  @Subscription(() => Note, { name: 'addedForAll' })
  addedForAll() {
    return this.written.all();
  }
}

/** The notes of an application over GraphQL, fields and subscriptions included. */
@Module({
  imports: [
    AuthModule.forRoot({
      provider: local({ database: ':memory:', password: { autoconfirm: true } }),
      fallback: { everything: true },
    }),
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      fieldResolverEnhancers: ['guards', 'interceptors', 'filters'],
      subscriptions: { 'graphql-ws': true },
      allowBatchedHttpRequests: true,
    }),
  ],
  providers: [Notes, Written],
})
export class NotesApplication {}
