import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Recovery codes and accepted time steps, which are ours, and the index that a list of users needs. */
export class GuardianSecondFactors1790000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // GoTrue: its index worker makes this very index, under this name, on large tables.
    await runner.query(`
      CREATE TABLE auth.guardian_recovery_codes (
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        code_hash text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, code_hash)
      );

      CREATE TABLE auth.guardian_factor_steps (
        factor_id uuid PRIMARY KEY REFERENCES auth.mfa_factors (id) ON DELETE CASCADE,
        last_step bigint NOT NULL
      );

      CREATE INDEX IF NOT EXISTS idx_users_created_at_desc ON auth.users (created_at DESC)`);
  }

  /** Leaves the index: a GoTrue server may have made it. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.guardian_factor_steps, auth.guardian_recovery_codes');
  }
}
