import { Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { AuthModule } from 'nest-guardian';
import { authEntities, DatabaseClauses, prepareDatabase } from 'nest-guardian/local';
import { authProvider, keepsAccounts } from './auth-provider.js';
import { NotesModule } from './notes/notes.module.js';
import { PageController } from './page/page.controller.js';
import { GreetingController } from './profile/greeting.controller.js';
import { ProfileController } from './profile/profile.controller.js';
import { SignInController } from './profile/sign-in.controller.js';

/** One database for accounts and notes: PostgreSQL where there is a DATABASE_URL, embedded otherwise. */
const useFactory = async (): Promise<TypeOrmModuleOptions> => ({
  ...(await prepareDatabase({
    url: process.env.DATABASE_URL,
    migrations: keepsAccounts ? undefined : 'off',
  })),
  entities: keepsAccounts ? authEntities : [],
  autoLoadEntities: true,
  synchronize: true,
  retryAttempts: 0,
});

@Module({
  imports: [
    TypeOrmModule.forRootAsync({ useFactory }),
    AuthModule.forRoot({
      provider: authProvider,
      fallback: { everything: true, clauses: [DatabaseClauses] },
    }),
    NotesModule,
  ],
  controllers: [PageController, GreetingController, ProfileController, SignInController],
})
export class AppModule {}
