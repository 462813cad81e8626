import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is sent to people: secrets under way, how often, and the messages themselves. Ours; GoTrue does not look. */
export class GuardianMessages1790000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE auth.guardian_one_time_secrets (
        user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
        slot text NOT NULL,
        kind text NOT NULL,
        address text NOT NULL,
        link_hash text NOT NULL,
        code_hash text NOT NULL,
        is_contested boolean NOT NULL DEFAULT false,
        attempts int NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, slot)
      );
      CREATE UNIQUE INDEX guardian_one_time_secrets_link_hash_key ON auth.guardian_one_time_secrets (link_hash);
      CREATE INDEX guardian_one_time_secrets_address_idx ON auth.guardian_one_time_secrets (address);

      CREATE TABLE auth.guardian_limits (
        key text PRIMARY KEY,
        count int NOT NULL,
        window_ends_at timestamptz NOT NULL
      );
      CREATE INDEX guardian_limits_window_ends_at_idx ON auth.guardian_limits (window_ends_at);

      CREATE TABLE auth.guardian_outbox (
        id uuid PRIMARY KEY,
        channel text NOT NULL,
        kind text NOT NULL,
        recipient text NOT NULL,
        payload text,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        next_attempt_at timestamptz NOT NULL,
        attempts int NOT NULL DEFAULT 0,
        last_error text,
        died_at timestamptz
      );
      CREATE INDEX guardian_outbox_next_attempt_at_idx ON auth.guardian_outbox (next_attempt_at)
        WHERE died_at IS NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE auth.guardian_outbox, auth.guardian_limits, auth.guardian_one_time_secrets',
    );
  }
}
