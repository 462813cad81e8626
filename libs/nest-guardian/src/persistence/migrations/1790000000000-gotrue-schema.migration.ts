import type { MigrationInterface, QueryRunner } from 'typeorm';
import { factorsTables } from './gotrue-schema/factors-tables.migration.js';
import { oauthTables } from './gotrue-schema/oauth-tables.migration.js';
import { sessionsTables } from './gotrue-schema/sessions-tables.migration.js';
import { ssoTables } from './gotrue-schema/sso-tables.migration.js';
import { typesAndFunctions } from './gotrue-schema/types-and-functions.migration.js';
import { usersTables } from './gotrue-schema/users-tables.migration.js';
import { gotrueVersions } from './gotrue-schema/versions.migration.js';

/** Every table of GoTrue's `auth` schema, or nothing where a GoTrue server has made them already. */
export class GotrueSchema1790000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    if (await runner.hasTable('auth.schema_migrations')) return;
    for (const statements of [
      typesAndFunctions,
      usersTables,
      oauthTables,
      sessionsTables,
      factorsTables,
      ssoTables,
    ]) {
      await runner.query(statements);
    }
    await runner.query('INSERT INTO auth.schema_migrations (version) SELECT unnest($1::text[])', [
      gotrueVersions,
    ]);
  }

  /** Refuses: accounts are not dropped by undoing a migration. */
  async down(): Promise<void> {
    throw new Error('The tables of GoTrue hold accounts and are not dropped by a migration.');
  }
}
