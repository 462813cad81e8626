import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where signing keys are kept that `nest-guardian keys rotate` makes. Ours; no GoTrue server looks at it. */
export class GuardianSigningKeys1790000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.guardian_signing_keys (
        kid text PRIMARY KEY,
        algorithm text NOT NULL,
        jwk text NOT NULL,
        created_at timestamptz NOT NULL,
        signs_from timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth.guardian_signing_keys');
  }
}
