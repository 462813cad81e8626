import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens of identity providers, where an option says that they are kept. Ours; GoTrue does not look. */
export class GuardianIdpTokens1790000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.guardian_idp_tokens (
        identity_id uuid PRIMARY KEY REFERENCES auth.identities (id) ON DELETE CASCADE,
        access_token text NOT NULL,
        refresh_token text,
        updated_at timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.guardian_idp_tokens');
  }
}
